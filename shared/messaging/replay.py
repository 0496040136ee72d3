"""An operator's second try of a dead letter, and of what is parked behind it; and giving one up.

All of it is read, applied and cleared in one transaction, which meets the consumer's in the partition's offset
document: what the consumer parks at the same moment is either seen here, or finds its key free.
"""

from collections import defaultdict
from collections.abc import Sequence

from shared.kernel.errors import NotFound, Poison
from shared.messaging.batch import Fenced, pass_fence
from shared.messaging.dead_letters import DeadLetters, as_record
from shared.messaging.events import Event, decode
from shared.messaging.projection import Poll, Projection
from shared.storage.mongo import Document, MongoFault, Session
from shared.storage.store import Store


async def replay(store: Store, letters: DeadLetters, projections: Sequence[Projection], letter_id: str) -> int:
    """Applies the dead letter and what is parked behind it; says how many events took effect.

    Raises ``Poison`` where the record still cannot be read or handled, or where an older dead letter of its key comes
    first, and ``Fenced`` in the moment in which a rebuild takes the projection's place; all then stays as it was.
    """

    async def attempt(session: Session) -> int:
        letter = await _letter(letters, letter_id, session)
        await pass_fence(store, letter, session)
        if not await letters.is_first(letter, session):
            raise Poison("behind-an-older-dead-letter")
        parked = await letters.parked_behind(letter, session)
        count = await _apply(store, projections, [letter, *parked], session)
        await letters.clear(letter, parked, session)
        return count

    return await store.mongo.transaction(attempt)


async def discard(store: Store, letters: DeadLetters, projections: Sequence[Projection], letter_id: str) -> int:
    """Gives the dead letter up; what is parked behind it is applied. Says how many events that were.

    Where they cannot be applied, the first of them is the key's dead letter from now on. Where an older dead letter
    of the key is there, they wait behind that one.
    """

    async def attempt(session: Session) -> str | None:
        letter = await _letter(letters, letter_id, session)
        await pass_fence(store, letter, session)
        parked = await letters.parked_behind(letter, session) if await letters.is_first(letter, session) else []
        # The first parked event takes the dead letter's place, so that one way applies them all.
        await letters.clear(letter, parked[:1], session)
        if not parked:
            return None
        head: Document = {**parked[0], "reason": "parked", "at": store.clock()}
        await store.mongo.runtime()["dead_letters"].insert_one(head, session=session)
        return str(head["_id"])

    first = await store.mongo.transaction(attempt)
    return 0 if first is None else await replay(store, letters, projections, first)


async def _apply(store: Store, projections: Sequence[Projection], rows: list[Document], session: Session) -> int:
    events: dict[str, list[Event]] = defaultdict(list)
    for row in rows:
        event = decode(row["topic"], as_record(row))
        if isinstance(event, Event):
            if not await store.is_served(event.city):
                raise Poison("city-unknown")
            events[row["topic"]].append(event)
    poll = Poll(store.mongo, session, store.clock())
    try:
        for projection in projections:
            if events[projection.topic.name]:
                await projection.apply(poll, events[projection.topic.name])
    except (MongoFault, Fenced):
        raise
    except Exception as fault:
        raise Poison("handler-failed") from fault
    await poll.store_reactions()
    return sum(len(found) for found in events.values())


async def _letter(letters: DeadLetters, letter_id: str, session: Session) -> Document:
    letter = await letters.show(letter_id, session)
    if letter is None:
        raise NotFound("dead-letter-not-found")
    return letter

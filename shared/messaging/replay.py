"""An operator's second try of a dead letter, and of what is parked behind it; and giving one up."""

from collections import defaultdict
from collections.abc import Sequence

from shared.kernel.errors import NotFound
from shared.messaging.batch import pass_fence
from shared.messaging.dead_letters import DeadLetters, as_record
from shared.messaging.events import Event, decode
from shared.messaging.projection import Poll, Projection
from shared.storage.mongo import Document, Session
from shared.storage.store import Store


async def replay(store: Store, letters: DeadLetters, projections: Sequence[Projection], letter_id: str) -> int:
    """Applies the dead letter and what is parked behind it; says how many events took effect.

    Raises ``Poison`` where the record still cannot be read, and ``Fenced`` in the moment in which a rebuild takes the
    projection's place; everything then stays as it was.
    """
    letter = await _letter(letters, letter_id)
    parked = await letters.parked_behind(letter)
    events: dict[str, list[Event]] = defaultdict(list)
    for row in [letter, *parked]:
        event = decode(row["topic"], as_record(row))
        if isinstance(event, Event):
            events[row["topic"]].append(event)

    async def attempt(session: Session) -> None:
        await pass_fence(store, letter, session)
        poll = Poll(store.mongo, session, store.clock())
        for projection in projections:
            if events[projection.topic.name]:
                await projection.apply(poll, events[projection.topic.name])
        await poll.store_reactions()
        await letters.clear(letter, parked, session)

    await store.mongo.transaction(attempt)
    return sum(len(found) for found in events.values())


async def discard(store: Store, letters: DeadLetters, projections: Sequence[Projection], letter_id: str) -> int:
    """Gives the dead letter up; what is parked behind it is applied. Says how many events that were."""
    letter = await _letter(letters, letter_id)
    parked = await letters.parked_behind(letter)
    if not parked:

        async def attempt(session: Session) -> None:
            await letters.clear(letter, [], session)

        await store.mongo.transaction(attempt)
        return 0

    # The first parked event takes the dead letter's place, so that one way applies them all.
    async def promote(session: Session) -> None:
        await letters.clear(letter, parked[:1], session)
        head: Document = {**parked[0], "reason": "parked", "at": store.clock(), "expires": letter["expires"]}
        await store.mongo.runtime()["dead_letters"].insert_one(head, session=session)

    await store.mongo.transaction(promote)
    return await replay(store, letters, projections, parked[0]["_id"])


async def _letter(letters: DeadLetters, letter_id: str) -> Document:
    letter = await letters.show(letter_id)
    if letter is None:
        raise NotFound("dead-letter-not-found")
    return letter

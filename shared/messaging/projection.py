"""Projections: what a service keeps of the events it listens to. Highest sequence wins; gaps and repeats are normal."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shared.contracts.base import Contract
from shared.contracts.catalog import Topic
from shared.messaging.events import Event
from shared.storage.mongo import Collection, Document, Mongo, ReplaceOne, Session

Keep = Callable[[Contract], Document]
Mark = Callable[[Document | None, Event], Document]
"""What a tombstone's mark keeps, of the stored document (``None`` for absent) and of the tombstone."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """A command that an event asks for; run afterwards, with the event's id as its idempotency key."""

    name: str
    payload: Mapping[str, Any]


React = Callable[[Document | None, Document | None], Sequence[Reaction]]


@dataclass(slots=True)
class Poll:
    """One transaction over all cities in which a poll's events are applied.

    ``session`` is ``None`` where nobody reads yet what is written, so that no transaction is needed.
    """

    mongo: Mongo
    session: Session | None
    moment: datetime
    reactions: list[Document] = field(default_factory=list)

    def collection(self, city: str, name: str) -> Collection:
        """A projection's collection in one city's database."""
        return self.mongo.city(city)[name]

    def react(self, event: Event, reaction: Reaction) -> None:
        """Asks for a command to be run after this transaction; the same event asks once."""
        row: Document = {
            "_id": f"{event.id}:{reaction.name}",
            "name": reaction.name,
            "city": event.city,
            "payload": dict(reaction.payload),
            "tries": 0,
            "due": self.moment,
        }
        self.reactions.append({**row, "trace": event.trace} if event.trace else row)

    async def store_reactions(self) -> None:
        """Writes what was asked for; the last statement of the transaction, once all events are applied."""
        rows = self.mongo.runtime()["reactions"]
        for row in self.reactions:
            await rows.replace_one({"_id": row["_id"]}, row, upsert=True, session=self.session)


class Projection(Protocol):
    """Applies events of one topic inside a poll's transaction; may be given the same events again."""

    @property
    def topic(self) -> Topic: ...

    @property
    def collection(self) -> str: ...

    async def apply(self, poll: Poll, events: Sequence[Event]) -> None:
        """Raises ``Retry`` for: the same batch again later. Anything else it raises is a fault of a record."""


def keep_all(state: Contract) -> Document:
    """The whole contract."""
    return state.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Mirror:
    """Keeps the newest state of each aggregate as ``{_id, sequence, erased, …}``; a tombstone leaves a mark.

    The mark keeps the sequence, so that a late duplicate of an older version brings nobody back, and ``mark``'s part.
    ``react`` compares the stored with the new document; ``None`` stands for absent or erased.
    """

    topic: Topic
    collection: str
    keep: Keep = keep_all
    react: React | None = None
    mark: Mark | None = None

    async def apply(self, poll: Poll, events: Sequence[Event]) -> None:
        """See ``Projection.apply``."""
        cities: dict[str, dict[str, Event]] = defaultdict(dict)
        for event in events:
            known = cities[event.city].get(event.key)
            if known is None or known.sequence < event.sequence:
                cities[event.city][event.key] = event
        for city, newest in cities.items():
            await self._apply_city(poll, poll.collection(city, self.collection), newest)

    async def _apply_city(self, poll: Poll, collection: Collection, newest: Mapping[str, Event]) -> None:
        wanted = {"_id": {"$in": list(newest)}}
        fields = None if self.react or self.mark else {"sequence": 1}
        stored = {row["_id"]: row async for row in collection.find(wanted, fields, session=poll.session)}
        fresh: list[Document] = []
        changed: list[ReplaceOne[Document]] = []
        for key, event in newest.items():
            old = stored.get(key)
            if old is not None and old["sequence"] >= event.sequence:
                continue
            new = self._document(event, old)
            if old is None:
                fresh.append(new)
            else:
                changed.append(ReplaceOne({"_id": key}, new))
            self._react(poll, event, old, new)
        # Inserts apart: they are most of what comes, and as operations of a bulk each would cost twice as much here.
        if fresh:
            await collection.insert_many(fresh, ordered=False, session=poll.session)
        if changed:
            await collection.bulk_write(changed, ordered=False, session=poll.session)

    def _document(self, event: Event, old: Document | None) -> Document:
        head: Document = {"_id": event.key, "sequence": event.sequence, "erased": event.state is None}
        if event.state is not None:
            return {**self.keep(event.state), **head}
        return head if self.mark is None else {**self.mark(old, event), **head}

    def _react(self, poll: Poll, event: Event, old: Document | None, new: Document) -> None:
        if self.react is None:
            return
        for reaction in self.react(_present(old), _present(new)):
            poll.react(event, reaction)


def _present(document: Document | None) -> Document | None:
    return None if document is None or document.get("erased") else document

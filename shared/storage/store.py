"""A service's store: its databases, its vault, and the way to change something."""

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shared.kernel.clock import Clock, system_clock, write_instant
from shared.kernel.sealed import Sealed
from shared.security.principals import Actor
from shared.storage.audit import AuditEntry, AuditWriter
from shared.storage.mongo import ASCENDING, Document, Mongo, Session, is_commit_unknown
from shared.storage.vault import Vault
from shared.storage.work import Once, Reader, Work
from shared.storage.writers import Writers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a collection: its fields (a leading ``-`` means descending)."""

    fields: tuple[str, ...]
    unique: bool = False
    only: Mapping[str, Any] | None = None

    def keys(self) -> list[tuple[str, int]]:
        """The fields as the driver takes them."""
        return [(name.lstrip("-"), -1 if name.startswith("-") else ASCENDING) for name in self.fields]


@dataclass(frozen=True, slots=True)
class Layout:
    """The collections of a service in each city, with their indexes."""

    collections: Mapping[str, Sequence[Index]] = field(default_factory=dict)


_RESERVED_INDEXES: Mapping[str, Sequence[Index]] = {
    "outbox": (Index(("stuck", "key", "sequence")), Index(("topic",))),
    "audit": (Index(("writer", "counter"), unique=True), Index(("number",)), Index(("object", "at"))),
    "secrets": (),
    "holds": (),
}


class Store:
    """Reads and changes for one service."""

    def __init__(self, mongo: Mongo, master_key: bytes, layout: Layout, clock: Clock = system_clock) -> None:
        self.mongo = mongo
        self.metrics = mongo.metrics
        self.service = mongo.service
        self.vault = Vault(mongo, master_key)
        self.clock = clock
        self._layout = layout
        self._writer = AuditWriter()

    def writers(self, owner: str) -> Writers:
        """The service's audit writers, seen from this process."""
        return Writers(self.mongo, self._writer, owner)

    def reader(self, city: str) -> Reader:
        """Reads outside of any transaction."""
        return Reader(city, self.mongo.city(city))

    async def read_at_once(self, city: str, body: Callable[[Reader], Awaitable[T]]) -> T:
        """Runs ``body`` with a reader that sees one moment of the city, however many reads it takes.

        ``body`` may run several times.
        """
        return await self.mongo.at_one_moment(lambda session: body(Reader(city, self.mongo.city(city), session)))

    async def transact(
        self, city: str, actor: Actor, body: Callable[[Work], Awaitable[T]], once: Once | None = None
    ) -> T:
        """Runs ``body`` and writes state, outbox, audit and idempotency record together, or nothing.

        ``body`` may run several times. Raises ``Replayed`` for a repeat of the same request,
        ``Conflict("in-progress")`` where the same request is under way, and what ``body`` raises.
        """

        async def attempt(session: Session, rows: list[Document]) -> T:
            work = Work(city, self.mongo.city(city), session, service=self.service, actor=actor, moment=self.clock())
            if once is not None:
                await work.recall(once)
            result = await body(work)
            rows.extend(self.audit_rows(work))
            await work.flush(once, rows)
            return result

        return await self.attempts(city, attempt)

    async def attempts(self, city: str, attempt: Callable[[Session, list[Document]], Awaitable[T]]) -> T:
        """Runs ``attempt`` as one transaction, perhaps several times.

        It puts the audit rows that it writes (see ``audit_rows``) into the list that it is given, so that no number of
        a transaction that did not happen is missing later.
        """
        rows: list[Document] = []

        async def begin(session: Session) -> T:
            self._writer.failed(city, rows)
            rows.clear()
            return await attempt(session, rows)

        try:
            return await self.mongo.transaction(begin)
        except BaseException as fault:
            # Where the commit's fate is unknown the rows may stand: whether they do will be seen when it is decided.
            if is_commit_unknown(fault) or isinstance(fault, CancelledError):
                self._writer.unsure(city, rows, self.clock())
            else:
                self._writer.failed(city, rows)
            raise

    def audit_rows(self, work: Work) -> list[Document]:
        """The rows of what a unit of work has noted, each with the writer's next number."""
        return self._writer.rows(work.city, work.now, work.actor, work.entries)

    async def open_sealed(self, city: str, actor: Actor, sealed: Sealed, fields: tuple[str, ...]) -> dict[str, object]:
        """Opens a sealed value; the read is in the audit before this returns."""
        await self.note(city, actor, AuditEntry("sealed.read", sealed.subject, fields=fields))
        return await self.vault.open(city, sealed)

    async def note(self, city: str, actor: Actor, *entries: AuditEntry) -> None:
        """Audit entries without a change: reads and denials."""

        async def body(work: Work) -> None:
            work.entries.extend(entries)

        await self.transact(city, actor, body)

    async def city_key(self, city: str, use: str) -> bytes:
        """32 bytes for one use, the same for ever in this city."""
        return await self.vault.city_key(city, use)

    async def cities(self) -> list[str]:
        """The cities that this service serves."""
        rows = await self.mongo.runtime()["cities"].find({}, {"_id": 1}).sort("_id", ASCENDING).to_list(None)
        return [row["_id"] for row in rows]

    async def is_served(self, city: str) -> bool:
        """Whether the city is served here."""
        return await self.mongo.runtime()["cities"].find_one({"_id": city}, {"_id": 1}) is not None

    async def prepare_city(self, city: str) -> None:
        """Makes the city's collections and indexes; may be repeated, before the city is served."""
        database = self.mongo.city(city)
        for name, indexes in {**_RESERVED_INDEXES, **self._layout.collections}.items():
            if name not in await database.list_collection_names(filter={"name": name}):
                await database.create_collection(name, check_exists=False)
            for index in indexes:
                options: dict[str, Any] = {"partialFilterExpression": index.only} if index.only else {}
                await database[name].create_index(index.keys(), unique=index.unique, **options)
        for name in ("idempotency", "holds"):
            await database[name].create_index("expires", expireAfterSeconds=0)
        await self.vault.prepare(city)

    async def serve_city(self, city: str) -> None:
        """Adds the city to those served, after preparing it."""
        await self.prepare_city(city)
        await self.mongo.runtime()["cities"].update_one(
            {"_id": city}, {"$setOnInsert": {"since": write_instant(self.clock())}}, upsert=True
        )

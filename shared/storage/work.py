"""The unit of work: state with its expected version, outbox, audit and idempotency, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.contracts.base import Contract
from shared.kernel.clock import write_instant
from shared.kernel.dates import today
from shared.kernel.errors import Conflict, Refused, VersionLost
from shared.kernel.ids import new_id
from shared.observability.points import reached
from shared.security.principals import Actor
from shared.storage.audit import AuditEntry
from shared.storage.mongo import (
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    ReplaceOne,
    Session,
    is_write_conflict,
)
from shared.storage.rows import event_row, mark_last, tombstone_row

RESERVED: Final = frozenset({"outbox", "keys", "audit", "idempotency", "secrets", "holds"})
KEPT_IDEMPOTENT: Final = timedelta(hours=72)
KEPT_HELD: Final = timedelta(hours=1)

Sort = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Once:
    """The idempotency of one request: a hash over principal, route, path and key; an HMAC of the JSON as received."""

    record: str
    mac: str


class Replayed(Exception):  # an answer, not a fault
    """The same request was done before; answered with its status, resource and version."""

    def __init__(self, status: int, resource: str, version: int) -> None:
        super().__init__(resource)
        self.status = status
        self.resource = resource
        self.version = version


class Reader:
    """Reads of one city's database; inside a unit of work they see its transaction."""

    def __init__(self, city: str, database: Database, session: Session | None = None) -> None:
        self.city = city
        self._database = database
        self._session = session

    def collection(self, name: str) -> Collection:
        """A collection of this city. Reserved names are refused: they have doors of their own."""
        if name in RESERVED:
            raise ValueError(f"{name} is a reserved collection")
        return self._database[name]

    async def one(self, collection: str, query: Document) -> Document | None:
        """The first document that fits, or ``None``."""
        return await self.collection(collection).find_one(query, session=self._session)

    async def find(self, collection: str, query: Document, *, sort: Sort = (), limit: int = 0) -> list[Document]:
        """All documents that fit, or the first ``limit`` of them."""
        cursor = self.collection(collection).find(query, session=self._session, limit=limit)
        if sort:
            cursor = cursor.sort(list(sort))
        return await cursor.to_list(None)

    async def count(self, collection: str, query: Document) -> int:
        """How many documents fit."""
        return await self.collection(collection).count_documents(query, session=self._session)

    async def aggregate(self, collection: str, pipeline: list[Document]) -> list[Document]:
        """The documents that an aggregation gives."""
        return await self.collection(collection).aggregate(pipeline, session=self._session).to_list(None)

    async def find_each(self, queries: Sequence[tuple[str, Document]]) -> list[list[Document]]:
        """What fits in each of several collections, in one statement; at least one query, in no order."""
        marked: list[list[Document]] = [
            [{"$match": query}, {"$set": {"_query": number}}] for number, (_, query) in enumerate(queries)
        ]
        more = zip(queries[1:], marked[1:], strict=True)
        unions: list[Document] = [{"$unionWith": {"coll": name, "pipeline": stages}} for (name, _), stages in more]
        found: list[list[Document]] = [[] for _ in queries]
        for row in await self.aggregate(queries[0][0], [*marked[0], *unions]):
            found[row.pop("_query")].append(row)
        return found


class Work(Reader):
    """One attempt of one transaction. Everything that is told or noted is written when the body has ended."""

    def __init__(
        self, city: str, database: Database, session: Session, *, service: str, actor: Actor, moment: datetime
    ):
        super().__init__(city, database, session)
        self.service = service
        self.actor = actor
        self.moment = moment
        self.now = write_instant(moment)
        self.today = today(moment)
        self.entries: list[AuditEntry] = []
        self._events: list[Document] = []
        self._answer: tuple[int, str, int] | None = None
        self._meant: tuple[str, int] | None = None

    def demand(self, key: str, version: int) -> None:
        """From now on the document ``key`` is changed or removed in this version only. See ``put``."""
        self._meant = key, version

    def new_id(self, prefix: str) -> str:
        """A random id."""
        return new_id(prefix)

    async def insert(self, collection: str, document: Document) -> None:
        """A new document. Raises ``Conflict("already-exists")`` where its id, or a unique value, is taken."""
        try:
            await self.collection(collection).insert_one(document, session=self._session)
        except DuplicateKeyError as fault:
            raise Conflict("already-exists") from fault

    async def put(self, collection: str, document: Document, expected: int) -> None:
        """Replaces the document of version ``expected``. Raises ``VersionLost`` where it has another one."""
        self._check_meant(document["_id"], expected)
        query = {"_id": document["_id"], "version": expected}
        try:
            result = await self.collection(collection).replace_one(query, document, session=self._session)
        except DuplicateKeyError as fault:
            raise Conflict("already-exists") from fault
        if result.matched_count == 0:
            found = await self.one(collection, {"_id": document["_id"]})
            raise VersionLost("version-lost", params={"version": found["version"] if found else 0})

    async def put_all(self, collection: str, documents: Sequence[Document]) -> None:
        """Inserts or replaces many at once; those that were there must have been read in this transaction."""
        if documents:
            changes = [ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in documents]
            await self.collection(collection).bulk_write(changes, ordered=False, session=self._session)

    async def change(self, collection: str, query: Document, update: Document, *, upsert: bool = False) -> bool:
        """One atomic update of one document; says whether it found (or made) one."""
        result = await self.collection(collection).update_one(query, update, upsert=upsert, session=self._session)
        return result.matched_count == 1 or result.upserted_id is not None

    async def hold(self, *questions: str) -> None:
        """Makes this transaction the only one that answers these questions, or changes what they are about.

        Two that write different documents, each after a look at what the other writes, could otherwise both be right.
        """
        update = {"$inc": {"times": 1}, "$set": {"expires": self.moment + KEPT_HELD}}
        for question in questions:
            await self._database["holds"].update_one({"_id": question}, update, upsert=True, session=self._session)

    async def remove(self, collection: str, query: Document) -> int:
        """Deletes what fits; says how many. Raises ``VersionLost`` as ``put`` does, where the query names a version."""
        if "version" in query:
            self._check_meant(query["_id"], query["version"])
        result = await self.collection(collection).delete_many(query, session=self._session)
        return result.deleted_count

    def _check_meant(self, key: str, stored: int) -> None:
        if self._meant is not None and self._meant[0] == key and self._meant[1] != stored:
            raise VersionLost("version-lost", params={"version": stored})

    def tell(self, contract: Contract, *, sequence: int, fact: str, erases: bool = False) -> None:
        """Publishes the aggregate's new state; ``sequence`` is its version.

        ``erases``: what was published of it before is to be forgotten by Kafka as well.
        """
        self._events.append(
            event_row(
                self.city,
                self.service,
                contract,
                sequence=sequence,
                fact=fact,
                moment=self.now,
                correlation=self.actor.correlation,
                erases=erases,
                trace=self.actor.trace,
            )
        )

    def tell_gone(self, contract: type[Contract], aggregate: str, *, sequence: int) -> None:
        """Publishes a tombstone."""
        self._events.append(
            tombstone_row(self.city, contract, aggregate, sequence=sequence, moment=self.now, trace=self.actor.trace)
        )

    def note(self, action: str, subject: str, fields: tuple[str, ...] = ()) -> None:
        """An audit entry: what was done to which object, with the names of fields."""
        self.entries.append(AuditEntry(action, subject, fields=fields))

    def remember(self, status: int, resource: str, version: int) -> None:
        """What a repeat of this request is answered with."""
        self._answer = (status, resource, version)

    async def recall(self, once: Once) -> None:
        """Raises ``Replayed`` for a repeat, ``Refused`` where the key came with another body before."""
        found = await self._database["idempotency"].find_one({"_id": once.record}, session=self._session)
        if found is None:
            return
        if found["mac"] != once.mac:
            raise Refused("idempotency-key-reused")
        raise Replayed(found["status"], found["resource"], found["version"])

    async def flush(self, once: Once | None, audit_rows: list[Document]) -> None:
        """Writes idempotency record, audit rows and outbox rows; called once, after the body."""
        record = self.record(once)
        if record is not None:
            await self._write_record(record)
        reached("work.between-statements")
        if audit_rows:
            await self._database["audit"].insert_many(audit_rows, session=self._session)
        if self._events:
            mark_last(self._events)
            await self._database["outbox"].insert_many(self._events, session=self._session)

    def record(self, once: Once | None) -> Document | None:
        """The idempotency record; ``None`` where the request has no key, or nothing to be remembered."""
        if once is None or self._answer is None:
            return None
        status, resource, version = self._answer
        record: Document = {"_id": once.record, "mac": once.mac, "status": status, "resource": resource}
        return record | {"version": version, "expires": self.moment + KEPT_IDEMPOTENT}

    async def _write_record(self, record: Document) -> None:
        try:
            await self._database["idempotency"].insert_one(record, session=self._session)
        except Exception as fault:
            if is_write_conflict(fault):
                raise Conflict("in-progress") from fault
            raise

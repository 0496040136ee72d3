"""MongoDB's one door: the only file that imports motor. Names the few pymongo words that stores need."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final, TypeAlias, TypeVar

from motor.motor_asyncio import (
    AsyncIOMotorChangeStream,
    AsyncIOMotorClient,
    AsyncIOMotorClientEncryption,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import ASCENDING, DESCENDING, DeleteOne, InsertOne, ReadPreference, ReplaceOne, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, EncryptionError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.observability.points import reached

__all__ = [
    "ASCENDING",
    "DESCENDING",
    "DUPLICATE",
    "BulkWriteError",
    "ChangeStream",
    "Collection",
    "Database",
    "DeleteOne",
    "Document",
    "DuplicateKeyError",
    "Encryption",
    "EncryptionError",
    "InsertOne",
    "Mongo",
    "MongoFault",
    "ReplaceOne",
    "ReturnDocument",
    "Session",
    "UnsafeServer",
    "UpdateOne",
    "is_commit_unknown",
    "is_write_conflict",
]

Document: TypeAlias = dict[str, Any]
Database: TypeAlias = "AsyncIOMotorDatabase[Document]"
Collection: TypeAlias = "AsyncIOMotorCollection[Document]"
Session: TypeAlias = AsyncIOMotorClientSession
ChangeStream: TypeAlias = "AsyncIOMotorChangeStream[Document]"
Encryption: TypeAlias = "AsyncIOMotorClientEncryption[Document]"
MongoFault = PyMongoError

LONGEST_TRANSACTION: Final = 10.0
LONGEST_LIFETIME: Final = 10
OLDEST_WIRE: Final = 17
"""The wire version of MongoDB 6.0."""
DUPLICATE: Final = 11_000
"""The code of what a unique index refuses."""
_WRITE_CONFLICT: Final = 112
_SNAPSHOT_GONE: Final = frozenset({239, 246})
"""Too old, or not available."""
_SNAPSHOTS: Final = 5

T = TypeVar("T")


class UnsafeServer(Exception):
    """The server would not keep what we promise; the text says which setting is wrong and what would be right."""


def is_write_conflict(fault: BaseException) -> bool:
    """Whether two transactions met on one document."""
    return getattr(fault, "code", None) == _WRITE_CONFLICT


def is_commit_unknown(fault: BaseException) -> bool:
    """Whether a transaction may or may not have been committed."""
    return isinstance(fault, PyMongoError) and fault.has_error_label("UnknownTransactionCommitResult")


class Mongo:
    """One client per process. Databases are had by city, or the service's own runtime database.

    ``metrics`` are the process's; whoever works with this client counts in them. ``process`` is its name, if it has one
    that no other living process has.
    """

    def __init__(self, url: str, service: str, metrics: Metrics | None = None, process: str = "") -> None:
        self.service = service
        self._name = f"tueroeffner-{process or service}"
        self.metrics = metrics if metrics is not None else Metrics(service)
        self.client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            url,
            w="majority",
            journal=True,
            readConcernLevel="majority",
            wTimeoutMS=10_000,
            serverSelectionTimeoutMS=5_000,
            heartbeatFrequencyMS=1_000,
            tz_aware=True,
            uuidRepresentation="standard",
            appname=self._name,
        )

    def city(self, city: str) -> Database:
        """The service's database of one city."""
        return self.client[f"{self.service}_{city}"]

    def city_of(self, database: str) -> str:
        """The city of one of the service's databases, by its name."""
        return database.removeprefix(f"{self.service}_")

    def runtime(self) -> Database:
        """What belongs to the service's processes and to no city."""
        return self.client[f"{self.service}_runtime"]

    def encryption(self, city: str, master_key: bytes) -> Encryption:
        """The client-side encryption over the city's own key vault."""
        name = f"{self.service}_{city}.keys"
        return AsyncIOMotorClientEncryption(
            {"local": {"key": master_key}}, name, self.client, self.client.codec_options
        )

    def watch_outboxes(self) -> ChangeStream:
        """Inserts into any outbox of this service, in any city; of each transaction the last one."""
        match = {
            "operationType": "insert",
            "ns.coll": "outbox",
            "ns.db": {"$regex": f"^{self.service}_"},
            "fullDocument.last": True,
        }
        return self.client.watch([{"$match": match}, {"$project": {"_id": 1, "ns": 1}}], max_await_time_ms=1_000)

    async def check_server(self) -> None:
        """Raises ``UnsafeServer`` where this is no replica set of data-bearing members of a version that we know,
        or where a dead process would lock a city for long.
        """
        admin = self.client.admin
        hello = await admin.command("hello")
        if "setName" not in hello:
            raise UnsafeServer("MongoDB must be a replica set (transactions and change streams)")
        if hello["maxWireVersion"] < OLDEST_WIRE:
            raise UnsafeServer("MongoDB must be of version 6.0 or later")
        if hello.get("arbiters"):
            raise UnsafeServer("the replica set has an arbiter; with one member down, a majority could keep nothing")
        answer = await admin.command({"getParameter": 1, "transactionLifetimeLimitSeconds": 1})
        lifetime = answer["transactionLifetimeLimitSeconds"]
        if lifetime > LONGEST_LIFETIME:
            raise UnsafeServer(
                f"transactionLifetimeLimitSeconds is {lifetime}; set 3: a process killed inside a transaction "
                "locks what it touched for that long"
            )

    async def end_left_behind(self) -> int:
        """Ends the transactions that a killed process of this name left open, before this one begins any; how many.

        The server would keep them, and what they lock, for the rest of their lifetime.
        """
        open_there = {"appName": self._name, "transaction": {"$exists": True}, "lsid": {"$exists": True}}
        admin = self.client.get_database("admin", read_concern=ReadConcern("local"))
        operations = admin.aggregate([{"$currentOp": {"idleSessions": True}}, {"$match": open_there}])
        sessions = [{"id": row["lsid"]["id"]} async for row in operations]
        if sessions:
            await admin.command({"killSessions": sessions}, codec_options=self.client.codec_options)
        return len(sessions)

    async def transaction(self, body: Callable[[Session], Awaitable[T]]) -> T:
        """Runs ``body`` in a snapshot transaction, committed by a majority to the journal.

        ``body`` may run several times and must have no effect outside its session. Begins again on transient faults
        with jittered pauses, repeats only the commit where its result is unknown, for ten seconds in all; then the
        last fault is raised. (motor's own ``with_transaction`` commits outside its retry loop.)
        """
        began, outcome = monotonic(), "abandoned"
        try:
            result = await self._attempts(body, began + LONGEST_TRANSACTION)
            outcome = "committed"
        except PyMongoError:
            outcome = "failed"
            raise
        finally:
            self.metrics.count(names.TRANSACTIONS, outcome=outcome)
            self.metrics.observe(names.TRANSACTION_SECONDS, monotonic() - began)
        return result

    async def _attempts(self, body: Callable[[Session], Awaitable[T]], deadline: float) -> T:
        attempt = 0
        async with await self.client.start_session() as session:
            while True:
                session.start_transaction(
                    read_concern=ReadConcern("snapshot"),
                    write_concern=WriteConcern("majority", j=True, wtimeout=10_000),
                    read_preference=ReadPreference.PRIMARY,
                )
                try:
                    result = await body(session)
                    reached("transaction.before-commit")
                    await self._commit(session, deadline)
                    reached("transaction.after-commit")
                    return result
                except PyMongoError as fault:
                    await _abort(session)
                    if not fault.has_error_label("TransientTransactionError") or monotonic() > deadline:
                        raise
                except BaseException:
                    await _abort(session)
                    raise
                self.metrics.count(names.TRANSACTIONS, outcome="retried")
                attempt += 1
                await self.pause(random.uniform(0.001, min(0.2, 0.004 * 2**attempt)))  # noqa: S311  # jitter

    async def _commit(self, session: Session, deadline: float) -> None:
        while True:
            try:
                await session.commit_transaction()
                return
            except PyMongoError as fault:
                if not fault.has_error_label("UnknownTransactionCommitResult") or monotonic() > deadline:
                    raise
                await self.pause(0.05)

    async def at_one_moment(self, body: Callable[[Session], Awaitable[T]]) -> T:
        """Runs ``body``, whose reads all see what a majority had at one moment: that of the first.

        No transaction: it locks nothing and may take longer than one lives. ``body`` only reads; it may run several
        times, since a collection that is exchanged meanwhile cannot be read as it was.
        """
        for attempt in range(1, _SNAPSHOTS + 1):
            try:
                async with await self.client.start_session(snapshot=True) as session:
                    return await body(session)
            except PyMongoError as fault:
                if getattr(fault, "code", None) not in _SNAPSHOT_GONE or attempt == _SNAPSHOTS:
                    raise
                await self.pause(0.05 * attempt)
        raise AssertionError("the last attempt returns or raises")

    async def pause(self, seconds: float) -> None:
        """Waits before something is tried again."""
        await asyncio.sleep(seconds)

    def close(self) -> None:
        """Closes all connections."""
        self.client.close()


async def _abort(session: Session) -> None:
    in_transaction: Any = session.in_transaction
    if in_transaction:
        try:
            await session.abort_transaction()
        except PyMongoError:
            # The server ends it by itself after its lifetime; the first fault is what matters.
            return

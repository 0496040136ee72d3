"""The same store for a worker thread: statements block it, and nothing that is awaited ever waits.

A change of many documents is a dozen statements. Awaited one by one, each of them goes from the event loop to a thread
and back; here all of them are made by one thread, with the same code (see ``drive``).
"""

import asyncio
import copy
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from shared.storage.mongo import Mongo
from shared.storage.store import Store

T = TypeVar("T")

_CURSORS: Final = frozenset({"find", "aggregate"})


async def in_thread(store: Store, work: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    """Runs ``work`` in a worker thread, with a store that blocks. It may await that store and nothing else."""
    return await asyncio.to_thread(lambda: drive(work(blocking(store))))


def blocking(store: Store) -> Store:
    """The same store, for use in a worker thread: same databases, keys, audit writer and metrics."""
    twin = copy.copy(store)
    twin.mongo = _BlockingMongo(store.mongo)
    return twin


def drive(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits. Raises ``RuntimeError`` where it does."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise RuntimeError("what runs on a store that blocks waits for something else")


class _BlockingMongo(Mongo):
    """motor's own synchronous client, behind the words of ``Mongo``."""

    def __init__(self, mongo: Mongo) -> None:
        self.service = mongo.service
        self.metrics = mongo.metrics
        self.client: Any = _Client(mongo.client.delegate)

    async def pause(self, seconds: float) -> None:
        """See ``Mongo.pause``."""
        time.sleep(seconds)  # noqa: ASYNC251  # to block is what this is for


class _Client:
    def __init__(self, client: Any) -> None:
        self._client = client

    def __getitem__(self, name: str) -> "_Database":
        return _Database(self._client[name])

    async def start_session(self) -> "_Session":
        return _Session(self._client.start_session())


class _Session:
    def __init__(self, session: Any) -> None:
        self.delegate = session
        self.start_transaction = session.start_transaction

    @property
    def in_transaction(self) -> bool:
        return bool(self.delegate.in_transaction)

    async def commit_transaction(self) -> None:
        self.delegate.commit_transaction()

    async def abort_transaction(self) -> None:
        self.delegate.abort_transaction()

    async def __aenter__(self) -> "_Session":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.delegate.end_session()


class _Database:
    def __init__(self, database: Any) -> None:
        self._database = database

    def __getitem__(self, name: str) -> "_Collection":
        return _Collection(self._database[name])


class _Collection:
    """Every method of the driver's collection, with the session unwrapped."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._collection, name)

        def call(*args: Any, session: _Session | None = None, **named: Any) -> Any:
            return method(*args, session=None if session is None else session.delegate, **named)

        async def awaited(*args: Any, **named: Any) -> Any:
            return call(*args, **named)

        if name in _CURSORS:
            return lambda *args, **named: _Cursor(call(*args, **named))
        return awaited


class _Cursor:
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def sort(self, order: Any) -> "_Cursor":
        return _Cursor(self._cursor.sort(order))

    async def to_list(self, _: int | None = None) -> list[Any]:
        return list(self._cursor)

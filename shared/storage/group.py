"""Group commit: what many ask for at the same moment is done together, in one transaction, and each gets an answer.

Whoever comes alone waits for nobody. While one group is under way the next one gathers, and behind a group of several
for a moment longer. What makes something that is there already, such as a request that is repeated, is taken out of its
group and goes the ordinary way, which says so; the others are not split for it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from shared.kernel.errors import Conflict, DomainError
from shared.observability.points import reached
from shared.security.principals import Actor
from shared.storage.mongo import DUPLICATE, BulkWriteError, Database, Document, DuplicateKeyError, MongoFault, Session
from shared.storage.rows import mark_last
from shared.storage.store import Store
from shared.storage.work import RESERVED, Once, Replayed, Work

MOST: Final = 128
GATHERING: Final = 0.002
"""Seconds after a group of several: so its clients, who have their answers now, ask again in time for the next one."""


class Stored(Protocol):
    """What a change gives back."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


A = TypeVar("A")
C = TypeVar("C")
R = TypeVar("R")
S = TypeVar("S", bound=Stored)
T = TypeVar("T")


class Gatherer(Generic[A, R]):
    """Hands what waits to ``run``, at most ``most`` at once, one group after the other.

    Behind a group of several the next one has ``gathering`` seconds more to come together.
    ``run`` gives an answer for each, in order; an exception among them is raised to whoever asked for that one, and one
    that ``run`` raises itself is raised to all of the group.
    """

    def __init__(
        self,
        run: Callable[[Sequence[A]], Awaitable[Sequence[R | Exception]]],
        most: int = MOST,
        gathering: float = GATHERING,
    ) -> None:
        self._run = run
        self._most = most
        self._gathering = gathering
        self._waiting: list[tuple[A, asyncio.Future[R]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, asked: A) -> R:
        """The answer, once the group that it went into is through."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._answer(group)
                if len(group) > 1:
                    await asyncio.sleep(self._gathering)
        finally:
            self._worker = None

    async def _answer(self, group: Sequence[tuple[A, "asyncio.Future[R]"]]) -> None:
        answers: Sequence[R | Exception]
        try:
            answers = await self._run([asked for asked, _ in group])
        except asyncio.CancelledError:
            for _, future in group:
                future.cancel()
            raise
        except Exception as fault:  # noqa: BLE001  # raised again to everybody who waits for it
            answers = [fault] * len(group)
        for (_, future), answer in zip(group, answers, strict=True):
            if future.done():
                # Whoever asked has gone away; what was asked for is done all the same.
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)


@dataclass(frozen=True, slots=True)
class Change(Generic[C]):
    """A command, by whom, and the idempotency of its request."""

    command: C
    actor: Actor
    once: Once | None = None


class GatheredWork(Work):
    """A unit of work whose inserts wait: for others that share its transaction, or for its own end.

    A duplicate is therefore found later, as the store's fault. Reads do not see what waits.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.inserts: list[tuple[str, Document]] = []

    async def insert(self, collection: str, document: Document) -> None:
        """A new document."""
        if collection in RESERVED:
            raise ValueError(f"{collection} is a reserved collection")
        self.inserts.append((collection, document))

    async def put(self, collection: str, document: Document, expected: int) -> None:
        """See ``Work.put``; it may be one of those that wait."""
        await self.write_inserts()
        await super().put(collection, document, expected)

    async def write_inserts(self) -> None:
        """Writes what waits."""
        await insert_all(self._database, self._session, self.inserts)
        self.inserts = []

    @property
    def events(self) -> list[Document]:
        """The outbox rows of what it tells."""
        return self._events


Body = Callable[[Sequence[Work], Sequence[C]], Awaitable[Sequence[S | DomainError]]]
"""Does each command in its own unit of work and gives what it made, or why it is refused; reads, and inserts only."""


async def commit_together(
    store: Store, city: str, changes: Sequence[Change[C]], body: "Body[C, S]", status: int = 201
) -> list[S | Exception]:
    """One outcome per change, in order: what it made, ``DomainError``, ``Replayed``, or the store's fault."""
    answers: dict[int, S | Exception] = {}
    together = _first_of_each_request(changes)
    while together:
        found: Sequence[S | Exception]
        try:
            found = await _together(store, city, [changes[number] for number in together], body, status)
        except _AlreadyThere as there:
            together = [number for place, number in enumerate(together) if place not in there.places]
            continue
        except MongoFault as fault:
            found = [fault] * len(together)
        answers.update(zip(together, found, strict=True))
        break
    for number, change in enumerate(changes):
        if number not in answers:
            answers[number] = await _alone(store, city, change, body, status)
    return [answers[number] for number in range(len(changes))]


def _first_of_each_request(changes: Sequence[Change[C]]) -> list[int]:
    """The places of all changes but of those whose request is in the group before them."""
    first: dict[str, int] = {}
    for number, change in enumerate(changes):
        first.setdefault(change.once.record if change.once is not None else str(number), number)
    return list(first.values())


class _AlreadyThere(Exception):
    """These places of a group make something that is there already."""

    def __init__(self, places: frozenset[int]) -> None:
        self.places = places


async def _together(
    store: Store, city: str, changes: Sequence[Change[C]], body: "Body[C, S]", status: int
) -> list[S | Exception]:
    async def attempt(session: Session, rows: list[Document]) -> list[S | Exception]:
        moment, database = store.clock(), store.mongo.city(city)
        works = [
            GatheredWork(city, database, session, service=store.service, actor=change.actor, moment=moment)
            for change in changes
        ]
        results = await body(works, [change.command for change in changes])
        done: dict[int, GatheredWork] = {}
        for place, (change, result) in enumerate(zip(changes, results, strict=True)):
            if isinstance(result, DomainError):
                continue
            work = done[place] = works[place]
            work.remember(status, result.id, result.version)
            record = work.record(change.once)
            work.inserts += [("idempotency", record)] if record is not None else []
        # What may be there already comes first: an attempt that fails there has drawn no numbers for its audit rows.
        try:
            await insert_all(database, session, [one for work in done.values() for one in work.inserts])
        except BulkWriteError as fault:
            if not _is_duplicate(fault):
                raise
            raise _AlreadyThere(await _places_taken(database, done, fault)) from fault
        reached("work.between-statements")
        for work in done.values():
            rows.extend(store.audit_rows(work))
        events = [event for work in done.values() for event in work.events]
        if events:
            mark_last(events)
        told = [("outbox", event) for event in events]
        await insert_all(database, session, [*(("audit", row) for row in rows), *told])
        return list(results)

    return await store.attempts(city, attempt)


async def _places_taken(database: Database, done: Mapping[int, GatheredWork], fault: BulkWriteError) -> frozenset[int]:
    """The places that make what the fault tells of, and all others that make something that is there."""
    places = {(name, row["_id"]): place for place, work in done.items() for name, row in work.inserts}
    refused = fault.details["writeErrors"][0]["op"]["_id"]
    found = {place for (_, key), place in places.items() if key == refused}
    for collection in {name for name, _ in places}:
        keys = [key for name, key in places if name == collection]
        rows = await database[collection].find({"_id": {"$in": keys}}, {"_id": 1}).to_list(None)
        found.update(places[collection, row["_id"]] for row in rows)
    return frozenset(found)


async def insert_all(database: Database, session: Session | None, inserts: Sequence[tuple[str, Document]]) -> None:
    """Writes documents, each into its collection, with one statement a collection."""
    by_collection: dict[str, list[Document]] = defaultdict(list)
    for collection, document in inserts:
        by_collection[collection].append(document)
    for collection, documents in by_collection.items():
        await database[collection].insert_many(documents, session=session)


async def transact_gathered(store: Store, city: str, actor: Actor, body: Callable[[Work], Awaitable[T]]) -> T:
    """As ``Store.transact``, for a body that makes many documents. Raises ``Conflict`` where one of them is there."""

    async def attempt(session: Session, rows: list[Document]) -> T:
        moment, database = store.clock(), store.mongo.city(city)
        work = GatheredWork(city, database, session, service=store.service, actor=actor, moment=moment)
        result = await body(work)
        await work.write_inserts()
        rows.extend(store.audit_rows(work))
        await work.flush(None, rows)
        return result

    try:
        return await store.attempts(city, attempt)
    except MongoFault as fault:
        if _is_duplicate(fault):
            raise Conflict("already-exists") from fault
        raise


async def _alone(store: Store, city: str, change: Change[C], body: "Body[C, S]", status: int) -> S | Exception:
    """The ordinary way, which says what is there already."""

    async def run(work: Work) -> S:
        (result,) = await body([work], [change.command])
        if isinstance(result, DomainError):
            raise result
        work.remember(status, result.id, result.version)
        return result

    try:
        return await store.transact(city, change.actor, run, change.once)
    except (DomainError, Replayed, MongoFault) as refusal:
        return refusal


def _is_duplicate(fault: MongoFault) -> bool:
    if isinstance(fault, BulkWriteError):
        return any(error.get("code") == DUPLICATE for error in fault.details.get("writeErrors", ()))
    return isinstance(fault, DuplicateKeyError)

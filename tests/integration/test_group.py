"""Changes that are asked for at the same moment share a transaction, and each has an answer of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from shared.contracts.visits import VisitsConfirmationV1
from shared.kernel.errors import Conflict, DomainError, Refused
from shared.kernel.ids import new_id
from shared.observability.metrics import TRANSACTIONS
from shared.security.principals import Actor
from shared.storage.blocking import blocking, drive, in_thread
from shared.storage.chain import chain_city, verify_city
from shared.storage.group import Change, Gatherer, commit_together, transact_gathered
from shared.storage.mongo import Mongo, MongoFault
from shared.storage.repository import Repository
from shared.storage.store import Layout, Store
from shared.storage.work import Once, Replayed, Work

CITY = "gruppenstadt"
ACTOR = Actor("tester", "mentor", "correlation-1")
Commit = Callable[[Sequence[Change["Leaf"]]], Awaitable[list[Any]]]


@dataclass(frozen=True, slots=True)
class Leaf:
    """An aggregate for these tests."""

    id: str
    version: int = 0


def told(leaf: Leaf) -> VisitsConfirmationV1:
    return VisitsConfirmationV1(erasure=leaf.id, confirmed_at="2026-01-15T12:00:00.000Z")


LEAVES = Repository(Leaf, "leaves", "leaf", told)


async def grow(works: Sequence[Work], leaves: Sequence[Leaf]) -> list[Leaf | DomainError]:
    results: list[Leaf | DomainError] = []
    for work, leaf in zip(works, leaves, strict=True):
        refused = Refused("rotten") if leaf.version else None
        results.append(refused or await LEAVES.save(work, leaf, "grown"))
    return results


@pytest_asyncio.fixture(scope="module")
async def store(visits_mongo: Mongo, master_key: bytes) -> Store:
    made = Store(visits_mongo, master_key, Layout({"leaves": ()}))
    await made.serve_city(CITY)
    return made


@pytest.fixture(params=["loop", "thread"])
def commit(request: pytest.FixtureRequest, store: Store) -> Commit:
    """Both doors: statements awaited on the loop, and made by one worker thread."""

    async def on_loop(changes: Sequence[Change[Leaf]]) -> list[Any]:
        return await commit_together(store, CITY, changes, grow)

    async def by_thread(changes: Sequence[Change[Leaf]]) -> list[Any]:
        return await in_thread(store, lambda here: commit_together(here, CITY, changes, grow))

    return on_loop if request.param == "loop" else by_thread


def leaf() -> Leaf:
    return Leaf(new_id("era"))


async def rows_of(store: Store, leaves: Sequence[Leaf]) -> tuple[int, list[Any], list[Any]]:
    """How many documents, outbox rows and audit rows these leaves have."""
    database, ids = store.mongo.city(CITY), [one.id for one in leaves]
    keys = [f"{CITY}/{one}" for one in ids]
    outbox = await database["outbox"].find({"key": {"$in": keys}}).to_list()
    audit = await database["audit"].find({"object": {"$in": ids}}).to_list()
    return await database["leaves"].count_documents({"_id": {"$in": ids}}), outbox, audit


async def assert_audit_holds(store: Store) -> None:
    while await chain_city(store.mongo, CITY):
        pass
    assert await verify_city(store.mongo, CITY) == []


async def test_group_is_one_transaction_and_tells_the_relay_once(store: Store, commit: Commit) -> None:
    leaves = [leaf() for _ in range(30)]
    before = committed(store)
    results = await commit([Change(one, Actor(f"mentor-{n}", "mentor", f"cor-{n}")) for n, one in enumerate(leaves)])
    assert [result.id for result in results] == [one.id for one in leaves]
    assert {result.version for result in results} == {1}
    assert committed(store) == before + 1
    documents, outbox, audit = await rows_of(store, leaves)
    assert (documents, len(outbox), len(audit)) == (30, 30, 30)
    assert sum(row.get("last", False) for row in outbox) == 1
    assert {row["actor"] for row in audit} == {f"mentor-{n}" for n in range(30)}
    await assert_audit_holds(store)


async def test_only_the_one_that_is_there_already_is_refused(store: Store, commit: Commit) -> None:
    there, fresh = leaf(), [leaf() for _ in range(6)]
    await commit([Change(there, ACTOR)])
    results = await commit([Change(one, ACTOR) for one in (*fresh[:4], there, *fresh[4:])])
    assert [type(result) for result in results] == [Leaf] * 4 + [Conflict] + [Leaf] * 2
    assert results[4].code == "already-exists"
    documents, outbox, audit = await rows_of(store, [*fresh, there])
    assert (documents, len(outbox), len(audit)) == (7, 7, 7)
    await assert_audit_holds(store)


async def test_request_that_is_repeated_in_its_group_has_its_effect_once(store: Store, commit: Commit) -> None:
    one, once = leaf(), Once(new_id("rec"), "mac")
    first, second = await commit([Change(one, ACTOR, once), Change(one, ACTOR, once)])
    assert (first.id, type(second)) == (one.id, Replayed)
    assert (second.status, second.resource, second.version) == (201, one.id, 1)
    (again,) = await commit([Change(one, ACTOR, once)])
    assert type(again) is Replayed
    (other,) = await commit([Change(leaf(), ACTOR, Once(once.record, "another"))])
    assert (type(other), other.code) == (Refused, "idempotency-key-reused")
    documents, outbox, audit = await rows_of(store, [one])
    assert (documents, len(outbox), len(audit)) == (1, 1, 1)
    await assert_audit_holds(store)


async def test_repeats_cost_the_others_of_their_group_one_more_attempt(store: Store, commit: Commit) -> None:
    """Of a phone that sends again what it has no answer for, those notice little who are in its group."""
    old = [Change(leaf(), ACTOR, Once(new_id("rec"), "mac")) for _ in range(8)]
    await commit(old)
    fresh = [leaf() for _ in range(8)]
    twin = Change(leaf(), ACTOR, Once(new_id("rec"), "mac"))
    before, failed = committed(store), committed(store, "abandoned")
    results = await commit([*old[:4], *(Change(one, ACTOR) for one in fresh), twin, *old[4:], twin])
    assert [type(result) for result in results] == [Replayed] * 4 + [Leaf] * 9 + [Replayed] * 5
    assert committed(store) == before + 1
    # One attempt of the group, and each of the repeats by itself.
    assert committed(store, "abandoned") == failed + 1 + 9
    documents, outbox, audit = await rows_of(store, fresh)
    assert (documents, len(outbox), len(audit)) == (8, 8, 8)
    await assert_audit_holds(store)


async def test_what_is_refused_leaves_nothing_and_the_others_stand(store: Store, commit: Commit) -> None:
    good, bad = leaf(), Leaf(new_id("era"), 7)
    results = await commit([Change(bad, ACTOR), Change(good, ACTOR)])
    assert [type(result) for result in results] == [Refused, Leaf]
    assert await rows_of(store, [bad]) == (0, [], [])
    assert (await rows_of(store, [good]))[0] == 1
    assert [type(result) for result in await commit([Change(bad, ACTOR)])] == [Refused]


async def test_many_documents_of_one_change_are_all_there_or_none(store: Store) -> None:
    there, fresh = leaf(), leaf()

    async def both(work: Work) -> None:
        for one in (fresh, there):
            await LEAVES.save(work, one, "grown")

    async def first(work: Work) -> None:
        await LEAVES.save(work, there, "grown")

    await transact_gathered(store, CITY, ACTOR, first)
    with pytest.raises(Conflict, match="already-exists"):
        await transact_gathered(store, CITY, ACTOR, both)
    assert await rows_of(store, [fresh]) == (0, [], [])
    await assert_audit_holds(store)


async def test_waiting_ones_go_together_and_a_fault_is_told_to_each(store: Store) -> None:
    groups: list[int] = []

    async def run(asked: Sequence[int]) -> Sequence[int | Exception]:
        groups.append(len(asked))
        await asyncio.sleep(0)
        if 13 in asked:
            raise MongoFault("away")
        return [Refused("odd") if number % 2 else number for number in asked]

    gatherer: Gatherer[int, int] = Gatherer(run, most=4)
    answers = await asyncio.gather(*(gatherer.submit(number) for number in range(6)), return_exceptions=True)
    assert groups == [4, 2]
    assert [answers[number] for number in (0, 2, 4)] == [0, 2, 4]
    assert all(isinstance(answers[number], Refused) for number in (1, 3, 5))
    faults = await asyncio.gather(*(gatherer.submit(number) for number in (13, 14)), return_exceptions=True)
    assert [type(fault) for fault in faults] == [MongoFault, MongoFault]
    gone = asyncio.create_task(gatherer.submit(2))
    kept = asyncio.create_task(gatherer.submit(4))
    await asyncio.sleep(0)
    gone.cancel()
    assert await kept == 4


async def test_behind_a_group_of_several_the_next_one_gathers_a_moment_longer() -> None:
    groups: list[list[int]] = []

    async def run(asked: Sequence[int]) -> Sequence[int | Exception]:
        groups.append(list(asked))
        return list(asked)

    gatherer: Gatherer[int, int] = Gatherer(run, gathering=0.2)
    await asyncio.gather(gatherer.submit(1), gatherer.submit(2))
    third = asyncio.create_task(gatherer.submit(3))
    await asyncio.sleep(0.01)
    assert list(await asyncio.gather(third, gatherer.submit(4))) == [3, 4]
    await gatherer.submit(5)
    await gatherer.submit(6)
    assert groups == [[1, 2], [3, 4], [5], [6]]


async def test_what_waits_for_something_else_is_no_work_for_a_thread(store: Store) -> None:
    async def waits(here: Store) -> int:
        await asyncio.sleep(0)
        return await here.reader(CITY).count("leaves", {})

    with pytest.raises(RuntimeError, match="waits"):
        drive(waits(blocking(store)))


def committed(store: Store, outcome: str = "committed") -> float:
    labels = {"service": "visits", "outcome": outcome}
    return store.metrics.registry.get_sample_value(TRANSACTIONS.name, labels) or 0.0

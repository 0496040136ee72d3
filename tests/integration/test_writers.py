"""A process ends in the middle of something: its successor writes down what it left open, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from deploy.local import Stack
from shared.kernel.clock import system_clock, write_instant
from shared.security.principals import Actor
from shared.storage.audit import AuditEntry
from shared.storage.chain import chain_city, verify_city
from shared.storage.mongo import Mongo, Session
from shared.storage.store import Layout, Store
from shared.storage.work import Work
from shared.storage.writers import DECIDED

CITY, OWNER = "leerstadt", "haus/visits-0"
ACTOR = Actor("sub_1", "coordinator", "cor_1")
NOTE = AuditEntry("thing.seen", "tng_1")


@pytest_asyncio.fixture
async def stores(visits_mongo: Mongo, master_key: bytes) -> AsyncIterator[tuple[Store, Store]]:
    """A process that ends, and the one that comes after it."""
    former, later = [Store(visits_mongo, master_key, Layout()) for _ in range(2)]
    await former.prepare_city(CITY)
    await former.writers(OWNER).show_up()
    await later.writers(OWNER).show_up()
    yield former, later
    await visits_mongo.city(CITY).client.drop_database(f"visits_{CITY}")
    await visits_mongo.runtime()["writers"].delete_many({})


async def _leave_a_gap(former: Store) -> None:
    """The second of three numbers is drawn and not written."""
    await former.note(CITY, ACTOR, NOTE)
    former._writer._draw(CITY)
    await former.note(CITY, ACTOR, NOTE)


async def test_successor_voids_what_a_killed_process_drew_and_never_wrote(stores: tuple[Store, Store]) -> None:
    former, later = stores
    await _leave_a_gap(former)
    await chain_city(later.mongo, CITY)
    assert [finding.code for finding in await verify_city(later.mongo, CITY)] == ["writer-gap"]
    assert await later.writers(OWNER).take_over([CITY], system_clock()) == 1
    await chain_city(later.mongo, CITY)
    assert await verify_city(later.mongo, CITY) == []
    row = await later.mongo.city(CITY)["audit"].find_one({"writer": former._writer.name, "counter": 2})
    assert row is not None
    assert (row["action"], row["outcome"], row["actor"]) == ("void", "failed", later._writer.name)
    assert await later.writers(OWNER).take_over([CITY], system_clock()) == 0


async def test_living_writer_of_another_owner_is_left_alone(stores: tuple[Store, Store]) -> None:
    former, later = stores
    await _leave_a_gap(former)
    await former.writers("another/visits-1").show_up()
    assert await later.writers(OWNER).take_over([CITY], system_clock()) == 0
    assert [finding.code for finding in await verify_city(later.mongo, CITY)] == ["writer-gap"]


async def test_number_of_a_transaction_that_is_still_open_waits_for_its_fate(stores: tuple[Store, Store]) -> None:
    former, later = stores
    began, may_end = asyncio.Event(), asyncio.Event()

    async def slow(session: Session) -> None:
        rows = former._writer.rows(CITY, write_instant(system_clock()), ACTOR, [NOTE])
        await former.mongo.city(CITY)["audit"].insert_many(rows, session=session)
        began.set()
        await may_end.wait()

    transaction = asyncio.create_task(former.mongo.transaction(slow))
    await began.wait()
    await former.note(CITY, ACTOR, NOTE)
    taking_over = asyncio.create_task(later.writers(OWNER).take_over([CITY], system_clock()))
    await asyncio.wait([taking_over], timeout=0.3)
    may_end.set()
    await transaction
    assert await taking_over == 0
    counters = [row["counter"] async for row in later.mongo.city(CITY)["audit"].find({"action": NOTE.action})]
    assert sorted(counters) == [1, 2]


async def test_living_writer_voids_what_failed_without_another_commit(stores: tuple[Store, Store]) -> None:
    writer, _ = stores
    writer._writer.failed(CITY, writer._writer.rows(CITY, write_instant(system_clock()), ACTOR, [NOTE]))

    assert await writer.writers(OWNER).settle([CITY], system_clock()) == 1
    assert await writer.writers(OWNER).settle([CITY], system_clock()) == 0
    await writer.note(CITY, ACTOR, NOTE)
    rows = writer.mongo.city(CITY)["audit"].find({}, {"counter": 1, "action": 1}).sort("counter", 1)
    assert [(row["counter"], row["action"]) async for row in rows] == [(1, "void"), (2, "thing.seen")]


async def test_commit_of_unknown_fate_is_voided_only_where_it_did_not_happen(stores: tuple[Store, Store]) -> None:
    writer, _ = stores
    then, now = system_clock(), system_clock() + DECIDED + timedelta(seconds=1)
    await writer.note(CITY, ACTOR, NOTE)
    lost = writer._writer.rows(CITY, write_instant(then), ACTOR, [NOTE])
    writer._writer.unsure(CITY, [{"counter": 1}, *lost], then)
    await writer.note(CITY, ACTOR, NOTE)

    assert await writer.writers(OWNER).settle([CITY], then) == 0
    assert [finding.code for finding in await verify_city(writer.mongo, CITY)] == ["writer-gap"]
    assert await writer.writers(OWNER).settle([CITY], now) == 1
    assert await verify_city(writer.mongo, CITY) == []
    audit = writer.mongo.city(CITY)["audit"]
    assert [row["action"] async for row in audit.find().sort("counter", 1)] == ["thing.seen", "void", "thing.seen"]


async def test_cancelled_transaction_is_of_unknown_fate(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, _ = stores
    written = asyncio.Event()

    async def slow(work: Work) -> None:
        work.entries.append(NOTE)

    real = writer.mongo._commit

    async def never_ends(session: Session, deadline: float) -> None:
        await real(session, deadline)
        written.set()
        await asyncio.sleep(60)

    with monkeypatch.context() as patch:
        patch.setattr(writer.mongo, "_commit", never_ends)
        task = asyncio.create_task(writer.transact(CITY, ACTOR, slow))
        await written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await writer.note(CITY, ACTOR, NOTE)
    rows = writer.mongo.city(CITY)["audit"].find({}, {"counter": 1, "action": 1}).sort("counter", 1)
    assert [(row["counter"], row["action"]) async for row in rows] == [(1, "thing.seen"), (2, "thing.seen")]


async def test_successor_ends_what_a_killed_process_of_its_name_left_open_and_nothing_else(stack: Stack) -> None:
    former, later, other = [Mongo(stack.mongo_url, "visits", process=name) for name in (OWNER, OWNER, "haus/visits-1")]
    things = later.city(CITY)["things"]
    await things.insert_many([{"_id": "left"}, {"_id": "living"}])
    sessions = []
    for mongo, key in ((former, "left"), (other, "living")):
        sessions.append(session := await mongo.client.start_session())
        session.start_transaction()
        await mongo.city(CITY)["things"].update_one({"_id": key}, {"$set": {"by": "former"}}, session=session)

    assert await later.end_left_behind() == 1
    # A write outside of transactions waits for a lock: it would stand until the server's limit of seconds.
    async with asyncio.timeout(1):
        await things.update_one({"_id": "left"}, {"$set": {"by": "later"}})
    await sessions[1].commit_transaction()
    assert {row["_id"]: row["by"] async for row in things.find()} == {"left": "later", "living": "former"}
    assert await later.end_left_behind() == 0
    await later.client.drop_database(f"visits_{CITY}")
    for mongo in (former, later, other):
        mongo.close()

"""A projection is rebuilt beside the live one: while events arrive, while letters wait, and across the death of whoever
rebuilds."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.messaging import beside
from shared.messaging.batch import Fenced
from shared.messaging.beside import RebuildStalled, rebuild_beside
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.events import Event
from shared.messaging.kafka import Kafka, TopicPartition
from shared.messaging.projection import Mirror, Poll
from shared.messaging.rebuild_rows import RebuildState, ask_for_rebuild, rebuild_state
from shared.messaging.rebuilds import Rebuilds
from shared.messaging.replay import replay
from shared.observability.points import VARIABLE
from shared.storage.leases import Leases
from shared.storage.mongo import Mongo
from shared.storage.store import Layout, Store
from shared.testing.waiting import eventually
from tests.integration.messaging_parts import PERSONS, consumer_of, open_city, relay_of, running, visits_store
from tests.integration.rebuild_parts import Town, fences, generations, projections
from tests.integration.servers import QUICK

CITY = "neubaustadt"


@pytest.fixture(scope="module")
async def town(registry_mongo: Mongo, master_key: bytes) -> Town:
    store = Store(registry_mongo, master_key, Layout())
    await open_city(store, CITY)
    return Town(store, CITY)


@pytest.fixture(scope="module")
async def visits(visits_mongo: Mongo, master_key: bytes) -> Store:
    return visits_store(visits_mongo, master_key)


@pytest.fixture
async def settled(town: Town, visits: Store, kafka: Kafka) -> AsyncIterator[Town]:
    """Three hundred more persons, some changed and some gone, arrived at a running consumer."""
    async with running(relay_of(town.registry, kafka, QUICK), consumer_of(visits, kafka, projections())):
        persons = await town.settle(300)
        for person in persons[:20]:
            await town.change(person)
        for person in persons[10:30]:
            await town.leave(person)
        await arrived(town, visits)
        yield town


async def arrived(town: Town, visits: Store) -> None:
    await eventually(lambda: town.stored(visits), until=lambda rows: rows == town.truth, within=30, every=0.2)


async def over(visits: Store, within: float = 40.0) -> RebuildState:
    state: Any = await eventually(
        lambda: rebuild_state(visits.mongo, "persons"), until=lambda told: told is not None and told.over, within=within
    )
    assert isinstance(state, RebuildState)
    return state


@asynccontextmanager
async def rebuilding(visits: Store, kafka: Kafka, owner: str = "here") -> AsyncIterator[None]:
    """A process that does what rebuilds are asked for."""
    task = asyncio.create_task(Rebuilds(visits, kafka, Leases(visits.mongo, owner), projections()).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_old_events_fill_a_new_generation_and_ask_for_nothing(settled: Town, visits: Store, kafka: Kafka) -> None:
    assert await settled.damage(visits) > 100
    await visits.mongo.city(CITY)["persons"].create_index("since")
    reactions = await visits.mongo.runtime()["reactions"].count_documents({})
    await rebuild_beside(visits, kafka, projections()[1])
    assert await settled.stored(visits) == settled.truth
    assert await visits.mongo.runtime()["reactions"].count_documents({}) == reactions
    assert "since_1" in await visits.mongo.city(CITY)["persons"].index_information()
    assert await generations(visits, CITY) == ["persons"]
    assert await fences(visits) == 0
    state = await rebuild_state(visits.mongo, "persons")
    assert state is not None
    assert (state.state, state.read >= state.of > 300) == ("done", True)


async def test_events_that_arrive_meanwhile_are_neither_lost_nor_seen_twice(
    settled: Town, visits: Store, kafka: Kafka
) -> None:
    """Two processes would do it, the lease lets one; the live consumer is given its own work back at the fence."""
    async with rebuilding(visits, kafka, "one"), rebuilding(visits, kafka, "two"), settled.living():
        for _ in range(3):
            assert await ask_for_rebuild(visits.mongo, "persons")
            state = await over(visits)
            assert (state.state, state.skipped) == ("done", 0)
            assert state.fenced_ms < 5_000
    await arrived(settled, visits)
    assert await settled.faults_of_reactions(visits) == []


async def test_what_the_live_consumer_has_not_seen_at_the_fence_is_left_to_it(
    settled: Town, visits: Store, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New records stand behind those that are still to be read; only the live consumer may ask for their reactions."""
    original = beside._Rebuild._finish

    async def finish(self: Any) -> None:
        late.extend(await settled.settle(30))
        outbox = settled.registry.mongo.city(CITY)["outbox"]
        await eventually(lambda: outbox.count_documents({}), until=lambda left: left == 0)
        self.at = {one: max(0, at - 5) for one, at in self.at.items()}
        for one, at in self.at.items():
            self.consumer.seek(one, at)
        await original(self)

    late: list[str] = []
    monkeypatch.setattr(beside._Rebuild, "_finish", finish)
    await rebuild_beside(visits, kafka, projections()[1])
    await arrived(settled, visits)
    asked = [row["payload"]["person"] async for row in visits.mongo.runtime()["reactions"].find({"city": CITY})]
    assert [asked.count(person) for person in late] == [1] * 30


async def test_row_says_that_a_rebuild_is_under_way(visits: Store) -> None:
    assert await ask_for_rebuild(visits.mongo, "persons")
    assert not await ask_for_rebuild(visits.mongo, "persons")
    await visits.mongo.runtime()["jobs"].delete_one({"_id": "rebuild:persons"})


@pytest.mark.parametrize("point", ["rebuild.reading", "rebuild.fenced", "rebuild.swapping"])
async def test_whoever_rebuilds_is_killed_and_another_goes_on(
    settled: Town, visits: Store, kafka: Kafka, stack: Any, point: str
) -> None:
    removed = await settled.damage(visits)
    assert await ask_for_rebuild(visits.mongo, "persons")
    command = [sys.executable, "-m", "tests.integration.rebuild_process", stack.mongo_url, stack.kafka]
    doomed = await asyncio.create_subprocess_exec(*command, env={**os.environ, VARIABLE: point})
    assert await asyncio.wait_for(doomed.wait(), 30) == -signal.SIGKILL
    if point == "rebuild.reading":
        # The live generation is as it was, and works.
        assert len(await settled.stored(visits)) == len(settled.truth) - removed
        assert await fences(visits) == 0
        await settled.settle(1)
    else:
        assert await fences(visits) == 6
    async with rebuilding(visits, kafka), settled.living():
        assert (await over(visits)).state == "done"
    await arrived(settled, visits)
    assert await settled.faults_of_reactions(visits) == []
    assert (await fences(visits), await generations(visits, CITY)) == (0, ["persons"])


async def test_failing_rebuild_leaves_the_live_generation_as_it_was(settled: Town, visits: Store, kafka: Kafka) -> None:
    class Broken(Mirror):
        async def apply(self, poll: Poll, events: list[Event]) -> None:  # type: ignore[override]
            raise ZeroDivisionError

    removed = await settled.damage(visits)
    assert await ask_for_rebuild(visits.mongo, "persons")
    broken: list[Any] = [Broken(PERSONS, "persons")]
    task = asyncio.create_task(Rebuilds(visits, kafka, Leases(visits.mongo, "broken"), broken).run())
    state = await over(visits)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (state.state, state.error) == ("failed", "ZeroDivisionError")
    assert len(await settled.stored(visits)) == len(settled.truth) - removed
    assert (await fences(visits), await generations(visits, CITY)) == (0, ["persons"])
    await rebuild_beside(visits, kafka, projections()[1])
    assert await settled.stored(visits) == settled.truth


async def test_mark_of_an_erased_person_outlives_her_tombstone(settled: Town, visits: Store, kafka: Kafka) -> None:
    """The topic holds an older state only, as when the tombstone is gone and a late duplicate came."""
    [person] = await settled.settle(1)
    await arrived(settled, visits)
    mark = {"_id": person, "sequence": 7, "erased": True}
    await visits.mongo.city(CITY)["persons"].replace_one({"_id": person}, mark)
    gone = {"_id": new_id("per"), "sequence": 3, "erased": True}
    await visits.mongo.city(CITY)["persons"].insert_one(dict(gone))
    await rebuild_beside(visits, kafka, projections()[1])
    reader = visits.reader(CITY)
    assert [await reader.one("persons", {"_id": one["_id"]}) for one in (mark, gone)] == [mark, gone]
    settled.truth[person] = {"sequence": 7, "erased": True}


async def test_what_is_parked_is_left_to_its_dead_letter(
    settled: Town, visits: Store, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild in between changes nothing about what a replay does; during the fence it is refused."""
    letters = DeadLetters(visits.mongo)
    person = new_id("per")
    producer = kafka.producer()
    await producer.start()
    try:
        topic = kafka.named(PERSONS.name)
        await producer.send_and_wait(topic, key=f"{CITY}/{person}".encode(), value=b"no event", headers=[])
    finally:
        await producer.stop()
    await eventually(letters.count, until=lambda count: count == 1)
    settled.truth[person] = {"sequence": 0, "erased": False, "since": "2026"}
    await settled.change(person)
    await eventually(letters.parked, until=lambda count: count == 1)
    [held] = await letters.everything()
    parked = (await letters.parked_behind(await letters.show(held["_id"]) or {}))[0]
    # The letter is one that can be read now, so that a replay is possible.
    letter = {**parked, "reason": "handler-failed", "at": visits.clock(), "expires": visits.clock()}
    await visits.mongo.runtime()["dead_letters"].update_one(
        {"_id": held["_id"]}, {"$set": {name: letter[name] for name in ("value", "headers")}}
    )

    async def refused() -> None:
        with pytest.raises(Fenced):
            await replay(visits, letters, projections(), held["_id"])

    original = beside._Rebuild._finish

    async def finish(self: Any) -> None:
        await refused()
        await original(self)

    monkeypatch.setattr(beside._Rebuild, "_finish", finish)
    await rebuild_beside(visits, kafka, projections()[1])
    assert person not in await settled.stored(visits)
    assert (await letters.count(), await letters.parked()) == (1, 1)
    before = await visits.mongo.runtime()["reactions"].count_documents({})
    assert await replay(visits, letters, projections(), held["_id"]) == 2
    assert (await settled.stored(visits))[person]["sequence"] == 1
    assert await visits.mongo.runtime()["reactions"].count_documents({}) == before + 1


async def test_letter_that_is_replayed_while_the_rebuild_reads_is_not_lost(
    settled: Town, visits: Store, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = DeadLetters(visits.mongo)
    [person] = await settled.settle(1)
    await arrived(settled, visits)
    topic = PERSONS.name
    consumer = kafka.consumer(None)
    await consumer.start()
    try:
        partitions = [TopicPartition(kafka.named(topic), number) for number in range(6)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        found = None
        while found is None:
            batches = await consumer.getmany(timeout_ms=500)
            for records in batches.values():
                found = next((one for one in records if one.key == f"{CITY}/{person}".encode()), found)
    finally:
        await consumer.stop()

    async def set_aside(session: Any) -> None:
        await letters.add(topic, found, "handler-failed", visits.clock(), session)

    await visits.mongo.transaction(set_aside)
    await visits.mongo.city(CITY)["persons"].delete_one({"_id": person})
    original = beside._Rebuild._fenced

    async def fenced(self: Any) -> bool:
        assert len(self.set_aside) == 1
        await replay(visits, letters, projections(), f"{topic}:{found.partition}:{found.offset}")
        return await original(self)

    monkeypatch.setattr(beside._Rebuild, "_fenced", fenced)
    await rebuild_beside(visits, kafka, projections()[1])
    assert await settled.stored(visits) == settled.truth


async def test_without_a_consumer_nothing_is_swapped(
    town: Town, visits: Store, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "STALLED_SECONDS", 0.5)
    async with running(relay_of(town.registry, kafka, QUICK)):
        await town.settle(3)
        await eventually(
            lambda: town.registry.mongo.city(CITY)["outbox"].count_documents({}), until=lambda left: left == 0
        )
    with pytest.raises(RebuildStalled):
        await rebuild_beside(visits, kafka, projections()[1])
    assert await fences(visits) == 0

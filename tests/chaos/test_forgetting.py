"""What was erased is forgotten: in Kafka's files also where nothing follows, and by a consumer that was away."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.local import Stack
from shared.kernel.clock import system_clock
from shared.kernel.ids import new_id
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.rebuild import drop_projections
from shared.messaging.topics import TopicSettings
from shared.testing.waiting import eventually
from tests.chaos.floor import PERSONS, Floor, consumer_of, relay_of, tallies
from tests.chaos.timeline import Run
from tests.integration.messaging_parts import running

TOPICS = TopicSettings(replication=1, compaction_lag_ms=1_000, delete_retention_ms=1_000)
FORGOTTEN_WITHIN = 60.0
RETENTION = timedelta(days=7)
"""What the consumer takes for the topic's; the topic's own is shorter, so that its tombstones are really gone."""
WHOLE = 20


async def test_tombstone_on_a_quiet_partition_leaves_no_value_in_the_files(
    floor: Floor, stack: Stack, run: Run
) -> None:
    person = new_id("per")
    relay, consumer = relay_of(floor.teller, floor.kafka, floor.topics, "one"), _listening(floor)
    async with running(relay, consumer):
        await floor.say(person, 1)
        await eventually(lambda: _in_files(stack, floor, f'"id":"{person}"'), within=30)
        await floor.forget(person)
        told = run.at("tombstone")
        await eventually(
            lambda: _in_files(stack, floor, f'"id":"{person}"'),
            until=lambda found: not found,
            within=run.bound(FORGOTTEN_WITHIN),
            every=0.5,
        )
        took = asyncio.get_running_loop().time() - told
        await eventually(lambda: _kept(floor, person), until=lambda row: row is not None and row["erased"])
    run.note(f"tombstone on a quiet partition: value gone from the files after {took:.1f} s")


async def test_consumer_that_was_away_too_long_stands_still_until_its_projection_is_built_anew(
    floor: Floor, stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.consumer.LOOKS_AGAIN", 0.2)
    gone, others, calendar = new_id("per"), [new_id("per") for _ in range(WHOLE)], _Calendar()
    floor.listener.clock = calendar
    relay = relay_of(floor.teller, floor.kafka, floor.topics, "one")
    async with running(relay):
        async with running(_listening(floor)):
            for person in (gone, *others):
                await floor.say(person, 1)
            await eventually(lambda: _count(floor), until=lambda count: count == WHOLE + 1, within=30)
        with run.fault("consumer away"):
            await floor.forget(gone)
            await eventually(lambda: _in_files(stack, floor, gone), until=lambda found: not found, within=60, every=0.5)
            await floor.say(others[0], 2)
            await floor.say(others[1], 2)
        calendar.days = 4
        late = _listening(floor)
        async with running(late):
            await eventually(lambda: late.stopped_because, until=lambda why: why == "away-too-long", within=30)
            row = await _kept(floor, gone)
            assert row is not None
            assert not row["erased"]
            await drop_projections(floor.listener, tallies())
            await eventually(lambda: late.stopped_because, until=lambda why: why == "", within=10)
            await eventually(lambda: _count(floor), until=lambda count: count == WHOLE, within=30)
        assert await _kept(floor, gone) is None
    run.note("consumer away longer than tombstones are kept: it stood still, and its projection was built anew")


async def test_consumer_of_quiet_partitions_is_not_taken_for_absent(floor: Floor, run: Run) -> None:
    people, calendar = [new_id("per") for _ in range(WHOLE)], _Calendar()
    floor.listener.clock = calendar
    relay, consumer = relay_of(floor.teller, floor.kafka, floor.topics, "one"), _listening(floor)
    async with running(relay, consumer):
        for person in people:
            await floor.say(person, 1)
        await eventually(lambda: _sequences(floor), until=lambda found: found == {1}, within=30)
        for _ in range(4):
            calendar.days += 3
            await eventually(lambda: _whole_since(floor, calendar()), within=30)
        for person in people:
            await floor.say(person, 2)
        await eventually(lambda: _sequences(floor), until=lambda found: found == {2}, within=30)
        assert consumer.stopped_because == ""
    calendar.days += 10
    again = _listening(floor)
    async with running(relay, again):
        # Nothing came while it was away, so nothing was missed; what comes later is taken.
        await eventually(lambda: bool(again.lag), within=30)
        for person in people:
            await floor.say(person, 3)
        await eventually(lambda: _sequences(floor), until=lambda found: found == {3}, within=30)
        assert again.stopped_because == ""
    run.note("a quiet consumer, and one to which nothing was sent while it was away, went on")


class _Calendar:
    """The listener's clock, which a test may move on by days."""

    def __init__(self) -> None:
        self.days = 0

    def __call__(self) -> datetime:
        return system_clock() + timedelta(days=self.days)


async def _whole_since(floor: Floor, moment: datetime) -> bool:
    """Whether every partition that was read is known to be whole since about then."""
    rows = await floor.listener.mongo.runtime()["offsets"].find({}).to_list(None)
    return all(row["whole"] > moment - timedelta(hours=1) for row in rows)


def _listening(floor: Floor) -> ConsumerLoop:
    consumer = consumer_of(floor.listener, floor.kafka, tallies())
    return ConsumerLoop(
        consumer.store,
        consumer.kafka,
        consumer.catalogue,
        consumer.projections,
        consumer.instance,
        consumer.dead_letters,
        retention=RETENTION,
    )


def _in_files(stack: Stack, floor: Floor, text: str) -> list[str]:
    folder = f"{floor.kafka.named(PERSONS.name)}-*/*.log"
    return [path.name for path in (stack.root / "kafka-1").rglob(folder) if text.encode() in path.read_bytes()]


async def _kept(floor: Floor, person: str) -> dict[str, Any] | None:
    return await floor.listener.reader(floor.city).one("persons", {"_id": person})


async def _count(floor: Floor) -> int:
    return await floor.listener.reader(floor.city).count("persons", {"erased": False})


async def _sequences(floor: Floor) -> set[int]:
    return {row["sequence"] for row in await floor.listener.reader(floor.city).find("persons", {})}

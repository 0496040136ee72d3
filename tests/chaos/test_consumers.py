"""Several consumers side by side: a slow one holds up no other, and three are restarted one after the other."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.messaging.events import Event
from shared.messaging.projection import Mirror, Poll
from shared.testing.waiting import eventually
from tests.chaos.bare import process
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.floor import CITIES, PERSONS, Floor, consumer_of, relay_of, store_of, tallies
from tests.chaos.timeline import Run, silence
from tests.chaos.verdict import settled
from tests.integration.messaging_parts import running

SLOW_SECONDS = 0.5
OTHERS_LAG = 1.0
LARGEST_GROWTH = 50.0
"""MiB, of this process: the clients of the load and both consumers are in it."""
ROLLING_GAP = 5.0
BACK_WITHIN = 3.0
KILLS = 5


@pytest.mark.long
async def test_slow_handler_of_one_service_holds_up_no_other(floor: Floor, run: Run) -> None:
    slow_store = store_of(floor.mongo_url, f"{floor.listener.service}s")
    slow = consumer_of(slow_store, floor.kafka, [Mirror(CITIES, "cities"), _Slow(PERSONS, "persons")])
    quick = consumer_of(floor.listener, floor.kafka, tallies())
    delays = []
    async with running(relay_of(floor.teller, floor.kafka, floor.topics, "one"), slow, quick):
        before = 0
        with run.fault("slow handler"):
            async with floor.telling(WRITES, SEED, pause=0.02):
                for number in range(10):
                    marked = new_id("per")
                    began = monotonic()
                    await floor.say(marked, 1)
                    await eventually(partial(_has, floor, marked), within=30, every=0.01)
                    delays.append(monotonic() - began)
                    before = before or (number == 2 and _resident())
        await settled(floor)
        grown = (_resident() - before) / 1024 / 1024
        wanted = dict(floor.ledger)
        floor_of_slow = slow_store.mongo.city(floor.city)["persons"]
        await eventually(
            lambda: floor_of_slow.count_documents({"sequence": {"$gt": 0}}),
            until=lambda count: count == len(wanted),
            within=120,
        )
    slow_store.mongo.close()
    words = f"one service's handler slow: memory {grown:+.0f} MiB, another's events visible after"
    run.hold(words, max(delays), OTHERS_LAG)
    assert grown < LARGEST_GROWTH


@pytest.mark.long
async def test_killed_consumer_that_is_started_again_goes_on_within_three_seconds(
    floor: Floor, run: Run, tmp_path: Path
) -> None:
    consumer = process(floor, "consumer", "0", tmp_path)
    consumer.start()
    seen = list[float]()
    watcher = asyncio.create_task(_effects(floor, seen))
    try:
        async with running(relay_of(floor.teller, floor.kafka, floor.topics, "one")):
            async with floor.telling(WRITES, SEED, pause=0.02):
                for _ in range(KILLS):
                    wanted = len(seen) + 60
                    await eventually(partial(_longer, seen, wanted), within=60)
                    with run.fault("kill -9 consumer"):
                        consumer.kill()
                        killed, wanted = monotonic(), len(seen) + 60
                        consumer.start()
                        await eventually(partial(_longer, seen, wanted), within=60)
                    run.hold("consumer killed, started again: nothing handled for", silence(seen, killed), BACK_WITHIN)
            await settled(floor)
    finally:
        watcher.cancel()
        consumer.kill()


@pytest.mark.long
async def test_rolling_restart_of_three_consumers_leaves_no_gap(floor: Floor, run: Run, tmp_path: Path) -> None:
    consumers = [process(floor, "consumer", str(number), tmp_path) for number in range(3)]
    for consumer in consumers:
        consumer.start()
    seen = list[float]()
    watcher = asyncio.create_task(_effects(floor, seen))
    try:
        async with running(relay_of(floor.teller, floor.kafka, floor.topics, "one")):
            async with floor.telling(WRITES, SEED, pause=0.02):
                await eventually(lambda: len(seen) > 20, within=60)
                for consumer in consumers:
                    with run.fault(f"SIGTERM {consumer.name}"):
                        began = monotonic()
                        await asyncio.to_thread(consumer.stop)
                        consumer.start()
                        wanted = len(seen) + 20
                        await eventually(partial(_longer, seen, wanted), within=60)
                    run.hold(f"{consumer.name} restarted: nothing handled for", silence(seen, began), ROLLING_GAP)
            await settled(floor, within=90)
    finally:
        watcher.cancel()
        for consumer in consumers:
            consumer.kill()


class _Slow(Mirror):
    async def apply(self, poll: Poll, events: Sequence[Event]) -> None:
        """See ``Projection.apply``."""
        await asyncio.sleep(SLOW_SECONDS)
        await Mirror.apply(self, poll, events)


async def _has(floor: Floor, person: str) -> bool:
    return await floor.listener.reader(floor.city).one("persons", {"_id": person}) is not None


async def _effects(floor: Floor, seen: list[float]) -> None:
    """Notes a moment for each further effect in the listener's store."""
    before = 0
    while True:
        rows: list[dict[str, Any]] = await floor.listener.reader(floor.city).find("effects", {})
        total = sum(row["effects"] for row in rows)
        seen.extend([monotonic()] * (total - before))
        before = total
        await asyncio.sleep(0.05)


def _longer(stream: Sequence[float], than: int) -> bool:
    return len(stream) > than


def _resident() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

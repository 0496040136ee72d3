"""The relay is killed, refused and cut off: every change is told, in order, and nothing twice where it counts."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from deploy.local import Stack
from deploy.local.processes import Component
from shared.contracts.registry import PersonV1
from shared.kernel.ids import new_id
from shared.messaging.relay import Relay
from shared.storage.work import Work
from shared.testing.waiting import eventually
from tests.chaos.bare import process
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.floor import ACTOR, Floor, consumer_of, relay_of, tallies
from tests.chaos.tail import tailing
from tests.chaos.timeline import Run, silence
from tests.chaos.verdict import settled
from tests.integration.messaging_parts import running

KILLS = 6 if WRITES <= 1_000 else 50
TAKEOVER = 3.0
"""The lease of two seconds, the successor's pause of half a second, and its first round."""
FORCED = 3
REBUILT = 3.0
BACKLOG = max(10_000, 10 * WRITES)
A_TRANSACTION = 500
LARGEST_RELAY = 300 * 1024 * 1024
SLOWEST_DRAIN = 1_000
SWEPT_WITHIN = 6.0


async def test_standby_takes_over_from_a_killed_relay_and_nothing_is_lost_or_disordered(
    floor: Floor, run: Run, tmp_path: Path
) -> None:
    relays = [process(floor, "relay", name, tmp_path) for name in ("one", "two")]
    for relay in relays:
        relay.start()
    try:
        async with running(consumer_of(floor.listener, floor.kafka, tallies())), tailing(floor, run) as arrived:
            async with floor.telling(WRITES, SEED, pause=0.01):
                for _ in range(KILLS):
                    await _more(arrived, 20)
                    name = await _holder(floor)
                    holder = relays[0 if name == "one" else 1]
                    with run.fault("kill -9 relay"):
                        holder.kill()
                        killed = monotonic()
                        await eventually(partial(_another_holds, floor, name), within=60, every=0.01)
                        await _more(arrived, 5)
                    run.hold("relay killed: standby silent for", silence(arrived, killed), TAKEOVER)
                    holder.start()
            await settled(floor)
    finally:
        for relay in relays:
            relay.kill()


async def test_producer_is_made_anew_when_kafka_says_out_of_order(floor: Floor, run: Run) -> None:
    relay = relay_of(floor.teller, floor.kafka, floor.topics, "one")
    async with running(relay, consumer_of(floor.listener, floor.kafka, tallies())), tailing(floor, run) as arrived:
        async with floor.telling(WRITES, SEED, pause=0.01):
            for _ in range(FORCED):
                await _more(arrived, 20)
                producer = _producer(relay)
                numbers = producer._txn_manager._sequence_numbers
                for partition in numbers:
                    numbers[partition] += 7
                forced = run.at("out of order")
                await eventually(partial(_has_another, relay, producer), within=30, every=0.01)
                await _more(arrived, 5)
                run.hold("out of order: producer made anew, silent for", silence(arrived, forced), REBUILT)
        await settled(floor)


@pytest.mark.long
async def test_backlog_of_a_long_outage_is_drained_by_a_small_relay(
    floor: Floor, stack: Stack, run: Run, tmp_path: Path
) -> None:
    people = [new_id("per") for _ in range(BACKLOG)]
    relay = process(floor, "relay", "one", tmp_path)
    stack.kill("kafka-1")
    try:
        relay.start()
        with run.fault("kafka away"):
            for first in range(0, BACKLOG, A_TRANSACTION):
                await _tell_all(floor, people[first : first + A_TRANSACTION])
        await asyncio.to_thread(stack.restart, "kafka-1")
        largest, began = 0, monotonic()
        async with running(consumer_of(floor.listener, floor.kafka, tallies())):
            while await floor.teller.mongo.city(floor.city)["outbox"].find_one({}) is not None:
                largest = max(largest, _resident(relay))
                await asyncio.sleep(0.2)
            took = monotonic() - began
            await settled(floor, within=120)
    finally:
        if not stack.component("kafka-1").running:
            await asyncio.to_thread(stack.restart, "kafka-1")
        relay.kill()
    rate, megabytes = BACKLOG / took, largest / 1024 / 1024
    run.note(f"backlog of {BACKLOG}: drained at {rate:.0f}/s, the relay's memory {megabytes:.0f} MiB at most")
    assert largest < LARGEST_RELAY
    assert rate > SLOWEST_DRAIN / run.bound(1)


@pytest.mark.long
async def test_relay_whose_change_stream_was_rolled_away_goes_on(
    floor: Floor, stack: Stack, run: Run, tmp_path: Path
) -> None:
    relay = process(floor, "relay", "one", tmp_path)
    relay.start()
    try:
        async with running(consumer_of(floor.listener, floor.kafka, tallies())), tailing(floor, run) as arrived:
            async with floor.telling(WRITES, SEED, pause=0.01):
                await _more(arrived, 20)
            with run.fault("oplog rolled"):
                relay.pause()
                await _roll_the_oplog(floor)
                await floor.say(new_id("per"), 1)
                relay.resume()
            woken = monotonic()
            await _more(arrived, 1)
            swept = monotonic() - woken
            async with floor.telling(WRITES // 10, SEED + 1, pause=0.01):
                await _more(arrived, 20)
            await settled(floor)
    finally:
        relay.kill()
    log = relay.log.read_text()
    assert "outbox-stream-interrupted" in log
    run.hold("oplog rolled away under the change stream: told after", swept, SWEPT_WITHIN)


async def _more(arrived: Sequence[float], events: int) -> None:
    wanted = len(arrived) + events
    await eventually(lambda: len(arrived) >= wanted, within=60, every=0.01)


async def _holder(floor: Floor) -> str:
    """Who holds the relay's lease; waits until somebody does."""
    leases = floor.teller.mongo.runtime()["leases"]
    row = await eventually(lambda: leases.find_one({"_id": "relay", "owner": {"$in": ["one", "two"]}}), within=60)
    return str(row["owner"])


async def _another_holds(floor: Floor, former: str) -> bool:
    return await _holder(floor) != former


def _has_another(relay: Relay, former: object) -> bool:
    """Whether the relay has made itself a new producer."""
    return relay._producer is not None and relay._producer is not former


def _producer(relay: Relay) -> Any:
    """The producer of a relay that is sending."""
    assert relay._producer is not None
    return relay._producer


async def _tell_all(floor: Floor, people: Sequence[str]) -> None:
    async def body(work: Work) -> None:
        await work.put_all("persons", [{"_id": person, "version": 1} for person in people])
        for person in people:
            work.tell(PersonV1(id=person, since="2026"), sequence=1, fact="person-changed")

    await floor.teller.transact(floor.city, ACTOR, body)
    floor.ledger |= dict.fromkeys(people, 1)
    floor.moments += [monotonic()] * len(people)


async def _roll_the_oplog(floor: Floor) -> None:
    """Writes more than the oplog holds, and waits until its first entry is younger than this began."""
    oplog = floor.teller.mongo.client["local"]["oplog.rs"]
    last = await oplog.find_one({}, {"ts": 1}, sort=[("$natural", -1)])
    ballast = floor.teller.mongo.client[f"{floor.teller.service}_ballast"]["ballast"]

    async def rolled() -> bool:
        await ballast.insert_many([{"ballast": b"\0" * 1_000_000} for _ in range(20)])
        await ballast.delete_many({})
        first = await oplog.find_one({}, {"ts": 1}, sort=[("$natural", 1)])
        return bool(first and last and first["ts"] > last["ts"])

    await eventually(rolled, within=180, every=0.01)
    await ballast.drop()


def _resident(component: Component) -> int:
    """Bytes of memory that a process holds."""
    lines = Path(f"/proc/{component.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

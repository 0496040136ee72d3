"""A consumer gets repeats, disorder, nonsense and handlers that fail: what it keeps is what was told."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from shared.contracts.catalog import PARTITIONS
from shared.kernel.errors import Retry
from shared.kernel.ids import new_id
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.events import Event
from shared.messaging.kafka import ConsumerRecord, TopicPartition, stop_in_background
from shared.messaging.projection import Mirror, Poll, Projection
from shared.messaging.replay import discard, replay
from shared.testing.waiting import eventually
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.floor import CITIES, PERSONS, Floor, Tally, consumer_of, relay_of, tallies
from tests.chaos.timeline import Run
from tests.chaos.verdict import settled
from tests.integration.messaging_parts import running

HELD_UP = 2.0
RETRIES = 30


async def test_each_record_once_to_five_times_and_out_of_order_gives_the_same(floor: Floor, run: Run) -> None:
    rng, listener = random.Random(SEED), consumer_of(floor.listener, floor.kafka, tallies())
    async with running(relay_of(floor.teller, floor.kafka, floor.topics, "one")):
        async with floor.telling(WRITES, SEED):
            pass
        outbox = floor.teller.mongo.city(floor.city)["outbox"]
        await eventually(lambda: outbox.count_documents({}), until=lambda left: left == 0, within=60)
    records = await _records(floor)
    again = [record for record in records for _ in range(rng.randrange(0, 5))]
    rng.shuffle(again)
    with run.fault(f"{len(again)} repeats in any order"):
        await _send_again(floor, again)
    async with running(listener):
        kept = floor.listener.mongo.city(floor.city)
        await eventually(lambda: _sequences(floor), until=lambda found: found == floor.ledger, within=60)
        await eventually(lambda: _read_to_end(floor, len(records) + len(again)), within=60)
        assert await _sequences(floor) == floor.ledger
        counted = {row["_id"]: row["effects"] async for row in kept["effects"].find({})}
    assert {key: count for key, count in counted.items() if count > floor.ledger[key]} == {}
    assert await DeadLetters(floor.listener.mongo).count() == 0
    run.note(f"{len(records)} records, {len(again)} repeats in any order: projection equal, nothing counted twice")


async def test_poison_is_set_aside_with_its_reason_and_holds_up_nobody(floor: Floor, run: Run) -> None:
    letters = DeadLetters(floor.listener.mongo)
    consumer = consumer_of(floor.listener, floor.kafka, tallies())
    async with running(relay_of(floor.teller, floor.kafka, floor.topics, "one"), consumer):
        async with floor.telling(WRITES, SEED, pause=0.01):
            await eventually(lambda: len(floor.moments) > 50, within=60)
            poisons = _poisons(floor.city)
            with run.fault(f"{len(poisons)} poisons on each partition"):
                await _produce(floor, [(p, *poison[1:]) for poison in poisons for p in range(PARTITIONS)])
                wanted = PARTITIONS * len(poisons)
                await eventually(letters.count, until=lambda count: count == wanted, within=60)
            marked = new_id("per")
            began = monotonic()
            await floor.say(marked, 1)
            await eventually(lambda: _has(floor, marked), within=30, every=0.01)
            held_up = monotonic() - began
        await settled(floor)
        found: dict[str, int] = defaultdict(int)
        for letter in await letters.everything():
            found[letter["reason"]] += 1
        expected: dict[str, int] = defaultdict(int)
        for reason, *_ in poisons:
            expected[reason] += PARTITIONS
        assert found == expected
        for letter in await letters.everything():
            await discard(floor.listener, letters, tallies(), letter["_id"])
    assert (await letters.count(), await letters.parked()) == (0, 0)
    run.hold(f"{wanted} poisons: each set aside with its reason; another's event visible after", held_up, HELD_UP)


async def test_handler_that_asks_for_patience_longer_than_any_budget_loses_nothing(floor: Floor, run: Run) -> None:
    """A prototype gave up after 60 tries and polled on: 152 events were lost."""
    patient = _Patient(PERSONS, "persons")
    projections: list[Projection] = [Mirror(CITIES, "cities"), patient]
    async with running(
        relay_of(floor.teller, floor.kafka, floor.topics, "one"),
        consumer_of(floor.listener, floor.kafka, projections),
    ):
        with run.fault("handler asks for patience"):
            async with floor.telling(WRITES, SEED):
                await eventually(lambda: patient.state.asked >= RETRIES, within=120)
            assert await _sequences(floor) == {}
            patient.state.mended = True
        await settled(floor)
    run.note(f"handler asked for patience {patient.state.asked} times: lost 0")


async def test_key_whose_handler_fails_is_parked_and_replayed_while_others_go_on(floor: Floor, run: Run) -> None:
    bad, letters = new_id("per"), DeadLetters(floor.listener.mongo)
    projections: list[Projection] = [Mirror(CITIES, "cities"), _Failing(PERSONS, "persons", bad=bad)]
    broken = consumer_of(floor.listener, floor.kafka, projections)
    async with running(relay_of(floor.teller, floor.kafka, floor.topics, "one"), broken):
        with run.fault("handler fails for one key"):
            async with floor.telling(WRITES, SEED):
                for version in range(1, 6):
                    await floor.say(bad, version)
                    await eventually(partial(_set_aside, letters, version), within=60)
            others = {key: version for key, version in floor.ledger.items() if key != bad}
            await eventually(lambda: _sequences(floor), until=lambda found: found == others, within=60)
            assert (await letters.count(), await letters.parked()) == (1, 4)
        letter = (await letters.everything())[0]
        assert (letter["reason"], letter["key"]) == ("handler-failed", f"{floor.city}/{bad}".encode())
        assert await replay(floor.listener, letters, tallies(), letter["_id"]) == 5
        await settled(floor)
    assert (await letters.count(), await letters.parked()) == (0, 0)
    run.note("one key's handler failed: 1 dead letter, 4 parked behind it, replayed in order; others went on")


@dataclass(slots=True)
class _Patience:
    asked: int = 0
    mended: bool = False


@dataclass(frozen=True, slots=True)
class _Patient(Tally):
    state: _Patience = field(default_factory=_Patience)

    async def apply(self, poll: Poll, events: Sequence[Event]) -> None:
        """See ``Projection.apply``."""
        if not self.state.mended:
            self.state.asked += 1
            raise Retry
        await Tally.apply(self, poll, events)


@dataclass(frozen=True, slots=True)
class _Failing(Tally):
    bad: str = ""

    async def apply(self, poll: Poll, events: Sequence[Event]) -> None:
        """See ``Projection.apply``."""
        if any(event.key == self.bad for event in events):
            raise ZeroDivisionError
        await Tally.apply(self, poll, events)


def _poisons(city: str) -> list[tuple[str, bytes, bytes | None, list[tuple[str, bytes]]]]:
    """The reason, then key, value and headers, one of each kind."""
    person = new_id("per")
    good = [
        ("ce_id", new_id("evt").encode()),
        ("ce_type", PERSONS.type.encode()),
        ("ce_time", b"2026-01-01T00:00:00.000Z"),
        ("ce_city", city.encode()),
        ("ce_sequence", b"1"),
        ("ce_subject", f"person/{person}".encode()),
    ]
    other = [(name, b"de.tueroeffner.unknown.v9" if name == "ce_type" else value) for name, value in good]
    elsewhere = [(name, b"nirgendwo" if name == "ce_city" else value) for name, value in good]
    key = f"{city}/{person}".encode()
    return [
        ("value-unreadable", key, b"\xff\xfe not utf-8", good),
        ("value-unreadable", key, b"[" * 500_000, good),
        ("value-unreadable", key, b'{"specversion": "1.0"}', good),
        ("type-unknown", key, b"{}", other),
        ("headers-unreadable", key, None, []),
        ("headers-unreadable", key, b"{}", good[:3]),
        ("key-of-another-subject", b"per_0", b"{}", good),
        ("city-unknown", f"nirgendwo/{person}".encode(), None, elsewhere),
    ]


async def _produce(floor: Floor, records: Sequence[tuple[int, bytes, bytes | None, list[tuple[str, bytes]]]]) -> None:
    producer = floor.kafka.producer()
    await producer.start()
    try:
        for partition, key, value, headers in records:
            # Each its own key, so that one is not parked behind another.
            await producer.send(
                floor.kafka.named(PERSONS.name), key=key, value=value, headers=headers, partition=partition
            )
        await producer.flush()
    finally:
        stop_in_background(producer)


async def _records(floor: Floor) -> list[ConsumerRecord]:
    """All records of the topic, as they are."""
    partitions = [TopicPartition(floor.kafka.named(PERSONS.name), number) for number in range(PARTITIONS)]
    consumer, records = floor.kafka.consumer(None), list[ConsumerRecord]()
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning()
        while not all([await consumer.position(partition) >= end for partition, end in ends.items()]):
            for found in (await consumer.getmany(timeout_ms=200)).values():
                records += found
    finally:
        stop_in_background(consumer)
    return records


async def _send_again(floor: Floor, records: Sequence[ConsumerRecord]) -> None:
    again = [(record.partition, record.key, record.value, list(record.headers)) for record in records]
    await _produce(floor, again)


async def _read_to_end(floor: Floor, records: int) -> bool:
    rows = floor.listener.mongo.runtime()["offsets"].find({"_id": {"$regex": f"^{PERSONS.name}:"}})
    return sum([int(row["next"]) async for row in rows]) >= records


async def _sequences(floor: Floor) -> dict[str, int]:
    rows = await floor.listener.reader(floor.city).find("persons", {})
    return {row["_id"]: row["sequence"] for row in rows}


async def _has(floor: Floor, person: str) -> bool:
    return await floor.listener.reader(floor.city).one("persons", {"_id": person}) is not None


async def _set_aside(letters: DeadLetters, wanted: int) -> bool:
    return await letters.count() + await letters.parked() == wanted

"""From an outbox over a real Kafka into a projection."""

import json
from contextlib import suppress
from typing import Any

import pytest

from shared.contracts.catalog import PARTITIONS
from shared.contracts.registry import PersonV1
from shared.kernel.errors import Poison
from shared.kernel.ids import new_id
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.events import Event, decode
from shared.messaging.kafka import ConsumerRecord, Kafka, TopicPartition, stop_in_background
from shared.messaging.projection import Mirror, Poll
from shared.messaging.replay import discard, replay
from shared.storage.mongo import Mongo
from shared.storage.store import Layout, Store
from shared.storage.work import Work
from shared.testing.waiting import eventually
from tests.integration.messaging_parts import (
    ACTOR,
    CITIES,
    PERSONS,
    consumer_of,
    mirrors,
    open_city,
    relay_of,
    running,
    tell_person,
    visits_store,
)
from tests.integration.servers import QUICK

CITY, NEIGHBOUR = "poststadt", "nachbarstadt"


@pytest.fixture(scope="module")
async def registry(registry_mongo: Mongo, master_key: bytes) -> Store:
    store = Store(registry_mongo, master_key, Layout())
    await open_city(store, CITY)
    return store


@pytest.fixture(scope="module")
async def visits(visits_mongo: Mongo, master_key: bytes) -> Store:
    return visits_store(visits_mongo, master_key)


async def stored(visits: Store, person: str) -> dict[str, Any] | None:
    return await visits.reader(CITY).one("persons", {"_id": person})


async def test_event_arrives_newest_wins_and_tombstone_leaves_a_mark(
    registry: Store, visits: Store, kafka: Kafka
) -> None:
    person = new_id("per")
    async with running(relay_of(registry, kafka, QUICK), consumer_of(visits, kafka, mirrors())):
        await tell_person(registry, CITY, person, 1)
        await eventually(lambda: stored(visits, person), within=15)
        await tell_person(registry, CITY, person, 3, "2027")
        await eventually(lambda: stored(visits, person), until=lambda row: row is not None and row["sequence"] == 3)
        await tell_person(registry, CITY, person, 2, "1999")

        async def gone(work: Work) -> None:
            work.tell_gone(PersonV1, person, sequence=4)

        await registry.transact(CITY, ACTOR, gone)
        await eventually(lambda: stored(visits, person), until=lambda row: row is not None and row["erased"])
        await tell_person(registry, CITY, person, 3, "2027")
        await eventually(lambda: registry.mongo.city(CITY)["outbox"].count_documents({}), until=lambda left: left == 0)
        other = new_id("per")
        await tell_person(registry, CITY, other, 1)
        await eventually(lambda: stored(visits, other))
    row = await stored(visits, person)
    assert row == {"_id": person, "sequence": 4, "erased": True}


async def test_poison_is_set_aside_its_key_held_and_others_go_on(registry: Store, visits: Store, kafka: Kafka) -> None:
    letters = DeadLetters(visits.mongo)
    person, other = new_id("per"), new_id("per")
    producer = kafka.producer()
    await producer.start()
    bad = [
        (f"{CITY}/{person}".encode(), b"\xff\xfe not json", _headers(person)),
        (new_id("per").encode(), None, []),
        (new_id("per").encode(), b"{}", [("ce_type", b"de.tueroeffner.unknown.v9")]),
    ]
    try:
        for key, value, headers in bad:
            await producer.send_and_wait(kafka.named(PERSONS.name), key=key, value=value, headers=headers)
    finally:
        await producer.stop()
    before = await letters.count()
    async with running(relay_of(registry, kafka, QUICK), consumer_of(visits, kafka, mirrors())):
        await eventually(letters.count, until=lambda count: count == before + 3, within=15)
        await tell_person(registry, CITY, person, 2)
        await tell_person(registry, CITY, other, 1)
        await eventually(lambda: stored(visits, other))
        await eventually(letters.parked, until=lambda count: count == 1)
    assert await stored(visits, person) is None
    found = {letter["reason"]: letter for letter in await letters.everything()}
    assert {"value-unreadable", "headers-unreadable"} <= set(found)
    assert await discard(visits, letters, mirrors(), found["value-unreadable"]["_id"]) == 1
    row = await stored(visits, person)
    assert row is not None
    assert row["sequence"] == 2
    for letter in await letters.everything():
        await discard(visits, letters, mirrors(), letter["_id"])
    assert (await letters.count(), await letters.parked()) == (0, 0)


async def test_handler_that_fails_longer_than_any_budget_loses_nothing(
    registry: Store, visits: Store, kafka: Kafka
) -> None:
    """A record whose handler fails goes to the dead letters; after the mend a replay brings it in."""
    letters = DeadLetters(visits.mongo)
    good, bad = new_id("per"), new_id("per")

    class Broken(Mirror):
        async def apply(self, poll: Poll, events: list[Event]) -> None:  # type: ignore[override]
            if any(event.key == bad for event in events):
                raise ZeroDivisionError
            await super().apply(poll, events)

    broken: list[Any] = [Broken(PERSONS, "persons")]
    async with running(relay_of(registry, kafka, QUICK), consumer_of(visits, kafka, broken)):
        await tell_person(registry, CITY, bad, 1)
        await tell_person(registry, CITY, good, 1)
        await eventually(lambda: stored(visits, good), within=15)
        await eventually(letters.count, until=lambda count: count == 1, within=15)
    letter = (await letters.everything())[0]
    assert letter["reason"] == "handler-failed"
    assert await replay(visits, letters, mirrors(), letter["_id"]) == 1
    assert await stored(visits, bad) is not None


async def test_event_of_an_unknown_city_is_set_aside(registry: Store, visits: Store, kafka: Kafka) -> None:
    letters = DeadLetters(visits.mongo)
    person = new_id("per")
    producer = kafka.producer()
    await producer.start()
    try:
        headers = _headers(person, city="nirgendwo")
        value = json.dumps({}).encode()
        topic, key = kafka.named(PERSONS.name), f"nirgendwo/{person}".encode()
        await producer.send_and_wait(topic, key=key, value=None, headers=headers)
        await producer.send_and_wait(topic, key=key, value=value, headers=headers)
    finally:
        await producer.stop()
    async with running(consumer_of(visits, kafka, mirrors())):
        await eventually(letters.count, until=lambda count: count == 2, within=20)
    assert {letter["reason"] for letter in await letters.everything()} == {"city-unknown", "value-unreadable"}
    for letter in await letters.everything():
        await discard(visits, letters, mirrors(), letter["_id"])


async def test_many_events_survive_a_fenced_consumer(registry: Store, visits: Store, kafka: Kafka) -> None:
    """While events stream in, the stored offset is moved back twice; the consumer goes on from there."""
    persons = [new_id("per") for _ in range(300)]

    async def send(work: Work) -> None:
        for person in persons:
            work.tell(PersonV1(id=person, since="2026"), sequence=1, fact="person-changed")

    async with running(relay_of(registry, kafka, QUICK), consumer_of(visits, kafka, mirrors())):
        await registry.transact(CITY, ACTOR, send)
        for _ in range(2):
            await visits.mongo.runtime()["offsets"].update_many({}, {"$set": {"next": 0}})
        everything = {"_id": {"$in": persons}}
        await eventually(
            lambda: visits.reader(CITY).count("persons", everything), until=lambda count: count == 300, within=20
        )


async def test_id_that_two_cities_use_stays_two_persons_through_compaction_dead_letters_and_tombstones(
    registry: Store, visits: Store, kafka: Kafka
) -> None:
    """Clients make ids: whoever knows one of another city may use it again, and must reach nothing there."""
    letters, person = DeadLetters(visits.mongo), new_id("per")
    await open_city(registry, NEIGHBOUR)

    class Broken(Mirror):
        async def apply(self, poll: Poll, events: list[Event]) -> None:  # type: ignore[override]
            if any((event.city, event.key) == (NEIGHBOUR, person) for event in events):
                raise ZeroDivisionError
            await super().apply(poll, events)

    broken: list[Any] = [Mirror(CITIES, "cities"), Broken(PERSONS, "persons")]
    async with running(relay_of(registry, kafka, QUICK), consumer_of(visits, kafka, broken)):
        await tell_person(registry, CITY, person, 1)
        await eventually(lambda: stored(visits, person), within=15)
        await tell_person(registry, NEIGHBOUR, person, 7, "1999")
        await eventually(lambda: letters.held(PERSONS.name, [f"{NEIGHBOUR}/{person}".encode()], None), within=15)
        await tell_person(registry, CITY, person, 2)
        await eventually(lambda: stored(visits, person), until=lambda row: row is not None and row["sequence"] == 2)
    kept = await _as_if_compacted(kafka)
    assert {(event.city, event.sequence) for event in kept if event.key == person} == {(CITY, 2), (NEIGHBOUR, 7)}
    for letter in await letters.everything():
        await discard(visits, letters, mirrors(), letter["_id"])


async def _as_if_compacted(kafka: Kafka) -> list[Event]:
    """What is left of the topic when of each key only the last record stands."""
    consumer, last = kafka.consumer(None), dict[bytes, ConsumerRecord]()
    await consumer.start()
    try:
        partitions = [TopicPartition(kafka.named(PERSONS.name), number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        while not all([await consumer.position(partition) >= end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                last |= {record.key: record for record in records if record.headers}
    finally:
        stop_in_background(consumer)
    found: list[Event] = []
    for record in last.values():
        with suppress(Poison):
            event = decode(PERSONS.name, record)
            found += [event] if isinstance(event, Event) else []
    return found


def _headers(person: str, city: str = CITY) -> list[tuple[str, bytes]]:
    return [
        ("ce_id", new_id("evt").encode()),
        ("ce_type", PERSONS.type.encode()),
        ("ce_time", b"2026-01-01T00:00:00.000Z"),
        ("ce_city", city.encode()),
        ("ce_sequence", b"1"),
        ("ce_subject", f"person/{person}".encode()),
    ]

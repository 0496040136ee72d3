"""A key that is held: what waits behind its dead letters, in which order it comes in; nothing of it is lost."""

from typing import Any

import pytest

from shared.contracts.registry import PersonV1
from shared.kernel.errors import Poison
from shared.kernel.ids import new_id
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.events import Event
from shared.messaging.kafka import Kafka
from shared.messaging.projection import Mirror, Poll
from shared.messaging.replay import discard, replay
from shared.storage.mongo import Mongo
from shared.storage.store import Layout, Store
from shared.storage.work import Work
from shared.testing.waiting import eventually
from tests.integration.messaging_parts import (
    ACTOR,
    PERSONS,
    consumer_of,
    mirrors,
    open_city,
    relay_of,
    running,
    visits_store,
)
from tests.integration.servers import QUICK

CITY = "parkstadt"


class Picky(Mirror):
    """Fails for the sequences 2 and 4, as a handler with a fault would."""

    async def apply(self, poll: Poll, events: list[Event]) -> None:  # type: ignore[override]
        if any(event.sequence in (2, 4) for event in events if event.city == CITY):
            raise ZeroDivisionError
        await super().apply(poll, events)


@pytest.fixture(scope="module")
async def registry(registry_mongo: Mongo, master_key: bytes) -> Store:
    store = Store(registry_mongo, master_key, Layout())
    await open_city(store, CITY)
    return store


@pytest.fixture(scope="module")
async def visits(visits_mongo: Mongo, master_key: bytes) -> Store:
    return visits_store(visits_mongo, master_key)


async def parked_person(registry: Store, visits: Store, kafka: Kafka) -> tuple[str, list[str]]:
    """A person with the states 1 to 5: two are dead letters, 3 is parked behind the first, 5 behind the second."""
    person = new_id("per")
    letters = DeadLetters(visits.mongo)
    for rows in ("dead_letters", "parked"):
        # What the tests before left: the numbers below are of this service's whole runtime database.
        await visits.mongo.runtime()[rows].delete_many({})

    async def tell(work: Work) -> None:
        for sequence in range(1, 6):
            work.tell(PersonV1(id=person, since=str(2020 + sequence)), sequence=sequence, fact="person-changed")

    picky: list[Any] = [Picky(PERSONS, "persons")]
    async with running(relay_of(registry, kafka, QUICK), consumer_of(visits, kafka, picky)):
        await registry.transact(CITY, ACTOR, tell)
        await eventually(letters.parked, until=lambda count: count == 3, within=20)
    # The fourth is parked as well: a key that is held is not tried. Here it is poison from its own time on.
    [first] = await letters.everything()
    parked = await letters.parked_behind((await letters.show(first["_id"])) or {})
    fourth = parked[1]
    runtime = visits.mongo.runtime()
    await runtime["parked"].delete_one({"_id": fourth["_id"]})
    await runtime["dead_letters"].insert_one({**fourth, "reason": "value-unreadable", "at": visits.clock()})
    return person, [first["_id"], fourth["_id"]]


async def sequence_of(visits: Store, person: str) -> int:
    row = await visits.reader(CITY).one("persons", {"_id": person})
    return int(row["sequence"]) if row else 0


async def test_letters_of_a_key_come_in_one_after_the_other(registry: Store, visits: Store, kafka: Kafka) -> None:
    letters = DeadLetters(visits.mongo)
    person, (first, second) = await parked_person(registry, visits, kafka)
    assert await sequence_of(visits, person) == 1
    with pytest.raises(Poison, match="behind-an-older-dead-letter"):
        await replay(visits, letters, mirrors(), second)
    with pytest.raises(Poison, match="handler-failed"):
        await replay(visits, letters, [Picky(PERSONS, "persons")], first)  # type: ignore[list-item]
    assert (await letters.count(), await letters.parked()) == (2, 2)
    assert await replay(visits, letters, mirrors(), first) == 2
    assert (await sequence_of(visits, person), await letters.parked()) == (3, 1)
    assert await replay(visits, letters, mirrors(), second) == 2
    assert await sequence_of(visits, person) == 5
    assert (await letters.count(), await letters.parked()) == (0, 0)


async def test_what_waits_behind_a_letter_that_is_given_up_waits_behind_the_older_one(
    registry: Store, visits: Store, kafka: Kafka
) -> None:
    letters = DeadLetters(visits.mongo)
    person, (first, second) = await parked_person(registry, visits, kafka)
    assert await discard(visits, letters, mirrors(), second) == 0
    assert (await sequence_of(visits, person), await letters.parked()) == (1, 2)
    assert await discard(visits, letters, mirrors(), first) == 2
    assert await sequence_of(visits, person) == 5
    assert (await letters.count(), await letters.parked()) == (0, 0)


async def test_letter_with_something_behind_it_does_not_expire(registry: Store, visits: Store, kafka: Kafka) -> None:
    letters = DeadLetters(visits.mongo)
    _, (first, second) = await parked_person(registry, visits, kafka)
    held = await letters.show(first)
    assert held is not None
    assert "expires" not in held
    for letter in (first, second):
        await replay(visits, letters, mirrors(), letter)


async def test_letter_of_a_city_that_is_not_served_makes_no_database(visits: Store, kafka: Kafka) -> None:
    letters = DeadLetters(visits.mongo)
    person = new_id("per")
    headers = {"id": new_id("evt"), "type": PERSONS.type, "time": "2026-01-01T00:00:00.000Z", "city": "nirgendort"}
    raw = [(f"ce_{name}", value.encode()) for name, value in (headers | {"sequence": "1"}).items()]
    raw.append(("ce_subject", f"person/{person}".encode()))
    producer = kafka.producer()
    await producer.start()
    try:
        await producer.send_and_wait(
            kafka.named(PERSONS.name), key=f"nirgendort/{person}".encode(), value=None, headers=raw
        )
    finally:
        await producer.stop()
    async with running(consumer_of(visits, kafka, mirrors())):
        await eventually(letters.count, until=lambda count: count == 1, within=20)
    [letter] = await letters.everything()
    with pytest.raises(Poison, match="city-unknown"):
        await replay(visits, letters, mirrors(), letter["_id"])
    assert "visits_nirgendort" not in await visits.mongo.client.list_database_names()
    assert await discard(visits, letters, mirrors(), letter["_id"]) == 0


async def test_what_arrives_during_a_replay_is_not_left_behind(registry: Store, visits: Store, kafka: Kafka) -> None:
    """The consumer parks the next state after the replay has looked; one of the two has to begin again."""
    letters = DeadLetters(visits.mongo)
    person, (first, second) = await parked_person(registry, visits, kafka)
    await discard(visits, letters, mirrors(), second)

    class Slow(Mirror):
        """While it applies, the sixth state arrives and is parked behind the letter that is being replayed."""

        async def apply(self, poll: Poll, events: list[Event]) -> None:  # type: ignore[override]
            await super().apply(poll, events)
            if not told:
                told.append(6)
                await registry.transact(CITY, ACTOR, tell)
                # Until the sixth is parked, or until it is seen that it has to wait for us.
                waited = visits.mongo.runtime()["parked"]
                for _ in range(40):
                    if await waited.count_documents({}) > 2:
                        return
                    await visits.mongo.client.admin.command("ping")

    async def tell(work: Work) -> None:
        work.tell(PersonV1(id=person, since="2030"), sequence=6, fact="person-changed")

    told: list[int] = []
    async with running(relay_of(registry, kafka, QUICK), consumer_of(visits, kafka, mirrors())):
        await replay(visits, letters, [Slow(PERSONS, "persons")], first)  # type: ignore[list-item]
        await eventually(lambda: sequence_of(visits, person), until=lambda sequence: sequence == 6, within=20)
    assert (await letters.count(), await letters.parked()) == (0, 0)

"""The relay's rounds: a row that Kafka refuses holds up its own key only, and what comes in a pause goes together."""

from functools import partial

import pytest

from shared.kernel.ids import new_id
from shared.messaging import relay as relay_module
from shared.messaging.kafka import Kafka
from shared.messaging.relay import Relay
from shared.storage.mongo import Collection, Mongo
from shared.storage.store import Layout, Store
from shared.testing.waiting import eventually
from tests.integration.messaging_parts import open_city, relay_of, running, tell_person
from tests.integration.servers import QUICK

CITY = "rundenstadt"
LARGER_THAN_A_REQUEST = b"x" * 2_000_000


@pytest.fixture
async def registry(registry_mongo: Mongo, master_key: bytes) -> Store:
    store = Store(registry_mongo, master_key, Layout())
    await open_city(store, CITY)
    return store


def outbox(store: Store) -> Collection:
    return store.mongo.city(CITY)["outbox"]


async def waiting(store: Store, person: str) -> list[int]:
    """The sequences of a person's rows that are not sent."""
    rows = outbox(store).find({"subject": f"person/{person}"}).sort("sequence", 1)
    return [row["sequence"] async for row in rows]


async def test_row_that_kafka_refuses_holds_up_its_own_key_until_an_operator_frees_it(
    registry: Store, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "SWEEP_SECONDS", 1.0)
    refused, other = new_id("per"), new_id("per")
    await tell_person(registry, CITY, refused, 1)
    change = {"$set": {"value": LARGER_THAN_A_REQUEST}}
    await outbox(registry).update_one({"subject": f"person/{refused}"}, change)
    async with running(relay_of(registry, kafka, QUICK)):
        await eventually(partial(outbox(registry).count_documents, {"stuck": True}), within=15)
        await tell_person(registry, CITY, refused, 2)
        await tell_person(registry, CITY, other, 1)
        await eventually(partial(waiting, registry, other), until=lambda rows: rows == [])
        assert await waiting(registry, refused) == [1, 2]
        await outbox(registry).delete_one({"stuck": True})
        await eventually(partial(waiting, registry, refused), until=lambda rows: rows == [])


async def test_next_relay_knows_what_the_former_one_found_stuck(registry: Store, kafka: Kafka) -> None:
    refused, other = new_id("per"), new_id("per")
    await tell_person(registry, CITY, refused, 1)
    await outbox(registry).update_one({"subject": f"person/{refused}"}, {"$set": {"stuck": True}})
    await tell_person(registry, CITY, refused, 2)
    await tell_person(registry, CITY, other, 1)
    async with running(relay_of(registry, kafka, QUICK)):
        await eventually(partial(waiting, registry, other), until=lambda rows: rows == [])
    assert await waiting(registry, refused) == [1, 2]
    await outbox(registry).delete_many({})


async def test_rows_that_come_in_a_pause_go_together(
    registry: Store, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []
    send = Relay._send

    async def counted(self: Relay, city: str, rows: list[dict[str, object]]) -> None:
        rounds.append(len(rows))
        await send(self, city, rows)

    monkeypatch.setattr(Relay, "_send", counted)
    monkeypatch.setattr(relay_module, "pause_after", lambda rows: 2.0 if rows else 0.0)
    none_left = partial(eventually, partial(outbox(registry).count_documents, {}), until=lambda left: left == 0)
    async with running(relay_of(registry, kafka, QUICK)):
        await none_left()
        rounds.clear()
        await tell_person(registry, CITY, new_id("per"), 1)
        await none_left()
        for _ in range(10):
            await tell_person(registry, CITY, new_id("per"), 1)
        await none_left()
    assert rounds == [1, 10]

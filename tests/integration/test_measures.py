"""What a process counts of its own work, on the real stack."""

from pathlib import Path

import pytest

from deploy.local import Stack
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.messaging.kafka import Kafka
from shared.runtime.process import Process
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.security.local_issuer import LOCAL_ISSUER
from shared.storage.mongo import MongoFault
from shared.storage.store import Layout, Store
from shared.storage.work import Work
from shared.testing.waiting import eventually
from tests.integration.messaging_parts import (
    ACTOR,
    consumer_of,
    mirrors,
    open_city,
    relay_of,
    running,
    tell_person,
    visits_store,
)
from tests.integration.servers import QUICK

CITY = "messstadt"
PERSONS = "registry.persons.v1"


def process_of(stack: Stack, master_key: bytes, folder: Path, name: str) -> Process:
    """A service without anything of its own, with databases of its own; nothing of it runs yet."""
    file = folder / "master.key"
    file.write_bytes(master_key)
    settings = Settings.model_validate(
        {
            "env": "local",
            "mongo_url": stack.mongo_url,
            "kafka": stack.kafka,
            "master_key_file": file,
            "jwks_file": folder / "jwks.json",
            "issuer": LOCAL_ISSUER,
        }
    )
    return Process.build(Service(name=name, title="Probe", layout=Layout({"things": ()}), routers=()), settings)


def value(store: Store, name: str, **labels: str) -> float:
    """A metric's value; 0 where it was never set."""
    found = store.metrics.registry.get_sample_value(f"tueroeffner_{name}", {"service": store.service, **labels})
    return found or 0.0


async def test_record_is_counted_where_it_is_sent_and_where_it_is_handled(
    stack: Stack, kafka: Kafka, master_key: bytes, tmp_path: Path
) -> None:
    registry = process_of(stack, master_key, tmp_path, "registry").store
    visits = process_of(stack, master_key, tmp_path, "visits").store
    await open_city(registry, CITY)
    listening = visits_store(visits.mongo, master_key)
    relay, person = relay_of(registry, kafka, QUICK), new_id("per")
    async with running(relay, consumer_of(listening, kafka, mirrors())):
        await tell_person(registry, CITY, person, 1)
        await eventually(lambda: listening.reader(CITY).one("persons", {"_id": person}), within=40)
        assert value(registry, "messaging_sent_total", topic=PERSONS) >= 1
        await eventually(lambda: value(visits, "messaging_records_total", topic=PERSONS) >= 1)
        await eventually(lambda: value(visits, "messaging_event_age_seconds_count", topic=PERSONS) >= 1)
        assert 0 <= value(visits, "messaging_event_age_seconds_sum", topic=PERSONS) < 60
        batches = value(visits, "messaging_batches_total", outcome="applied")
        assert 1 <= batches <= value(visits, "messaging_batch_duration_seconds_count")
        # The first look around may have found the first one.
        await tell_person(registry, CITY, person, 2)
        await eventually(lambda: value(registry, "messaging_wakeups_total", cause="stream") >= 1)
        assert value(registry, "messaging_wakeups_total", cause="sweep") >= 1
        assert value(registry, "messaging_producer_rebuilds_total") == 0
        relay._drop_producer()
        await tell_person(registry, CITY, person, 2)
        await eventually(lambda: value(registry, "messaging_producer_rebuilds_total") == 1)
    for store in (registry, visits):
        store.mongo.close()


async def test_transactions_and_keys_are_counted_by_what_became_of_them(
    stack: Stack, master_key: bytes, tmp_path: Path
) -> None:
    store = process_of(stack, master_key, tmp_path, "probe").store
    await store.serve_city(CITY)
    for _ in range(2):
        await store.vault.seal(CITY, "per_someone", {"a": 1})
    keys = {result: value(store, "storage_key_lookups_total", result=result) for result in ("hit", "miss")}
    assert keys == {"hit": 1, "miss": 1}

    attempts = 0

    async def body(work: Work) -> None:
        nonlocal attempts
        attempts += 1
        await work.insert("things", {"_id": attempts})
        if attempts == 1:
            raise MongoFault("lost", error_labels=["TransientTransactionError"])

    async def refused(work: Work) -> None:
        raise Refused("not-this-one")

    async def away(work: Work) -> None:
        raise MongoFault("away")

    await store.transact(CITY, ACTOR, body)
    with pytest.raises(Refused):
        await store.transact(CITY, ACTOR, refused)
    with pytest.raises(MongoFault):
        await store.transact(CITY, ACTOR, away)
    outcomes = ("committed", "retried", "abandoned", "failed")
    counted = {outcome: value(store, "storage_transactions_total", outcome=outcome) for outcome in outcomes}
    assert counted == dict.fromkeys(outcomes, 1)
    assert value(store, "storage_transaction_duration_seconds_count") == 3
    store.mongo.close()


async def test_what_waits_is_measured_and_reactions_given_up_make_readiness_red(
    stack: Stack, master_key: bytes, tmp_path: Path
) -> None:
    process = process_of(stack, master_key, tmp_path, "probe")
    store = process.store
    await store.serve_city(CITY)
    waiting = {"_id": "evt:x", "stuck": False, "time": "2026-01-01T00:00:00.000Z"}
    await store.mongo.city(CITY)["outbox"].insert_one(waiting)
    unchained = {"_id": new_id("aud"), "at": "2026-01-01T00:00:00.000Z", "writer": "wri", "counter": 1}
    await store.mongo.city(CITY)["audit"].insert_one(unchained)
    reactions = store.mongo.runtime()["reactions"]
    await reactions.insert_many([{"_id": "evt:a", "tries": 50}, {"_id": "evt:b", "tries": 49}])
    await process._measure()
    assert value(store, "messaging_outbox_stuck") == 0
    assert value(store, "messaging_outbox_pending") == 1
    assert value(store, "messaging_outbox_oldest_seconds") > 3_600
    assert value(store, "storage_audit_unchained_oldest_seconds", city=CITY) > 3_600
    assert value(store, "messaging_reactions_waiting") == 2
    assert value(store, "messaging_reactions_given_up") == 1
    check = process.checks()["reactions"]
    assert await check() == "1 reactions were given up"
    await reactions.delete_one({"_id": "evt:a"})
    assert await check() is None
    store.mongo.close()

"""The unit of work on a real MongoDB."""

import asyncio
from dataclasses import dataclass

import pytest

from shared.kernel.errors import Conflict, Refused, SealBroken, VersionLost
from shared.kernel.sealed import Sealed
from shared.security.principals import Actor
from shared.storage.mongo import Mongo
from shared.storage.repository import Repository
from shared.storage.store import Layout, Store
from shared.storage.work import Once, Replayed, Work

CITY = "storestadt"
ACTOR = Actor("tester", "coordinator", "correlation-1")


@dataclass(frozen=True, slots=True)
class Thing:
    """An aggregate for these tests."""

    id: str
    count: int = 0
    version: int = 0


THINGS = Repository(Thing, "things", "thing")


@pytest.fixture(scope="module")
async def store(registry_mongo: Mongo, master_key: bytes) -> Store:
    await registry_mongo.check_server()
    made = Store(registry_mongo, master_key, Layout({"things": ()}))
    await made.serve_city(CITY)
    return made


async def test_ten_writers_of_one_document_all_succeed_one_after_another(store: Store) -> None:
    async def begin(work: Work) -> None:
        await THINGS.save(work, Thing("counter"), "made")

    await store.transact(CITY, ACTOR, begin)

    async def add(work: Work) -> None:
        thing = await THINGS.get(work, "counter")
        await THINGS.save(work, Thing(thing.id, thing.count + 1, thing.version), "counted")

    await asyncio.gather(*(store.transact(CITY, ACTOR, add) for _ in range(10)))
    thing = await THINGS.get(store.reader(CITY), "counter")
    assert (thing.count, thing.version) == (10, 11)


async def test_question_that_was_held_leaves_nothing_for_long(store: Store) -> None:
    async def body(work: Work) -> None:
        await work.hold("what/now", "what/now")
        with pytest.raises(ValueError, match="reserved"):
            work.collection("holds")

    await store.transact(CITY, ACTOR, body)
    holds = store.mongo.city(CITY)["holds"]
    assert [(row["_id"], row["times"]) for row in await holds.find({}).to_list(None)] == [("what/now", 2)]
    assert (await holds.index_information())["expires_1"]["expireAfterSeconds"] == 0


async def test_stale_version_is_refused_with_the_current_one(store: Store) -> None:
    async def begin(work: Work) -> None:
        await THINGS.save(work, Thing("stale"), "made")

    async def late(work: Work) -> None:
        await THINGS.save(work, Thing("stale", 1, 7), "changed")

    await store.transact(CITY, ACTOR, begin)
    with pytest.raises(VersionLost) as refusal:
        await store.transact(CITY, ACTOR, late)
    assert refusal.value.params == {"version": 1}
    with pytest.raises(Conflict):
        await store.transact(CITY, ACTOR, begin)


async def test_repeat_is_answered_and_another_body_refused(store: Store) -> None:
    async def body(work: Work) -> None:
        await THINGS.save(work, Thing("once"), "made")
        work.remember(201, "once", 1)

    await store.transact(CITY, ACTOR, body, Once("record-1", "mac-1"))
    with pytest.raises(Replayed) as repeat:
        await store.transact(CITY, ACTOR, body, Once("record-1", "mac-1"))
    assert (repeat.value.status, repeat.value.resource, repeat.value.version) == (201, "once", 1)
    with pytest.raises(Refused, match="idempotency-key-reused"):
        await store.transact(CITY, ACTOR, body, Once("record-1", "mac-2"))


async def test_same_request_twenty_times_at_once_happens_once(store: Store) -> None:
    async def body(work: Work) -> str:
        thing = work.new_id("tng")
        await THINGS.save(work, Thing(thing), "made")
        work.remember(201, thing, 1)
        return thing

    before = await store.reader(CITY).count("things", {})
    answers = await asyncio.gather(
        *(store.transact(CITY, ACTOR, body, Once("record-many", "mac")) for _ in range(20)), return_exceptions=True
    )
    done = [answer for answer in answers if isinstance(answer, str)]
    others = [answer for answer in answers if not isinstance(answer, str)]
    assert len(done) == 1
    assert all(isinstance(other, Replayed | Conflict) for other in others), others
    assert await store.reader(CITY).count("things", {}) == before + 1


async def test_audit_counters_have_no_gap_though_attempts_fail(store: Store) -> None:
    async def fails(work: Work) -> None:
        await THINGS.save(work, Thing(work.new_id("tng")), "made")
        await work.insert("things", {"_id": "counter"})

    async def works(work: Work) -> None:
        await THINGS.save(work, Thing(work.new_id("tng")), "made")

    for _ in range(3):
        with pytest.raises(Conflict):
            await store.transact(CITY, ACTOR, fails)
    await asyncio.gather(*(store.transact(CITY, ACTOR, works) for _ in range(5)))
    rows = await store.mongo.city(CITY)["audit"].find({"writer": store._writer.name}).to_list(None)
    counters = sorted(row["counter"] for row in rows)
    assert counters == list(range(1, len(counters) + 1))


async def test_sealed_value_opens_is_audited_and_is_gone_with_its_key(store: Store) -> None:
    sealed = await store.vault.seal(CITY, "per_1", {"name": "Oksana Beispiel"})
    assert b"Oksana" not in sealed.blob
    opened = await store.open_sealed(CITY, ACTOR, sealed, ("name",))
    assert opened == {"name": "Oksana Beispiel"}
    row = await store.mongo.city(CITY)["audit"].find_one({"object": "per_1", "action": "sealed.read"})
    assert row is not None
    assert row["fields"] == ["name"]
    with pytest.raises(SealBroken):
        await store.vault.open(CITY, Sealed("per_2", sealed.blob))
    assert await store.vault.destroy(CITY, "per_1")
    with pytest.raises(SealBroken):
        await store.vault.open(CITY, sealed)


async def test_city_key_is_the_same_in_another_process_and_differs_by_use(store: Store, master_key: bytes) -> None:
    other = Store(store.mongo, master_key, Layout())
    assert await store.city_key(CITY, "cursor") == await other.city_key(CITY, "cursor")
    assert await store.city_key(CITY, "cursor") != await store.city_key(CITY, "special")

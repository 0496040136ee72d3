"""Keys for many subjects at once, on a real MongoDB."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from shared.kernel.errors import SealBroken
from shared.kernel.sealed import Sealed
from shared.storage.keys_here import KeysHere
from shared.storage.mongo import Mongo
from shared.storage.store import Layout, Store

CITY = "schluesselstadt"


@pytest.fixture(scope="module")
async def store(registry_mongo: Mongo, master_key: bytes) -> Store:
    made = Store(registry_mongo, master_key, Layout({}))
    await made.serve_city(CITY)
    return made


async def _sealed(store: Store, *plains: tuple[str, Mapping[str, Any]]) -> list[Sealed]:
    found = await asyncio.to_thread(store.vault.seal_new_here, CITY, plains)
    assert all(isinstance(one, Sealed) for one in found)
    return [one for one in found if isinstance(one, Sealed)]


async def _keys(store: Store, subject: str) -> int:
    return await store.mongo.city(CITY)["keys"].count_documents({"keyAltNames": subject})


async def test_each_gets_a_key_of_her_own_and_is_opened_by_every_process(store: Store, master_key: bytes) -> None:
    one, other = await _sealed(store, ("per_a", {"name": "Oksana Beispiel"}), ("per_b", {"name": "Juri Beispiel"}))
    assert (await _keys(store, "per_a"), await _keys(store, "per_b")) == (1, 1)
    elsewhere = Store(store.mongo, master_key, Layout({}))
    assert await elsewhere.vault.open(CITY, one) == {"name": "Oksana Beispiel"}
    assert await elsewhere.vault.open(CITY, other) == {"name": "Juri Beispiel"}
    await store.vault.destroy(CITY, "per_a")
    with pytest.raises(SealBroken):
        await store.vault.open(CITY, one)
    assert await store.vault.open(CITY, other) == {"name": "Juri Beispiel"}


async def test_who_has_a_key_and_who_is_named_twice_has_one(store: Store) -> None:
    before = await store.vault.seal(CITY, "per_c", {"name": "Nari Beispiel"})
    plains = [("per_c", {"name": "Nari"}), ("per_d", {"name": "Ola"}), ("per_d", {"name": "Olha"})]
    sealed = await _sealed(store, *plains)
    assert (await _keys(store, "per_c"), await _keys(store, "per_d")) == (1, 1)
    assert [await store.vault.open(CITY, one) for one in (before, *sealed)] == [
        {"name": "Nari Beispiel"}, {"name": "Nari"}, {"name": "Ola"}, {"name": "Olha"},
    ]  # fmt: skip


async def test_key_that_somebody_else_makes_meanwhile_is_the_one(
    store: Store, master_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Store(store.mongo, master_key, Layout({}))
    loop, seal = asyncio.get_running_loop(), KeysHere.seal_new

    def outrun(self: KeysHere, subject: str, text: str, algorithm: str) -> tuple[dict[str, Any], bytes]:
        if subject == "per_e":
            first = elsewhere.vault.seal(CITY, subject, {"name": "first"})
            asyncio.run_coroutine_threadsafe(first, loop).result(timeout=30)
        return seal(self, subject, text, algorithm)

    monkeypatch.setattr(KeysHere, "seal_new", outrun)
    lost, own = await _sealed(store, ("per_e", {"name": "Fari"}), ("per_f", {"name": "Tari"}))
    assert (await _keys(store, "per_e"), await _keys(store, "per_f")) == (1, 1)
    assert await elsewhere.vault.open(CITY, lost) == {"name": "Fari"}
    assert await elsewhere.vault.open(CITY, own) == {"name": "Tari"}


async def test_many_are_opened_by_one_read_of_their_keys(store: Store, master_key: bytes) -> None:
    plains = [(f"per_g{number}", {"name": f"Nari {number}"}) for number in range(12)]
    sealed = await _sealed(store, *plains)
    other_process = Store(store.mongo, master_key, Layout({}))
    assert await other_process.vault.open_all(CITY, sealed) == [plain for _, plain in plains]
    assert await other_process.vault.open_all(CITY, sealed[:1]) == [plains[0][1]]
    moved = [Sealed(sealed[1].subject, sealed[0].blob), *sealed]
    with pytest.raises(SealBroken, match="moved"):
        await store.vault.open_all(CITY, moved)
    await store.vault.destroy(CITY, "per_g5")
    with pytest.raises(SealBroken, match="unreadable"):
        await other_process.vault.open_all(CITY, sealed)

"""An erasure arrives: notes cannot be opened any more, facts stay, nothing comes back, and it is confirmed once."""

import pytest_asyncio

from shared.contracts.visits import VisitsConfirmationV1
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.visits.town import Pair, Town, body


@pytest_asyncio.fixture(scope="module")
async def town(visits_api: Api) -> Town:
    await visits_api.store.serve_city("vergessstadt")
    made = Town(visits_api, "vergessstadt")
    await made.programme()
    return made


async def keys_of(town: Town, subject: str) -> int:
    return await town.api.store.mongo.city(town.city)["keys"].count_documents({"keyAltNames": subject})


async def log(town: Town, pair: Pair, **changes: object) -> str:
    async with town.as_role() as client:
        answer = await client.post("visits", json=body(pair, note="Sie sucht eine Hebamme.", **changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_erasure_takes_keys_and_notes_leaves_facts_and_is_confirmed_once(town: Town) -> None:
    pair, other = await town.pair(), await town.pair()
    visits = [await log(town, pair) for _ in range(3)]
    untouched = await log(town, other)
    assert await keys_of(town, pair.participation.id) == 1
    erasure = await town.erase_family(pair)
    await town.react()
    assert await keys_of(town, pair.participation.id) == 0
    rows = await town.stored("visits", {"_id": {"$in": visits}})
    assert [(row["note"], row["contents"], row["minutes"], row["status"]) for row in rows] == [
        (None, [], 90, "valid")
    ] * 3
    confirmations = await town.told("visits.confirmations.v1", erasure.id)
    assert [type(one) for one in confirmations] == [VisitsConfirmationV1]
    async with town.as_role() as client:
        kept = await client.get(f"visits/{untouched}/note", params={"purpose": "check"})
    assert kept.json() == {"note": "Sie sucht eine Hebamme."}


async def test_erasure_that_completes_or_comes_again_is_confirmed_no_second_time(town: Town) -> None:
    pair = await town.pair()
    await log(town, pair)
    erasure = await town.erase_family(pair)
    rows = await town.api.store.mongo.runtime()["reactions"].find({"city": town.city}).to_list(None)
    await town.react()
    # Killed after its work and before the row was deleted: it runs again.
    await town.api.store.mongo.runtime()["reactions"].insert_many(rows)
    await town.react()
    await town.tell(erasure.model_copy(update={"completed_at": "2026-01-20T08:00:00.000Z"}))
    await town.react()
    assert len(await town.told("visits.confirmations.v1", erasure.id)) == 1


async def test_more_visits_than_one_transaction_holds_are_all_forgotten(town: Town) -> None:
    pair = await town.pair()
    entries = [body(pair, id=new_id("vis"), note="Viele.") for _ in range(130)]
    async with town.as_role() as client:
        await client.post("/visits:batch", json=entries)
    await town.erase_family(pair)
    await town.react()
    rows = await town.stored("visits", {"tandem": pair.tandem})
    assert len(rows) == 130
    assert all(row["note"] is None for row in rows)


async def test_phone_that_syncs_after_the_erasure_brings_no_note_back(town: Town) -> None:
    pair = await town.pair()
    entry = body(pair, id=new_id("vis"), note="Sie sucht eine Hebamme.")
    async with town.as_mentor(pair) as mentor:
        await mentor.post("/visits:batch", json=[entry])
        await town.erase_family(pair)
        await town.react()
        late = {**entry, "id": new_id("vis")}
        answers = (await mentor.post("/visits:batch", json=[entry, late])).json()["entries"]
        single = (await mentor.post("visits", json={**entry, "id": new_id("vis")})).json()
    assert [answer["answer"] for answer in answers] == ["duplicate", "stored"]
    assert answers[1]["warnings"] == ["note-not-kept"]
    assert (single["has_note"], single["warnings"]) == (False, ["note-not-kept"])
    rows = await town.stored("visits", {"tandem": pair.tandem})
    assert len(rows) == 3
    assert all(row["note"] is None and row["contents"] == [] for row in rows)


async def test_participation_without_a_name_makes_no_new_key(town: Town) -> None:
    pair = await town.pair()
    await town.tell(pair.participation.model_copy(update={"family": None}))
    await log(town, pair)
    assert await keys_of(town, pair.participation.id) == 0
    [row] = await town.stored("visits", {"tandem": pair.tandem})
    assert (row["note"], row["warnings"]) == (None, ["note-not-kept"])


async def test_mentor_who_is_erased_leaves_visits_that_a_coordinator_still_corrects(town: Town) -> None:
    pair = await town.pair()
    key = await log(town, pair)
    await town.tell(pair.engagement.model_copy(update={"person": None}))
    async with town.as_mentor(pair) as mentor, town.as_role() as client:
        assert (await mentor.get(f"visits/{key}")).status_code == 404
        sent = {"reason": "wrong_time", "minutes": 5}
        assert (await client.patch(f"visits/{key}", json=sent, headers={"If-Match": '"1"'})).status_code == 200

"""A phone's offline log: each entry has a fate of its own, and sending it again changes nothing."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from shared.contracts.visits import VisitV1
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.visits.town import Pair, Town, body

Answers = list[dict[str, Any]]


@pytest_asyncio.fixture(scope="module")
async def town(visits_api: Api) -> Town:
    await visits_api.store.serve_city("stapelstadt")
    made = Town(visits_api, "stapelstadt")
    await made.programme()
    return made


async def sync(town: Town, pair: Pair, *entries: Any) -> Answers:
    async with town.as_mentor(pair) as mentor:
        answer = await mentor.post("/visits:batch", json=list(entries))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


def fates(answers: Answers) -> list[str]:
    return [answer["answer"] for answer in answers]


async def test_same_visit_three_times_from_two_devices_is_one_visit(town: Town) -> None:
    pair = await town.pair()
    entry = body(pair, id=new_id("vis"), note="Wortgleich.")
    answers = await asyncio.gather(*(sync(town, pair, entry) for _ in range(3)))
    assert sorted(fates([answer for one in answers for answer in one])) == ["duplicate", "duplicate", "stored"]
    assert len(await town.stored("visits", {"_id": entry["id"]})) == 1
    assert len(await town.told("visits.visits.v1", entry["id"])) == 1


async def test_changed_second_version_is_a_correction_with_both_in_the_history(town: Town) -> None:
    pair = await town.pair()
    entry = body(pair, id=new_id("vis"), note="Sie hat eine Hebamme.")
    changed = {**entry, "minutes": 60, "corrects": 1}
    del changed["note"]
    assert fates(await sync(town, pair, entry)) == ["stored"]
    assert fates(await sync(town, pair, changed)) == ["corrected"]
    assert fates(await sync(town, pair, changed, entry)) == ["duplicate", "duplicate"], "a retry, and a device behind"
    told = (await town.told("visits.visits.v1", entry["id"]))[-1]
    assert isinstance(told, VisitV1)
    assert (told.minutes, [version.minutes for version in told.versions]) == (60, [90])
    async with town.as_mentor(pair) as mentor:
        note = await mentor.get(f"visits/{entry['id']}/note", params={"purpose": "check"})
    assert note.json() == {"note": "Sie hat eine Hebamme."}


async def test_two_devices_that_differ_are_shown_both_versions(town: Town) -> None:
    pair = await town.pair()
    entry = body(pair, id=new_id("vis"))
    await sync(town, pair, entry)
    [answer] = await sync(town, pair, {**entry, "minutes": 45, "note": "Geheim."})
    assert (answer["answer"], answer["version"]) == ("conflict", 1)
    assert (answer["stored"]["minutes"], answer["sent"]["minutes"]) == (90, 45)
    assert "note" not in answer["sent"]
    [stale] = await sync(town, pair, {**entry, "minutes": 45, "corrects": 7})
    assert stale["answer"] == "conflict"
    assert len(await town.told("visits.visits.v1", entry["id"])) == 1


async def test_good_entries_are_kept_though_others_are_refused(town: Town) -> None:
    pair, foreign, coming = await town.pair(), await town.pair(), await town.pair(known=False)
    good = [body(pair, id=new_id("vis")) for _ in range(2)]
    answers = await sync(
        town,
        pair,
        good[0],
        {**body(pair), "minutes": "90"},
        body(pair, id=new_id("vis"), date="2999-01-01"),
        body(foreign, id=new_id("vis")),
        body(coming, id=new_id("vis")),
        {**body(pair, id=new_id("vis")), "tandem": "x" * 9},
        good[1],
        good[1],
    )
    assert fates(answers) == ["stored", *["refused"] * 5, "stored", "duplicate"]
    assert [(answer.get("code"), answer.get("pointer")) for answer in answers[1:6]] == [
        ("invalid", "/id"),
        ("invalid", "/date"),
        ("not-found", ""),
        ("not-yet-known", ""),
        ("invalid", "/tandem"),
    ]
    assert [answer["retry"] for answer in answers[1:6]] == [False, False, False, True, False]
    assert {error["pointer"] for error in answers[1]["errors"]} == {"/id", "/minutes"}
    assert len(await town.stored("visits", {"tandem": pair.tandem})) == 2
    assert await town.audited("visits.log", "not-found"), "the attempt at another's tandem is on record"


async def test_id_of_somebody_elses_visit_tells_nothing_of_it(town: Town) -> None:
    own, other = await town.pair(), await town.pair()
    entry = body(other, id=new_id("vis"))
    await sync(town, other, entry)
    attempts = await sync(town, own, body(own, id=entry["id"]), body(own, id=entry["id"], minutes=1, corrects=1))
    assert [(answer["answer"], answer["code"]) for answer in attempts] == [("refused", "already-exists")] * 2
    assert not any("stored" in answer for answer in attempts)
    [kept] = await town.stored("visits", {"_id": entry["id"]})
    assert (kept["tandem"], kept["version"]) == (other.tandem, 1)


async def test_void_visit_takes_no_correction(town: Town) -> None:
    pair = await town.pair()
    entry = body(pair, id=new_id("vis"))
    await sync(town, pair, entry)
    async with town.as_mentor(pair) as mentor:
        await mentor.post(f"visits/{entry['id']}:void", json={"reason": "twice"}, headers={"If-Match": '"1"'})
    again, corrected = await sync(town, pair, entry, {**entry, "minutes": 1, "corrects": 2})
    assert again["answer"] == "duplicate"
    assert (corrected["answer"], corrected["code"]) == ("refused", "already-void")


async def test_long_log_goes_in_parts_and_again_without_effect(town: Town) -> None:
    pair = await town.pair()
    entries = [body(pair, id=new_id("vis"), minutes=number) for number in range(120)]
    first, again = await sync(town, pair, *entries), await sync(town, pair, *entries)
    assert set(fates(first)) == {"stored"}
    assert set(fates(again)) == {"duplicate"}
    assert [answer["id"] for answer in first] == [entry["id"] for entry in entries]
    assert len(await town.stored("visits", {"tandem": pair.tandem})) == 120


async def test_two_phones_with_the_same_long_log_at_once_store_each_visit_once(town: Town) -> None:
    pair = await town.pair()
    entries = [body(pair, id=new_id("vis"), minutes=number) for number in range(60)]
    one, two = await asyncio.gather(sync(town, pair, *entries), sync(town, pair, *reversed(entries)))
    for forth, back in zip(one, reversed(two), strict=True):
        assert sorted([forth["answer"], back["answer"]]) == ["duplicate", "stored"]
    assert len(await town.stored("visits", {"tandem": pair.tandem})) == 60


async def test_entry_that_is_no_object_is_refused_alone(town: Town) -> None:
    pair = await town.pair()
    odd: list[Any] = [None, 5, "x", [], [{}], True]
    async with town.as_mentor(pair) as mentor:
        answer = await mentor.post("/visits:batch", json=[*odd, body(pair, id=new_id("vis"))])
    assert answer.status_code == 200
    *refused, kept = answer.json()["entries"]
    assert kept["answer"] == "stored"
    assert {(one["id"], one["answer"], one["errors"][0]["expected"]) for one in refused} == {
        (None, "refused", "object")
    }
    assert len(refused) == len(odd)


@pytest.mark.parametrize("content", [{}, "x", ["x"], [[], None], None])
async def test_body_that_is_no_list_of_objects_is_refused_as_a_whole(town: Town, content: Any) -> None:
    async with town.as_role() as client:
        answer = await client.post("/visits:batch", json=content)
    assert (answer.status_code, answer.json()["code"]) == (422, "batch-form")


async def test_more_than_five_hundred_entries_are_too_many_and_none_is_nothing(town: Town) -> None:
    async with town.as_role() as client:
        assert (await client.post("/visits:batch", json=[{}] * 501)).status_code == 413
        assert (await client.post("/visits:batch", json=[])).json() == {"entries": []}


async def test_documentation_shows_the_entrys_schema(town: Town) -> None:
    async with town.api.bare() as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    schema = paths["/v1/cities/{city}/visits:batch"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (schema["type"], schema["maxItems"]) == ("array", 500)
    assert {"id", "tandem", "corrects", "note"} <= set(schema["items"]["properties"])
    assert "id" in schema["items"]["required"]

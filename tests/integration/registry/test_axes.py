"""Reads about a day, and as known at an instant: carriers of sites, terms of programmes."""

from typing import Any

import pytest
import pytest_asyncio

from services.registry.commands.programmes import tell_terms_begun
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "achsenstadt"
FUTURE = "2099-07-01"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _site(town: Town, slug: str) -> str:
    body = {"slug": slug, "name": slug.title(), "district": "nordufer", "carrier": "awo", "carrier_since": "2020-01-01"}
    await town.post("sites", body, role="city")
    return f"sites/{slug}"


async def _programme(town: Town, slug: str, **fields: Any) -> str:
    body = {"slug": slug, "name": slug.title(), "begin": "2024-01-01", "services": ["shopping"], **fields}
    await town.post("programmes", body, role="city")
    return f"programmes/{slug}"


async def _patch(town: Town, path: str, body: dict[str, Any], **options: Any) -> Any:
    version = (await town.get(path, role="city"))["version"]
    headers = {"If-Match": f'"{version}"'}
    return await town.ask("PATCH", f"/v1/cities/{CITY}/{path}", body, headers=headers, role="city", **options)


async def test_carrier_is_that_of_the_day_and_as_it_was_known(town: Town) -> None:
    path = await _site(town, "kifaz")
    before = await town.get(path)
    yesterday = before["carriers_recorded"][-1]["recorded_at"]
    await town.post(f"{path}:carrier", {"carrier": "insel", "since": "2025-01-01"}, role="city")
    changed = (await town.get(path))["carriers_recorded"][-1]["recorded_at"]
    await town.post(f"{path}:carrier", {"carrier": "insel", "since": "2024-06-01"}, role="city")

    async def carrier(**asked: str) -> Any:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return (await town.get(f"{path}?{query}"))["carrier"]

    assert (before["carrier"], (await town.get(path))["carrier"]) == ("awo", "insel")
    assert [await carrier(as_of=day) for day in ("2024-05-31", "2024-06-01")] == ["awo", "insel"]
    assert await carrier(as_of="2024-12-31", known_at=changed) == "awo"
    assert await carrier(as_of="2025-01-01", known_at=changed) == "insel"
    assert await carrier(as_of="2025-01-01", known_at=yesterday) == "awo"
    # What is known of tomorrow is what is known now.
    assert await carrier(as_of="2024-06-01", known_at="2099-01-01") == "insel"

    newest = (await town.told("sites", "kifaz"))[-1]
    assert [(entry.since, entry.value) for entry in newest.carriers] == [("2020-01-01", "awo"), ("2024-06-01", "insel")]
    assert [entry.since for entry in newest.carriers_recorded] == ["2020-01-01", "2025-01-01", "2024-06-01"]


async def test_what_nobody_knew_of_is_not_there(town: Town) -> None:
    site, programme = await _site(town, "neubau"), await _programme(town, "neues")
    for path, listed in ((site, "sites"), (programme, "programmes")):
        await town.get(f"{path}?known_at=2020-01-01", expect=404)
        assert (await town.get(f"{listed}?known_at=2020-01-01"))["items"] == []
        assert path.rpartition("/")[2] in [row["id"] for row in (await town.get(f"{listed}?as_of=2020-01-01"))["items"]]


async def test_list_names_the_carrier_of_the_day_and_its_pages_go_on_with_it(town: Town) -> None:
    path = await _site(town, "abc")
    await town.post(f"{path}:carrier", {"carrier": "insel", "since": "2025-01-01"}, role="city")
    page = await town.get("sites?as_of=2024-12-31&limit=1")
    assert [(row["id"], row["carrier"], row["as_of"]) for row in page["items"]] == [("abc", "awo", "2024-12-31")]
    following = await town.get(f"sites?as_of=2024-12-31&limit=1&cursor={page['next']}")
    assert following["items"][0]["id"] > "abc"
    assert (await town.get("sites?limit=1"))["items"][0]["carrier"] == "insel"


async def test_site_of_an_older_release_is_known_ever_since(town: Town) -> None:
    path = await _site(town, "altbau")
    sites = town.api.store.mongo.city(CITY)["sites"]
    await sites.update_one({"_id": "altbau"}, {"$set": {"carriers": [{"since": "2020-01-01", "value": "awo"}]}})
    found = await town.get(f"{path}?known_at=2000-01-01&as_of=1999-01-01")
    assert (found["carrier"], found["carriers_recorded"][0]["recorded_at"]) == ("awo", None)
    assert "altbau" in [row["id"] for row in (await town.get("sites?known_at=2000-01-01"))["items"]]
    await town.post(f"{path}:carrier", {"carrier": "insel", "since": "2025-01-01"}, role="city")
    assert (await town.get(f"{path}?as_of=2025-01-01&known_at=2000-01-01"))["carrier"] == "awo"


async def test_catalogue_grows_from_a_day_and_a_correction_changes_no_earlier_knowledge(town: Town) -> None:
    path = await _programme(town, "katalog", targets=[{"indicator": "visits", "at_least": 8}])
    first = (await town.get(path))["terms"][-1]["recorded_at"]
    await _patch(town, path, {"since": "2025-07-01", "services": ["shopping", "company"]})
    grown = (await town.get(path))["terms"][-1]["recorded_at"]
    targets = [{"indicator": "visits", "at_least": 10, "at_most": 20, "by": "2024-12-31", "for_whom": "newcomers"}]
    await _patch(town, path, {"since": "2024-01-01", "targets": targets})

    async def read(**asked: str) -> Any:
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        found = await town.get(f"{path}?{query}")
        return found["services"], found["targets"][0]["at_least"]

    both = ["shopping", "company"]
    assert await read() == (both, 10)
    assert [await read(as_of=day) for day in ("2025-06-30", "2025-07-01")] == [(["shopping"], 10), (both, 10)]
    assert await read(as_of="2025-07-01", known_at=grown) == (both, 8)
    assert await read(as_of="2025-07-01", known_at=first) == (["shopping"], 8)
    newest = (await town.told("programmes", "katalog"))[-1]
    assert (newest.services, newest.targets[0].for_whom) == (tuple(both), "newcomers")
    assert [entry.since for entry in newest.terms] == ["0001-01-01", "2025-07-01", "2024-01-01"]


async def test_terms_of_a_later_day_are_told_when_it_comes(town: Town) -> None:
    path = await _programme(town, "spaeter")
    planned = await _patch(town, path, {"since": FUTURE, "topics": ["kita"]})
    assert (planned["topics"], (await town.get(f"{path}?as_of={FUTURE}"))["topics"]) == ([], ["kita"])
    await tell_terms_begun(town.api.store)
    assert len(await town.told("programmes", "spaeter")) == 2
    programmes = town.api.store.mongo.city(CITY)["programmes"]
    await programmes.update_one({"_id": "spaeter"}, {"$set": {"terms.1.since": "2025-01-01"}})
    assert await tell_terms_begun(town.api.store) == 1
    assert (await town.told("programmes", "spaeter"))[-1].topics == ("kita",)
    assert await tell_terms_begun(town.api.store) == 0


async def test_topics_are_those_of_the_day_that_something_begins_on(town: Town) -> None:
    path = await _programme(town, "themen", topics=["kita"])
    await _patch(town, path, {"since": "2025-07-01", "topics": ["kita", "schule"]})
    body = {"programme": "themen", "role": "volunteer", "topics": ["schule"]}
    early = {**body, "person": await town.person(), "date": "2025-06-30"}
    refused = await town.post("engagements", early, expect=422)
    assert refused["errors"] == [{"pointer": "/topics/0", "code": "not-one-of", "expected": "kita"}]
    await town.post("engagements", {**early, "date": "2025-07-01"})


@pytest.mark.parametrize("path", ["sites/haus-awo", "sites", "programmes/paten", "programmes"])
async def test_axes_that_are_none_are_refused_by_name(town: Town, path: str) -> None:
    for name, value in (
        ("as_of", "2024-02-30"),
        ("as_of", "gestern"),
        ("known_at", "heute"),
        ("known_at", "2024-13-01"),
    ):
        refused = await town.get(f"{path}?{name}={value}", expect=422)
        assert [(entry["parameter"], entry["code"]) for entry in refused["errors"]] == [(name, "wrong-form")], value
        assert "YYYY-MM-DD" in refused["errors"][0]["expected"]
    await town.get(f"{path}?asof=2024-01-01", expect=422)


async def test_range_without_anything_in_it_is_refused(town: Town) -> None:
    wrong = [{"indicator": "visits", "at_least": 9, "at_most": 8}]
    body = {"slug": "leer", "name": "Leer", "targets": wrong}
    for refused in (
        await town.post("programmes", body, role="city", expect=422),
        await _patch(town, "programmes/paten", {"targets": wrong}, expect=422),
    ):
        assert refused["errors"] == [{"pointer": "/targets/0/at_most", "code": "too-small", "expected": ">= 9"}]


async def test_things_begin_on_the_last_day_and_not_on_the_day_after(town: Town) -> None:
    """By the day of the act, whenever it is entered."""
    path = await _programme(town, "kurz", until="2025-01-01", modules=[{"code": "health", "title": "Gesundheit"}])
    assert (await town.get(path))["state"] == "ended"
    days = {"2023-12-31": False, "2024-01-01": True, "2024-12-31": True, "2025-01-01": False}
    for day, fits in days.items():
        family = await town.family()
        acts = (
            ("engagements", {"person": await town.person(), "programme": "kurz", "role": "volunteer", "date": day}),
            ("participations", {"family": family, "programme": "kurz", "date": day}),
            ("cohorts", {"programme": "kurz", "name": "A", "opened_on": day}),
        )
        for act, body in acts:
            answer = await town.post(act, body, expect=201 if fits else 422)
            if not fits:
                assert answer["code"] == "outside-programme", (act, day)
                assert answer["errors"][0]["expected"] == "2024-01-01 … 2024-12-31"


async def test_ended_programme_stays_readable_as_it_was(town: Town) -> None:
    path = await _programme(town, "vorbei", until="2025-01-01", funders=["Land Nirgendland"])
    seen = [(await town.get(f"{path}?as_of={day}"))["state"] for day in ("2023-12-31", "2024-12-31", "2025-01-01")]
    assert seen == ["planned", "running", "ended"]
    assert "vorbei" in [row["id"] for row in (await town.get("programmes"))["items"]]
    changed = await _patch(town, path, {"funders": ["Stadt Musterhafen"]})
    # What is corrected afterwards is still reported of its own time.
    assert changed["terms"][-1]["from"] == "2024-12-31"
    assert (await town.get(f"{path}?as_of=2024-12-30"))["funders"] == ["Land Nirgendland"]

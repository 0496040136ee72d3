"""A family is changed by a merge patch; what it speaks reaches its participations."""

from typing import Any

import pytest_asyncio

from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "wandelstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _patch(town: Town, family: str, body: dict[str, Any], version: int = 1, **options: Any) -> Any:
    headers = {"If-Match": f'"{version}"'}
    return await town.ask("PATCH", f"/v1/cities/{CITY}/families/{family}", body, headers=headers, **options)


async def test_patch_changes_what_it_names_and_nothing_else(town: Town) -> None:
    child, adult = await town.person(), await town.person()
    family = await town.family(child, languages={"uk": "native", "ru": "C1"}, reads=["ru"], adults=2)
    view = await _patch(town, family, {"children": 3, "languages": {"ru": None, "de": "A2"}, "persons": [adult]})
    assert (view["version"], view["adults"], view["children"]) == (2, 2, 3)
    assert (view["languages"], view["persons"]) == ({"uk": "native", "de": "A2"}, [adult])
    assert view["actions"] == ["change", "move"]
    told = (await town.told("families", family))[-1]
    assert (told.adults, told.children, told.languages) == (2, 3, {"uk": "native", "de": "A2"})
    assert (view["reads"], view["mother_tongues"]) == ([], [])


async def test_household_is_sealed_anew_and_removed_by_null(town: Town) -> None:
    family = await town.family(household={"children": [{"birth": "2018"}], "pregnancies": [{"due": "2026-01"}]})
    assert (await town.get(f"families/{family}"))["household"] is None
    opened = await town.get(f"families/{family}?purpose=visit")
    assert (opened["children"], opened["household"]["children"][0]["birth"]) == (1, "2018")
    patch = {"household": {"children": [{"birth": "2018"}, {"relation": "twin"}], "pregnancies": None}}
    assert (await _patch(town, family, patch))["children"] == 2
    stored = await town.api.store.mongo.city(CITY)["families"].find_one({"_id": family})
    assert "2018" not in str(stored)
    household = (await town.get(f"families/{family}?purpose=visit"))["household"]
    assert (household["children"][1]["relation"], household["pregnancies"]) == ("twin", [])
    few = await _patch(town, family, {"household": {"adults": [{}, {}]}, "adults": 1}, 2, expect=422)
    assert few["errors"] == [{"pointer": "/adults", "code": "too-small", "expected": ">= 2"}]
    await _patch(town, family, {"household": None}, 2)
    assert (await town.get(f"families/{family}?purpose=visit"))["household"] is None
    audit = town.api.store.mongo.city(CITY)["audit"].find({"object": family, "action": "family.family-changed"})
    assert [row["fields"] async for row in audit] == [["adults", "children", "household"], ["household"]]


async def test_language_that_is_not_wished_reaches_every_running_participation(town: Town) -> None:
    family = await town.family(languages={"uk": "native", "ru": "C2", "de": "A1"}, not_wished=["ru"])
    participation = await town.participation(family, not_wished=["de"])
    assert (await town.told("participations", participation))[-1].not_wished == ("de", "ru")
    await _patch(town, family, {"not_wished": []})
    assert (await town.told("participations", participation))[-1].not_wished == ("de",)
    wrong = await _patch(town, family, {"not_wished": ["ar"]}, 2, expect=422)
    assert wrong["errors"][0]["pointer"] == "/not_wished/0"


async def test_languages_reach_running_participations_as_a_version_and_ended_ones_not(town: Town) -> None:
    family = await town.family()
    ended = await town.participation(family)
    await town.post(f"participations/{ended}:end", {"on": "2025-11-22", "reason": "needs_met"})
    running = await town.participation(family)
    before = len(await town.told("participations", ended))
    await _patch(town, family, {"languages": {"de": "B1"}})
    newest = (await town.told("participations", running))[-1]
    assert newest.levels == {"uk": "native", "de": "B1"}
    assert [version.languages for version in newest.versions] == [("uk",)]
    assert len(await town.told("participations", ended)) == before
    await _patch(town, family, {"children": 2}, 2)
    assert len((await town.told("participations", running))[-1].versions) == 1


async def test_patch_is_refused_for_a_lost_version_an_empty_value_and_unknown_people(town: Town) -> None:
    family = await town.family()
    path = f"/v1/cities/{CITY}/families/{family}"
    await town.ask("PATCH", path, {"children": 3}, expect=428)
    lost = await _patch(town, family, {"children": 3}, 7, expect=412)
    assert lost["params"] == {"version": 1}
    empty = await _patch(town, family, {"children": None, "languages": None}, expect=422)
    assert [entry["pointer"] for entry in empty["errors"]] == ["/children", "/languages"]
    unknown = await _patch(town, family, {"persons": [new_id("per")]}, expect=422)
    assert unknown["errors"][0] == {"pointer": "/persons/0", "code": "not-found", "expected": "a person in your reach"}
    await _patch(town, family, {"district": "suedufer"}, expect=422)
    assert len(await town.told("families", family)) == 1


async def test_family_and_its_people_must_be_in_reach(town: Town) -> None:
    family, foreign, stranger = await town.family(), await town.family(), await town.person()
    await town.participation(family)
    await town.participation(foreign, site="haus-insel")
    await town.engagement(stranger, site="haus-insel")
    await _patch(town, foreign, {"children": 3}, carrier="awo", expect=404)
    await _patch(town, family, {"persons": [stranger]}, carrier="awo", expect=422)
    body = {"persons": [stranger], "district": "nordufer", "languages": {"uk": "native"}}
    await town.post("families", body, carrier="awo", expect=422)
    await _patch(town, family, {"children": 3}, carrier="awo")

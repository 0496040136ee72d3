"""What cities, organisations and programmes are: regions, legal regimes, kinds, aims, roles."""

import json
from typing import Any

import pytest_asyncio

from shared.contracts.places import CityV1
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "raumstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _change(town: Town, method: str, path: str, body: Any, role: str = "city", **options: Any) -> Any:
    whole = f"/v1/cities/{CITY}{path}"
    version = (await town.ask("GET", whole.removesuffix("/roles"), role=role))["version"]
    return await town.ask(method, whole, body, headers={"If-Match": f'"{version}"'}, role=role, **options)


async def test_city_has_social_spaces_and_model_regions_of_its_districts(town: Town) -> None:
    space = {"slug": "ufer", "name": "Beide Ufer", "districts": ["nordufer", "suedufer"], "model_region": True}
    changed = await _change(town, "PATCH", "", {"social_spaces": [space], "model_regions": ["nordufer"]})
    assert (changed["social_spaces"], changed["model_regions"]) == ([space], ["nordufer"])
    assert [(s.slug, s.districts) for s in (await _told_city(town)).social_spaces] == [
        ("ufer", ("nordufer", "suedufer"))
    ]
    refused = await _change(town, "PATCH", "", {"social_spaces": [space, {**space, "name": "Zweimal"}]}, expect=422)
    assert refused["errors"][0] == {"pointer": "/social_spaces/1/slug", "code": "used-twice"}
    wrong = {"social_spaces": [{**space, "districts": ["nordufer", "nirgends"]}]}
    refused = await _change(town, "PATCH", "", wrong, expect=422)
    place = {"pointer": "/social_spaces/0/districts/1", "code": "not-one-of", "expected": "nordufer, suedufer"}
    assert refused["errors"] == [place]
    await town.ask("PATCH", f"/v1/cities/{CITY}", {"model_regions": []}, role="city", expect=428)
    await _change(town, "PATCH", "", {"model_regions": []}, role="coordinator", expect=403)


async def _told_city(town: Town) -> Any:
    row = (await town.api.events(CITY, "registry.cities.v1"))[-1]
    return CityV1.model_validate(json.loads(row["value"])["data"])


async def test_organisation_names_the_law_that_binds_it(town: Town) -> None:
    parish = {"slug": "gemeinde", "name": "Gemeinde Musterhafen", "roles": ["carrier"], "legal_regime": "dsg_ekd"}
    assert (await town.post("organisations", parish, role="city"))["legal_regime"] == "dsg_ekd"
    law = {"legal_regime": "gdpr", "supervisory_authority": "Landesdatenschutz Nirgendland"}
    changed = await _change(town, "PATCH", "/organisations/awo", {**law, "services": ["Treff"]})
    assert (await town.told("organisations", "awo"))[-1].supervisory_authority == "Landesdatenschutz Nirgendland"
    assert (changed["legal_regime"], changed["roles"], changed["actions"]) == ("gdpr", ["carrier"], ["change"])
    assert [state.legal_regime for state in await town.told("organisations", "awo")] == [None, "gdpr"]
    refused = await town.post(
        "organisations", {**parish, "slug": "andere", "legal_regime": "hipaa"}, role="city", expect=422
    )
    assert refused["errors"][0]["pointer"] == "/legal_regime"
    assert "kdg" in refused["errors"][0]["expected"]
    await _change(town, "PATCH", "/organisations/awo", {"name": None}, expect=422)


async def test_programme_tells_kind_aims_and_districts(town: Town) -> None:
    body = {"slug": "gruppe", "name": "Gruppe", "kind": "district_mothers", "aims": ["Familien erreichen"]}
    made = await town.post("programmes", {**body, "districts": ["nordufer"]}, role="city")
    assert (made["kind"], made["aims"], made["districts"]) == ("district_mothers", ["Familien erreichen"], ["nordufer"])
    changed = await _change(town, "PATCH", "/programmes/gruppe", {"kind": None, "aims": None, "sites": ["haus-awo"]})
    assert (changed["kind"], changed["aims"], changed["sites"]) == (None, [], ["haus-awo"])
    refused = await _change(town, "PATCH", "/programmes/gruppe", {"districts": ["nirgends"]}, expect=422)
    assert refused["errors"][0]["pointer"] == "/districts/0"


async def test_programme_of_special_kind_tells_neither_kind_nor_aims(town: Town) -> None:
    body = {"slug": "kreis-eins", "name": "Kreis eins", "special": True, "aims": ["Geheimes Ziel"]}
    refused = await town.post("programmes", {**body, "kind": "parent_mentors"}, role="city", expect=422)
    assert refused["errors"] == [{"pointer": "/kind", "code": "not-one-of", "expected": "mentoring, group, other"}]
    made = await town.post("programmes", {**body, "kind": "mentoring"}, role="city")
    assert (made["kind"], made["aims"]) == ("mentoring", [])
    opened = await town.get("programmes/kreis-eins/sealed?purpose=planning", role="city")
    assert opened["aims"] == ["Geheimes Ziel"]
    for row in await town.api.events(CITY, "registry.programmes.v1"):
        assert b"Geheimes" not in row["value"]
    await _change(town, "PATCH", "/programmes/kreis-eins", {"aims": ["Geheimes Ziel"]}, expect=422)


async def test_roles_and_deputies_have_days_and_go_with_the_person(town: Town) -> None:
    lead, deputy = await town.person(), await town.person("Kim Beispiel")
    roles: list[dict[str, Any]] = [
        {"role": "coordinator", "person": lead, "since": "2025-01-01", "until": None, "deputy": False},
        {"role": "coordinator", "person": deputy, "since": "2025-07-01", "until": "2025-08-01", "deputy": True},
    ]
    assigned = await _change(town, "PUT", "/programmes/muetter/roles", {"roles": roles})
    assert assigned["roles"] == roles

    async def on(day: str) -> list[str]:
        return [row["person"] for row in (await town.get(f"programmes/muetter/roles?as_of={day}"))["roles"]]

    assert [await on(day) for day in ("2025-06-30", "2025-07-31", "2025-08-01")] == [[lead], [lead, deputy], [lead]]
    assert lead.encode() not in b"".join(row["value"] for row in await town.api.events(CITY, "registry.programmes.v1"))
    assert "roles" not in await town.get("programmes/muetter")
    await town.get("programmes/muetter/roles", role="mentor", person=lead, expect=403)
    backwards = [{**roles[0], "until": "2024-01-01"}]
    refused = await _change(town, "PUT", "/programmes/muetter/roles", {"roles": backwards}, expect=422)
    assert refused["errors"][0] == {"pointer": "/roles/0/until", "code": "too-early", "expected": "> 2025-01-01"}
    await town.post("erasures", {"subject": deputy})
    assert await on("2025-07-31") == [lead]

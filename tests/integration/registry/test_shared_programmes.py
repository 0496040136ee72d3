"""What several carriers share: a coordinator of one of them reads it, and steers only what is all her carrier's."""

from typing import Any

import pytest
import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import MODULES, Town

CITY = "teilstadt"
ROLES = {"roles": [{"role": "coordinator", "person": "per_00000000000000000000000001", "since": "2025-10-01"}]}
RULE = {"role": "volunteer", "since": "2026-02-01", "needs": []}
SEEN = {"If-Match": '"1"'}
STEERING: list[tuple[str, str, Any]] = [
    ("GET", "programmes/{}/roles", None),
    ("PUT", "programmes/{}/roles", ROLES),
    ("GET", "programmes/{}/sealed?purpose=audit", None),
    ("PATCH", "programmes/{}", {"funders": ["Land Beispiel"]}),
    ("POST", "programmes/{}:end", {}),
    ("POST", "programmes/{}:require", RULE),
    ("PATCH", "programmes/{}/requirements", {"kept_months": 4}),
]


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    for slug, sites in (("geteilt", ["haus-awo", "haus-insel"]), ("allein", ["haus-awo"]), ("nirgends", [])):
        body = {"slug": slug, "name": slug.title(), "begin": "2025-10-01", "sites": sites, "modules": MODULES}
        await made.post("programmes", body, role="city")
    return made


@pytest.mark.parametrize(("method", "path", "body"), STEERING)
@pytest.mark.parametrize("programme", ["geteilt", "nirgends"])
async def test_one_carrier_does_not_steer_what_is_shared(
    town: Town, programme: str, method: str, path: str, body: Any
) -> None:
    audit = town.api.store.mongo.city(CITY)["audit"]
    before = await audit.count_documents({"outcome": "denied"})
    where = f"/v1/cities/{CITY}/{path.format(programme)}"
    await town.ask(method, where, body, headers=SEEN, carrier="awo", expect=404)
    assert await audit.count_documents({"outcome": "denied"}) == before + 1


async def test_carrier_of_every_site_steers_its_programme_until_another_one_joins(town: Town) -> None:
    path = f"/v1/cities/{CITY}/programmes/allein"
    await town.get("programmes/allein/roles", carrier="awo")
    await town.get("programmes/allein/roles", carrier="insel", expect=404)
    await town.get("programmes/allein/roles", sites=["haus-insel"], expect=403)
    both = {"sites": ["haus-awo", "haus-insel"]}
    await town.ask("PATCH", path, both, headers=SEEN, carrier="awo", expect=404)
    await town.ask("PATCH", path, {"funders": ["Land Beispiel"]}, headers=SEEN, carrier="awo")
    await town.ask("PATCH", path, both, headers={"If-Match": '"2"'})
    await town.get("programmes/allein/roles", carrier="awo", expect=404)


async def test_cohorts_and_series_of_a_shared_programme_are_read_and_not_steered(town: Town) -> None:
    cohort = {"programme": "geteilt", "name": "Jahrgang 1", "opened_on": "2025-10-06"}
    series = {"programme": "geteilt", "name": "Alle", "first_on": "2025-11-10"}
    one = {"carrier": "awo"}
    await town.post("cohorts", cohort, **one, expect=404)
    await town.post("meeting-series", series, **one, expect=404)
    at, every = (await town.post("cohorts", cohort))["id"], (await town.post("meeting-series", series))["id"]
    met = await town.post(f"meeting-series/{every}/meetings", {"date": "2025-11-17"}, **one)
    for path, change in (
        (f"cohorts/{at}", {"places": 3}),
        (f"meeting-series/{every}", {"until": "2025-12-01"}),
        (f"meeting-series/{every}/meetings/{met['id']}", {"reason": "entered_wrongly", "state": "cancelled"}),
    ):
        await town.get(path, **one)
        await town.ask("PATCH", f"/v1/cities/{CITY}/{path}", change, headers=SEEN, **one, expect=404)

"""What registry's resources say may be done with them, for tokens with several grants."""

from typing import Any

import pytest_asyncio

from shared.kernel.ids import new_id
from shared.security.principals import CITY, COORDINATOR, SERVICE, Grant
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

NAME = "rechtestadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, NAME)
    await made.build()
    return made


async def _actions(town: Town, path: str, *grants: Grant) -> Any:
    token = town.api.tokens.issuer.issue(new_id("sub"), list(grants))
    async with town.api.bare({"Authorization": f"Bearer {token}"}) as client:
        answer = await client.get(f"/v1/cities/{NAME}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()["actions"]


async def test_service_reads_all_and_acts_where_its_other_grant_reaches(town: Town) -> None:
    engagement = await town.engagement(await town.person())
    participation = await town.participation(await town.family())
    reads = Grant(SERVICE, NAME)
    for path, actions in (
        (f"engagements/{engagement}", ["change", "move", "pause", "leave", "clear"]),
        (f"participations/{participation}", ["change", "move", "end"]),
    ):
        assert await _actions(town, path, reads) == []
        for limits in ({"carrier": "insel"}, {"programmes": frozenset({"muetter"})}, {"sites": frozenset({"x1"})}):
            assert await _actions(town, path, reads, Grant(COORDINATOR, NAME, **limits)) == [], (path, limits)
        own = Grant(COORDINATOR, NAME, carrier="awo", programmes=frozenset({"paten"}), sites=frozenset({"haus-awo"}))
        assert await _actions(town, path, reads, own) == actions


async def test_programme_and_site_are_changed_by_whoever_steers_them(town: Town) -> None:
    steers = Grant(COORDINATOR, NAME, programmes=frozenset({"paten"}))
    assert await _actions(town, "programmes/paten", steers) == ["change", "end"]
    assert await _actions(town, "programmes/muetter", steers) == []
    assert await _actions(town, "sites/haus-awo", steers) == []
    assert await _actions(town, "sites/haus-awo", Grant(CITY, NAME)) == ["carrier"]


async def test_attendance_is_corrected_by_whoever_reaches_the_engagement(town: Town) -> None:
    cohort = (await town.post("cohorts", {"programme": "muetter", "name": "A", "opened_on": "2025-11-17"}))["id"]
    engagement = await town.engagement(await town.person(), "muetter", cohort=cohort)
    body = {"cohort": cohort, "engagement": engagement, "module": "health", "date": "2025-11-20", "state": "present"}
    assert (await town.post("attendances", body))["actions"] == ["correct"]
    (listed,) = (await town.get(f"attendances?cohort={cohort}", carrier="awo"))["items"]
    assert listed["actions"] == ["correct"]
    (seen,) = (await town.get("cohorts?programme=muetter", programmes=["muetter"]))["items"]
    assert (seen["id"], seen["actions"]) == (cohort, ["change", "enrol", "leave"])

"""Whoever has moved to another site is offered there from that day on."""

from typing import Any

import pytest_asyncio

from shared.contracts.places import SiteV1
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("umzugsstadt")
    return Town(matching_api, "umzugsstadt")


async def test_new_sites_coordinator_proposes_whoever_has_moved_there(town: Town) -> None:
    slug = await town.programme("wer-umzog")
    site: dict[str, Any] = {"slug": "neues-haus", "name": "Haus", "district": "schmarl"}
    await town.tell(SiteV1.model_validate({**site, "carriers": [{"from": "2025-01-01", "value": "werkhaus"}]}))
    mentor, family = await town.mentor(slug), await town.family(slug)
    assert await _offered(town, family.id, "volkshaus") == (200, [mentor.id])
    assert (await _offered(town, family.id, "werkhaus"))[0] == 404
    moved = {"sites": [{"from": "2025-10-01", "value": f"{slug}-haus"}, {"from": DAY, "value": "neues-haus"}]}
    for entry in (mentor, family):
        await town.tell(type(entry).model_validate({**entry.model_dump(mode="json", by_alias=True), **moved}))
    assert await _offered(town, family.id, "werkhaus") == (200, [mentor.id])
    assert (await _offered(town, family.id, "volkshaus"))[0] == 404


async def _offered(town: Town, participation: str, carrier: str) -> tuple[int, list[str]]:
    """The answer's status, and who is a candidate."""
    await town.fresh_consents()
    async with town.as_role("coordinator", carrier=carrier) as client:
        answer = await client.get("candidates", params={"participation": participation, "date": DAY})
    return answer.status_code, [one["engagement"] for one in answer.json().get("candidates", ())]

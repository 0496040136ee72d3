"""What a city's office may read in visits: events of the neighbourhood by head counts, and no single case."""

import re
from typing import Final

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.visits.town import Town

BELOW: Final = "/v1/cities/{city}/"
MAY_READ: Final = {"activities", "activities/{activity}"}


@pytest_asyncio.fixture(scope="module")
async def town(visits_api: Api) -> Town:
    await visits_api.store.serve_city("rathausstadt")
    made = Town(visits_api, "rathausstadt")
    await made.programme("paten")
    return made


async def test_city_is_refused_by_every_route_that_reads_a_single_case(town: Town) -> None:
    pair = await town.pair("paten")
    async with town.as_role("city") as client:
        routes = (await client.get("http://service/openapi.json")).json()["paths"]
        reads = [path.removeprefix(BELOW) for path, ways in routes.items() if path.startswith(BELOW) and "get" in ways]
        found = {path: (await client.get(re.sub(r"{\w+}", "none", path))).status_code for path in reads}
        listed = await client.get(f"visits?tandem={pair.tandem}")
    assert {path for path, status in found.items() if status != 403} == MAY_READ
    assert len(found) > 6
    assert listed.status_code == 403

"""Expected waiting over HTTP: from first tandems of the last half year, with what was undone left out."""

import pytest_asyncio

from shared.security.principals import CITY
from tests.integration.api_parts import Api
from tests.integration.matching.town import Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("wartestadt")
    return Town(matching_api, "wartestadt")


async def test_wait_is_expected_as_others_waited_lately(town: Town) -> None:
    slug = await town.programme("wie-lange")
    for day in ("2026-01-06", "2026-01-11", "2026-01-16", "2026-01-21", "2026-01-26"):
        family = await town.family(slug, waiting_since="2026-01-01")
        assert (await town.pair(await town.mentor(slug), family, day)).status_code == 201
    await town.pair(await town.mentor(slug), await town.family(slug, waiting_since="2025-01-01"), "2025-11-10")
    asked = {"programme": slug, "date": "2026-06-01"}
    for role in ("coordinator", CITY):
        async with town.as_role(role) as client:
            found = (await client.get("expected-waiting", params=asked)).json()
            long_ago = (await client.get("expected-waiting", params={**asked, "date": "2027-06-01"})).json()
            other = (await client.get("expected-waiting", params={**asked, "language": "uk"})).json()
        row = {"language": "ar", "families": 5, "days": 15}
        assert found["items"] == [{**row, "topic": None}, {**row, "topic": "health"}]
        assert (long_ago["items"], other["items"]) == ([], [])


async def test_one_that_is_out_of_reach_is_not_told(town: Town) -> None:
    slug = await town.programme("nicht-meins")
    async with town.as_role(carrier="werkhaus") as client:
        assert (await client.get("expected-waiting", params={"programme": slug})).status_code == 404
        assert (await client.get("expected-waiting")).status_code == 422

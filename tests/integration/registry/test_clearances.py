"""Several certificates of good conduct of one engagement: which one stands."""

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

SEEN = {"issued_on": "2026-01-02", "seen_on": "2026-01-15"}


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, "fuehrungszeugnisstadt")
    await made.build()
    return made


async def test_older_certificate_that_is_recorded_later_does_not_take_the_place_of_the_newer(town: Town) -> None:
    engagement = await town.engagement(await town.person())
    path = f"engagements/{engagement}"
    old = {"issued_on": "2024-02-10", "seen_on": "2024-02-20"}
    await town.post(f"{path}:clear", SEEN)
    found = await town.post(f"{path}:clear", old)
    issued = [one["issued_on"] for one in (found["clearance"], *found["earlier_clearances"])]
    assert issued == [SEEN["issued_on"], "2024-02-10"]
    assert (await town.told("engagements", engagement))[-1].clearance_until == "2031-01-02"
    assert (await town.get(path, role="service"))["earlier_clearances"] == []
    # A slip of the pen is another thing than an older certificate.
    found = await town.post(f"{path}:clear", {"issued_on": "2025-01-02", "seen_on": "2025-01-15", "corrects": True})
    issued = [one["issued_on"] for one in (found["clearance"], *found["earlier_clearances"])]
    assert issued == ["2025-01-02", "2024-02-10"]
    assert (await town.told("engagements", engagement))[-1].clearance_until == "2030-01-02"

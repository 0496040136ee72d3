"""A report names the carrier, the funders and the targets of its own days; what is sealed stays as it was sealed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from shared.contracts.places import SiteV1
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.reporting.town import PROGRAMME, SITE, Town

ENTERED, CORRECTED = "2024-12-01T08:00:00.000Z", "2025-10-01T08:00:00.000Z"
YEAR = {"2024": {"begin": "2024-01-01", "until": "2025-01-01"}, "2025": {"begin": "2025-01-01", "until": "2026-01-01"}}


@pytest_asyncio.fixture
async def town(reporting_api: Api) -> AsyncIterator[Town]:
    city = f"trg{new_id('cit')[4:18]}"
    await reporting_api.store.serve_city(city)
    made = Town(reporting_api, city)
    await made.programme(begin="2024-01-01", until="2026-01-01")
    yield made


async def carried(town: Town, *entries: tuple[str, str, str | None]) -> None:
    """The site with these entries of its carrier: from when, who, recorded when."""
    recorded = [{"from": since, "value": value, "recorded_at": at} for since, value, at in entries]
    dated = {row["from"]: {"from": row["from"], "value": row["value"]} for row in recorded}
    site = {"slug": SITE, "name": "Mütterzentrum", "district": "ostsiedlung", "carriers": sorted_by_day(dated)}
    await town.tell(SiteV1.model_validate({**site, "carriers_recorded": recorded}))


def sorted_by_day(dated: dict[str | None, dict[str, Any]]) -> list[dict[str, Any]]:
    return [dated[day] for day in sorted(dated, key=str)]


async def page(town: Town, year: str, **parameters: str) -> str:
    answer = await town.as_role().get(f"programmes/{PROGRAMME}/report", params=YEAR[year] | parameters)
    assert answer.status_code == 200, answer.text
    return answer.text


def named(text: str) -> tuple[bool, bool]:
    """Whether the former and the new carrier are named."""
    return "Haus e.V." in text, "Werk gGmbH" in text


async def test_report_of_2024_names_the_carrier_of_2024(town: Town) -> None:
    await carried(town, ("2020-01-01", "haus-ev", None), ("2025-01-01", "werk-ggmbh", ENTERED))
    assert [named(await page(town, year)) for year in YEAR] == [(True, False), (False, True)]


async def test_correction_of_today_reaches_new_reports_and_neither_sealed_ones_nor_what_was_known(town: Town) -> None:
    await carried(town, ("2020-01-01", "haus-ev", None), ("2025-01-01", "werk-ggmbh", ENTERED))
    sealed = (await town.as_role().post("reports", json={"programme": PROGRAMME} | YEAR["2024"])).json()
    await carried(
        town,
        ("2020-01-01", "haus-ev", None),
        ("2025-01-01", "werk-ggmbh", ENTERED),
        ("2024-01-01", "werk-ggmbh", CORRECTED),
    )
    assert named(await page(town, "2024")) == (False, True)
    assert named(await page(town, "2024", known_at="2025-09-30")) == (True, False)
    content = await town.as_role().get(f"reports/{sealed['id']}/content")
    assert named(content.text) == (True, False)
    assert (await town.as_role().post(f"reports/{sealed['id']}:verify")).json()["valid"]


async def test_site_that_an_older_registry_told_of_is_known_ever_since(town: Town) -> None:
    sites = town.api.store.mongo.city(town.city)["known_sites"]
    await sites.update_one({"_id": SITE}, {"$unset": {"carriers_recorded": ""}})
    assert named(await page(town, "2024", known_at="2000-01-01")) == (False, True)


async def test_targets_and_funders_are_those_of_the_last_day_reported(town: Town) -> None:
    def agreed(since: str, at: str | None, least: int, funder: str) -> dict[str, Any]:
        return {
            "from": since,
            "recorded_at": at,
            "targets": [{"indicator": "visits", "at_least": least}],
            "funders": [funder],
        }

    terms = [agreed("0001-01-01", None, 8, "Land Nirgendland"), agreed("2025-01-01", ENTERED, 12, "Stadt Musterhafen")]
    await town.programme(begin="2024-01-01", until="2026-01-01", terms=terms)

    async def target(year: str, **parameters: str) -> Any:
        return (await town.figures(**YEAR[year], **parameters))["targets"][0]["target"]

    assert [await target(year) for year in YEAR] == [{"at_least": 8}, {"at_least": 12}]
    assert await target("2025", known_at="2024-11-30") == {"at_least": 8}
    assert "Land Nirgendland" in await page(town, "2024")
    assert "Stadt Musterhafen" in await page(town, "2025")
    untold = town.api.store.mongo.city(town.city)["known_programmes"]
    await untold.update_one({"_id": PROGRAMME}, {"$unset": {"terms": ""}})
    assert (await town.figures(**YEAR["2024"]))["targets"][0]["indicator"] == "volunteers_won"

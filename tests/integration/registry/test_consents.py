"""A consent says who answers for it: which law binds the carrier of its day, and which authority watches over it."""

from typing import Any

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import consent_of
from tests.integration.registry.town import Town

CITY = "aufsichtstadt"
PARISH = {"legal_regime": "dsg_ekd", "supervisory_authority": "Datenschutzaufsicht der Beispielkirche"}
CLUB = {"legal_regime": "gdpr", "supervisory_authority": "Landesdatenschutz Nirgendland"}


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    for slug, law in (("awo", CLUB), ("insel", PARISH)):
        await made.ask(
            "PATCH", f"/v1/cities/{CITY}/organisations/{slug}", law, role="city", headers={"If-Match": '"1"'}
        )
    return made


def _named(consent: Any) -> list[tuple[str, str, str]]:
    fields = ("organisation", "legal_regime", "supervisory_authority")
    return [tuple(row[field] for field in fields) for row in consent["responsible"]]


async def test_consent_names_the_law_and_the_authority_of_its_carrier(town: Town) -> None:
    family = await town.family(await town.person())
    await town.participation(family, site="haus-insel")
    given = await town.post("consents", consent_of(family))
    assert _named(given) == [("insel", "dsg_ekd", "Datenschutzaufsicht der Beispielkirche")]
    assert await town.get(f"consents/{given['id']}") == given
    assert (await town.get(f"consents?subject={family}"))["items"] == [given]
    withdrawn = await town.post(f"consents/{given['id']}:withdraw", {})
    assert withdrawn["responsible"] == given["responsible"]


async def test_carrier_is_that_of_the_day_on_which_it_was_given(town: Town) -> None:
    site = {"slug": "haus-neu", "name": "Haus Neu", "district": "nordufer", "carrier": "awo"}
    await town.post("sites", {**site, "carrier_since": "2020-01-01"}, role="city")
    await town.post("sites/haus-neu:carrier", {"carrier": "insel", "since": "2025-11-20"}, role="city")
    person = await town.person()
    engagement = await town.engagement(person, site="haus-neu")
    earlier = await town.post("consents", consent_of(person))
    later = await town.post("consents", consent_of(engagement, given_on="2025-11-21"))
    assert [_named(one)[0][0] for one in (earlier, later)] == ["awo", "insel"]
    assert (_named(earlier)[0][1], _named(later)[0][1]) == ("gdpr", "dsg_ekd")


async def test_who_takes_part_nowhere_has_no_carrier_yet_and_another_carrier_s_part_is_not_told(town: Town) -> None:
    person = await town.person()
    assert (await town.post("consents", consent_of(person)))["responsible"] == []
    family = await town.family(person)
    for programme, site in (("paten", "haus-awo"), ("muetter", "haus-insel")):
        await town.participation(family, programme, site=site)
    both = await town.post("consents", consent_of(person))
    assert [row[0] for row in _named(both)] == ["awo", "insel"]
    seen = await town.get(f"consents/{both['id']}", carrier="awo")
    assert [row[0] for row in _named(seen)] == ["awo"]

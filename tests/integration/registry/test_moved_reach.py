"""Whoever has moved is found by the new carrier in every way, by the former in none; the mentor keeps her family."""

from typing import Any, Final

import pytest_asyncio

from shared.kernel.dates import today
from tests.integration.api_parts import Api
from tests.integration.registry.families_parts import Tandems, consent_of
from tests.integration.registry.town import Town

AWO: Final[dict[str, Any]] = {"carrier": "awo", "subject": "usr-awo"}
INSEL: Final[dict[str, Any]] = {"carrier": "insel", "subject": "usr-insel"}
MOVED: Final = "2026-01-12"
NAME: Final = "Zohra Umzugsbeispiel"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, "hausstadt")
    await made.build()
    return made


async def _ways(town: Town, ids: dict[str, str], who: dict[str, Any]) -> dict[str, bool]:
    """By way, whether one carrier finds her there."""
    person, family = ids["person"], ids["family"]
    found = {
        "search": person in str(await town.post("people:search", {"name": NAME}, **who)),
        "names": NAME.split()[0] in str(await town.post("people:names", {"ids": [person]}, **who)),
    }
    found |= {
        kind: key in [row["id"] for row in (await town.get(kind, **who))["items"]]
        for kind, key in (("participations", ids["participation"]), ("families", family))
    }
    single = (
        f"people/{person}?purpose=visit", f"people/{person}/proofs", f"families/{family}?purpose=visit",
        f"contacts/{family}?purpose=visit", f"consents?subject={family}", f"participations/{ids['participation']}",
    )  # fmt: skip
    async with town.api.client("coordinator", town.city, **who) as client:
        for path in single:
            status = (await client.get(f"/v1/cities/{town.city}/{path}")).status_code
            assert status in {200, 404}, path
            found[path] = status == 200
    return found


async def test_new_carrier_finds_her_by_every_way_and_the_former_by_none(town: Town) -> None:
    person = await town.person(NAME)
    family = await town.family(person)
    participation = await town.participation(family)
    await town.post("consents", consent_of(family))
    await town.post("contacts", {"subject": family, "flats": [{"street": "Musterweg", "number": "1"}]})
    ids = {"person": person, "family": family, "participation": participation}
    ours, theirs = await _ways(town, ids, AWO), await _ways(town, ids, INSEL)
    assert (set(ours.values()), set(theirs.values())) == ({True}, {False}), (ours, theirs)
    await town.post(f"participations/{participation}:move", {"site": "haus-insel", "since": MOVED})
    ours, theirs = await _ways(town, ids, AWO), await _ways(town, ids, INSEL)
    assert (set(ours.values()), set(theirs.values())) == ({False}, {True}), (ours, theirs)


async def test_mentor_keeps_her_family_whoever_of_both_moves(town: Town) -> None:
    tandems, mentor = Tandems(town), await town.person("Mara Muster")
    family = await town.family(await town.person())
    await town.post("consents", consent_of(family))
    engagement, participation = await town.engagement(mentor), await town.participation(family)
    tandem = await tandems.begin(engagement, participation)
    for path in (f"participations/{participation}", f"engagements/{engagement}"):
        await town.post(f"{path}:move", {"site": "haus-insel", "since": MOVED})
        assert [item["tandem"] for item in (await tandems.mine(mentor))["items"]] == [tandem.id], path


async def test_house_that_changes_its_carrier_takes_along_whoever_has_moved_there(town: Town) -> None:
    path = f"engagements/{await town.engagement(await town.person())}"
    await town.post(f"{path}:move", {"site": "haus-insel", "since": MOVED})
    await town.get(path, **AWO, expect=404)
    now = today(town.api.store.clock())
    await town.post("sites/haus-insel:carrier", {"carrier": "awo", "since": now}, role="city")
    await town.get(path, **AWO)
    await town.get(path, **INSEL, expect=404)
    told = (await town.told("engagements", path.partition("/")[2]))[-1]
    assert (told.site, told.carrier, told.versions) == ("haus-awo", "awo", ())

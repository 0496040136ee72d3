"""Whom due things wait for: the coordinator, her deputy on her days, and others where nobody has looked for long."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from services.registry.commands.consents import tell_expired_consents
from shared.kernel.dates import days_after, today
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "vertretungsstadt"
AGES = (0, 6, 7, 13, 14)
"""How many days ago somebody's consent has ended."""
Row = dict[str, Any]
Who = tuple[str, str | None, list[str]]
"""Who is asked, the person, and whom else."""


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> AsyncIterator[Town]:
    made = Town(api, CITY)
    await made.build()
    yield made
    # What has expired here is told, so that the nightly job finds nothing of it in the tests of other cities.
    await tell_expired_consents(api.store)


def day(town: Town, ahead: int) -> str:
    return days_after(today(town.api.store.clock()), ahead)


async def test_due_things_wait_for_coordinator_deputy_and_lead(town: Town) -> None:
    her, deputy, away, lead = [await town.person() for _ in range(4)]
    ages = {await _ended(town, age): age for age in AGES}
    assert await _asked(town, ages) == dict.fromkeys(AGES, ("coordinator", None, []))
    (row, *_) = await _rows(town, headers={"Accept-Language": "en"})
    assert row["waits_title"] == "Waits for the coordinator; who that is, is not known here."

    coordinator, standing = _role(her), _role(deputy, deputy=True)
    await _assign(town, "paten", coordinator, standing, _role(lead, "lead"))
    hers: Who = ("coordinator", her, [])
    hers_and_deputy: Who = ("deputy", deputy, [her])
    all_three = ("lead", lead, [deputy, her])
    assert await _asked(town, ages) == {0: hers, 6: hers, 7: hers_and_deputy, 13: hers_and_deputy, 14: all_three}

    today_only = _role(away, deputy=True, since=day(town, 0), until=day(town, 1))
    await _assign(town, "paten", coordinator, today_only)
    assert await _asked(town, ages) == dict.fromkeys(AGES, ("deputy", away, []))
    yesterday = _role(away, deputy=True, since=day(town, -1), until=day(town, 0))
    await _assign(town, "paten", coordinator, yesterday)
    assert await _asked(town, ages) == dict.fromkeys(AGES, hers)
    await _assign(town, "paten", coordinator, standing, _role(lead, "lead"))

    await _is_filtered(town, her, deputy, lead)
    await _is_refused_clearly(town)
    await town.post("erasures", {"subject": lead})
    assert (await _asked(town, ages))[14] == hers_and_deputy


async def _is_filtered(town: Town, her: str, deputy: str, lead: str) -> None:
    everything = await _rows(town)
    for waits_for in ("coordinator", "deputy", "lead"):
        expected = [row for row in everything if row["waits_for"] == waits_for]
        assert expected
        assert await _rows(town, f"&waits_for={waits_for}") == expected
    counts = [len(await _rows(town, f"&responsible={person}")) for person in (her, deputy, lead, await town.person())]
    assert counts == [5, 3, 1, 0]
    assert len(await _rows(town, f"&responsible={her}&waits_for=deputy")) == 2
    first = await town.get(f"due?limit=1&responsible={deputy}")
    rest = await town.get(f"due?limit=5&responsible={deputy}&cursor={first['next']}")
    assert [*first["items"], *rest["items"]] == await _rows(town, f"&responsible={deputy}")
    await town.get(f"due?limit=1&responsible={lead}&cursor={first['next']}", expect=400)
    assert await _rows(town, f"&responsible={her}", carrier="insel") == []


async def _is_refused_clearly(town: Town) -> None:
    refused = await town.get("due?waits_for=mentor&responsible=usr_1", expect=422)
    found = {error["parameter"]: (error["code"], error["expected"]) for error in refused["errors"]}
    assert found["waits_for"] == ("not-one-of", "'coordinator', 'deputy' or 'lead'")
    assert found["responsible"] == ("wrong-form", "^per_[0-7][0-9a-hjkmnp-tv-z]{25}$")


async def test_consent_of_a_family_waits_in_all_programmes_in_reach_the_longest_first(town: Town) -> None:
    first, second, third = [await town.person() for _ in range(3)]
    person = await town.person()
    family = await town.family(person)
    await town.participation(family, "muetter", date="2025-12-01")
    await town.participation(family, "paten")
    left = await town.participation(family, "nachbarin", date="2010-05-01")
    await town.post(f"participations/{left}:end", {"on": "2010-06-01", "reason": "moved_away"})
    for programme, who in (("paten", first), ("muetter", second), ("nachbarin", third)):
        await _assign(town, programme, _role(who, since="2010-01-01"))
    for subject in (family, person):
        await _consent(town, subject, day(town, 50))
        assert await _of(town, subject) == ("coordinator", first, [second])
        assert await _of(town, subject, programmes=["muetter"]) == ("coordinator", second, [])
    engagement = await town.engagement(await town.person(), "muetter")
    await _consent(town, engagement, day(town, 50))
    assert await _of(town, engagement) == ("coordinator", second, [])
    # Who is nowhere yet is seen by who registered her; no programme names anybody for her.
    nowhere = await town.person()
    await _consent(town, nowhere, day(town, 50))
    assert await _of(town, nowhere) == ("coordinator", None, [])


async def test_engagements_and_cohorts_wait_for_whom_their_own_programme_names(town: Town) -> None:
    who = await town.person()
    await town.post("programmes", {"slug": "schule", "name": "Schule", "modules": [_MODULE]}, role="city")
    await _assign(town, "schule", _role(who))
    cohort = await town.post("cohorts", {"programme": "schule", "name": "A", "opened_on": day(town, -25)})
    engagement = await town.engagement(await town.person(), "schule", cohort=cohort["id"])
    assert await _of(town, cohort["id"]) == ("coordinator", who, [])
    attended = {"cohort": cohort["id"], "engagement": engagement, "module": "health", "date": day(town, -20)}
    await town.post("attendances", {**attended, "state": "present", "minutes": 180})
    assert await _of(town, engagement) == ("coordinator", who, [])


async def test_one_carrier_knows_in_a_shared_programme_its_own_people_alone(town: Town) -> None:
    sites = ["haus-awo", "haus-insel"]
    await town.post("programmes", {"slug": "geteilt", "name": "Geteilt", "sites": sites}, role="city")
    await town.post("programmes", {"slug": "allein", "name": "Allein", "sites": sites[:1]}, role="city")
    awo, insel, lead = [await town.person() for _ in range(3)]
    for person, site in zip((awo, insel), sites, strict=True):
        await town.engagement(person, "geteilt", site=site)
    roles = _role(insel, since="2024-01-01"), _role(awo), _role(lead, "lead")
    for programme in ("geteilt", "allein"):
        await _assign(town, programme, *roles)
    subjects = {
        (programme, site): await town.engagement(await town.person(), programme, site=site)
        for programme, site in (("geteilt", "haus-awo"), ("geteilt", "haus-insel"), ("allein", "haus-awo"))
    }
    for subject in subjects.values():
        await _consent(town, subject, day(town, -20))
    shared = subjects["geteilt", "haus-awo"]
    assert await _of(town, shared) == ("lead", lead, [insel, awo])
    assert await _of(town, shared, programmes=["geteilt"]) == ("lead", lead, [insel, awo])
    assert await _of(town, shared, carrier="awo") == ("coordinator", awo, [])
    assert await _of(town, subjects["geteilt", "haus-insel"], carrier="insel") == ("coordinator", insel, [])
    assert await _rows(town, f"&responsible={insel}", carrier="awo") == [
        row for row in await _rows(town, carrier="awo") if row["subject"] == subjects["allein", "haus-awo"]
    ]
    assert await _of(town, subjects["allein", "haus-awo"], carrier="awo") == ("lead", lead, [insel, awo])


_MODULE = {"code": "health", "title": "Gesundheit", "topics": ["health"]}


def _role(person: str, role: str = "coordinator", **fields: Any) -> Row:
    return {"role": role, "person": person, "since": "2025-01-01", **fields}


async def _assign(town: Town, programme: str, *roles: Row) -> None:
    path = f"/v1/cities/{CITY}/programmes/{programme}"
    seen = {"If-Match": f'"{(await town.ask("GET", path))["version"]}"'}
    await town.ask("PUT", f"{path}/roles", {"roles": list(roles)}, headers=seen, role="city")


async def _consent(town: Town, subject: str, ends: str) -> None:
    head = {"subject": subject, "purpose": "photo", "capacity": "self", "text": "consent_text"}
    body = {**head, "text_language": "uk", "how": "in_writing", "given_on": "2025-11-17", "expires_on": ends}
    await town.post("consents", body)


async def _ended(town: Town, age: int) -> str:
    """A family of WillkommensPaten whose consent has ended so many days ago."""
    family = await town.family(await town.person())
    await town.participation(family)
    await _consent(town, family, day(town, -age))
    return family


async def _rows(town: Town, query: str = "", **options: Any) -> list[Row]:
    return list((await town.get(f"due?limit=200{query}", **options))["items"])


def _who(row: Row) -> Who:
    return row["waits_for"], row["responsible"], row["also"]


async def _asked(town: Town, ages: dict[str, int]) -> dict[int, Who]:
    found = {ages[row["subject"]]: row for row in await _rows(town)}
    assert sorted(found) == list(AGES)
    assert {age: row["due_at"] for age, row in found.items()} == {age: day(town, -age) for age in AGES}
    return {age: _who(row) for age, row in found.items()}


async def _of(town: Town, subject: str, **options: Any) -> Who:
    (row,) = [row for row in await _rows(town, **options) if row["subject"] == subject]
    return _who(row)

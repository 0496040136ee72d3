"""Engagements and participations move to another site: one record, one id, another carrier from a day on."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from services.registry.commands.carriers import follow_all_carriers
from shared.kernel.dates import today
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

BEGAN = "2025-11-17"
MOVED = "2026-01-12"
AWO: dict[str, Any] = {"carrier": "awo", "subject": "usr-awo"}
INSEL: dict[str, Any] = {"carrier": "insel", "subject": "usr-insel"}
TO_INSEL = {"site": "haus-insel", "since": MOVED}


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, "umzugsstadt")
    await made.build()
    return made


async def _begun(town: Town, kind: str) -> tuple[str, str]:
    """The path of one, and the id of its person."""
    person = await town.person()
    if kind == "engagements":
        return f"engagements/{await town.engagement(person)}", person
    return f"participations/{await town.participation(await town.family(person))}", person


@pytest.mark.parametrize("kind", ["engagements", "participations"])
async def test_new_carrier_reaches_whoever_moved_and_the_former_no_longer(town: Town, kind: str) -> None:
    path, person = await _begun(town, kind)
    key = path.partition("/")[2]
    await town.get(path, **INSEL, expect=404)
    before = await town.get(path, **AWO)
    done = await town.post(f"{path}:move", TO_INSEL)
    assert (done["id"], done["site"], done["version"]) == (key, "haus-insel", before["version"] + 1)
    assert (await town.get(path, **INSEL))["site"] == "haus-insel"
    await town.get(path, **AWO, expect=404)
    assert [row["id"] for row in (await town.get(kind, **AWO))["items"] if row["id"] == key] == []
    assert key in [row["id"] for row in (await town.get(kind, **INSEL))["items"]]
    await town.get(f"people/{person}?purpose=visit", **INSEL)
    await town.get(f"people/{person}?purpose=visit", **AWO, expect=404)
    await town.post(
        f"{path}:{'leave' if kind == 'engagements' else 'end'}", {"on": MOVED, "reason": "moved_away"}, **INSEL
    )


@pytest.mark.parametrize("kind", ["engagements", "participations"])
async def test_it_stays_counted_where_it_began_and_tells_where_it_is_by_day(town: Town, kind: str) -> None:
    path, _ = await _begun(town, kind)
    await town.post(f"{path}:move", TO_INSEL)
    told = (await town.told(kind, path.partition("/")[2]))[-1]
    assert (told.site, told.carrier) == ("haus-awo", "awo")
    assert [(entry.since, entry.value) for entry in told.sites] == [(BEGAN, "haus-awo"), (MOVED, "haus-insel")]
    assert told.versions == ()
    # The first site itself was wrong: then it is counted at the right one.
    other, _ = await _begun(town, kind)
    await town.post(f"{other}:move", {"site": "haus-insel", "since": BEGAN})
    told = (await town.told(kind, other.partition("/")[2]))[-1]
    assert (told.site, told.carrier, len(told.versions)) == ("haus-insel", "insel", 1)


async def test_coordinator_of_one_carrier_pushes_nobody_into_anothers_site(town: Town) -> None:
    path, _ = await _begun(town, "engagements")
    await town.post(f"{path}:move", TO_INSEL, **AWO, expect=404)
    await town.post(f"{path}:move", TO_INSEL, **INSEL, expect=404)
    assert (await town.get(path, **AWO))["version"] == 1


async def test_what_is_no_move_is_refused_by_name(town: Town) -> None:
    path, _ = await _begun(town, "participations")
    for body, pointer in (
        ({"site": "haus-anderswo", "since": MOVED}, "/site"),
        ({"site": "haus-awo", "since": MOVED}, "/site"),
        ({"site": "haus-insel", "since": "2099-01-01"}, "/since"),
        ({"site": "haus-insel", "since": "2025-11-16"}, "/since"),
    ):
        refused = await town.post(f"{path}:move", body, expect=422)
        assert [error["pointer"] for error in refused["errors"]] == [pointer], body
    await town.post(f"{path}:end", {"on": MOVED, "reason": "needs_met"})
    await town.post(f"{path}:move", TO_INSEL, expect=409)


async def test_measles_are_needed_in_the_kita_and_nowhere_else(town: Town) -> None:
    body = {"slug": "kita", "name": "Lesen in der Kita", "begin": "2025-01-01", "sites": ["haus-awo", "haus-insel"]}
    await town.post("programmes", body, role="city")
    person = await town.person()
    engagement = await town.engagement(person, "kita")
    await town.post(f"engagements/{engagement}:clear", {"issued_on": "2026-01-02", "seen_on": "2026-01-10"})
    rule = {"role": "volunteer", "site": "haus-insel", "since": "2026-01-01", "needs": [{"kind": "measles"}]}
    await town.post("programmes/kita:require", {**rule, "site": "nirgends"}, expect=422)
    asked = await town.post("programmes/kita:require", rule)
    assert [(role["site"], [need["kind"] for need in role["needs"]]) for role in asked["roles"]] == [
        ("haus-insel", ["measles"])
    ]
    assert (await town.get(f"engagements/{engagement}"))["stage"] == "active"
    await town.post(f"engagements/{engagement}:move", {"site": "haus-insel", "since": "2026-01-12"})
    found = await town.get(f"engagements/{engagement}")
    assert found["stage"] != "active"
    assert {proof["kind"]: proof["state"] for proof in found["proofs"]} == {"clearance": "holds", "measles": "missing"}
    assert (await town.told("engagements", engagement))[-1].clearance_until is None
    await town.post(f"people/{person}/proofs", {"kind": "measles", "dated_on": "2020-01-01", "seen_on": "2026-01-12"})
    assert (await town.get(f"engagements/{engagement}"))["stage"] == "active"


async def test_whoever_is_there_goes_over_to_the_new_carrier_on_its_day(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, taking_part = (await _begun(town, "engagements"))[0], (await _begun(town, "participations"))[0]
    left, _ = await _begun(town, "engagements")
    await town.post(f"{left}:leave", {"on": MOVED, "reason": "moved_away"})
    tomorrow = today(town.api.store.clock() + timedelta(days=1))
    await town.post("sites/haus-awo:carrier", {"carrier": "insel", "since": tomorrow}, role="city")
    for path in (running, taking_part, left):
        await town.get(path, **AWO)
    monkeypatch.setattr(town.api.store, "clock", lambda: datetime.fromisoformat(f"{tomorrow}T12:00:00+00:00"))
    assert await follow_all_carriers(town.api.store) >= 2
    assert await follow_all_carriers(town.api.store) == 0
    for path in (running, taking_part):
        await town.get(path, **INSEL)
        await town.get(path, **AWO, expect=404)
        told = (await town.told(*path.split("/")))[-1]
        assert (told.site, told.carrier, told.versions) == ("haus-awo", "awo", ())
    await town.get(left, **AWO)
    await town.get(left, **INSEL, expect=404)

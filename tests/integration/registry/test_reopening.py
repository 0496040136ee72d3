"""A participation that was ended goes on: the same id, its former end in the history, what is known by now."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "wiederstadt"
ENDED = {"on": "2025-11-22", "reason": "moved_away"}
AGAIN = {"reason": "came_back"}


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _ended(town: Town, family: str, **fields: Any) -> str:
    participation = await town.participation(family, **fields)
    done = await town.post(f"participations/{participation}:end", ENDED)
    assert done["actions"] == ["reopen"]
    return participation


async def test_it_goes_on_under_its_id_and_its_end_stays_in_the_history(town: Town) -> None:
    family = await town.family(await town.person())
    participation = await _ended(town, family)
    body = {"reason": "entered_wrongly", "waiting_since": "2025-11-18"}
    opened = await town.post(f"participations/{participation}:reopen", body)
    assert (opened["id"], opened["ended_on"], opened["waiting_since"]) == (participation, None, "2025-11-18")
    assert opened["actions"] == ["change", "move", "end"]
    state = (await town.told("participations", participation))[-1]
    assert (state.first, state.ended_on, state.ended_because) == (True, None, None)
    former = state.versions[-1]
    assert (former.ended_on, former.ended_because, former.reason) == ("2025-11-22", "moved_away", "entered_wrongly")
    listed = (await town.get(f"participations?family={family}"))["items"]
    assert [row["id"] for row in listed] == [participation]
    audit = town.api.store.mongo.city(CITY)["audit"]
    assert await audit.count_documents({"object": participation, "action": "participation.participation-reopened"}) == 1


async def test_what_happened_meanwhile_is_known_and_the_urgency_is_not_taken_up(town: Town) -> None:
    family = await town.family(await town.person())
    participation = await _ended(town, family, urgency={"reason": "birth_soon", "until": "2099-01-01"})
    await town.post(f"families/{family}:move", {"district": "suedufer", "since": "2025-12-01"})
    version = (await town.get(f"families/{family}"))["version"]
    path, headers = f"/v1/cities/{CITY}/families/{family}", {"If-Match": f'"{version}"'}
    await town.ask("PATCH", path, {"languages": {"uk": "native", "de": "B1"}}, headers=headers)
    opened = await town.post(f"participations/{participation}:reopen", AGAIN)
    assert [row["value"] for row in opened["districts"]] == ["nordufer", "suedufer"]
    assert (opened["languages"], opened["urgent"]) == ({"uk": "native", "de": "B1"}, False)


async def test_what_cannot_go_on_is_refused_by_name(town: Town) -> None:
    family = await town.family(await town.person())
    participation = await _ended(town, family)
    path = f"participations/{participation}:reopen"
    for since, code in (("2025-11-16", "too-early"), ("2099-01-01", "too-late")):
        refused = await town.post(path, AGAIN | {"waiting_since": since}, expect=422)
        assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/waiting_since", code)]
    second = await town.participation(family, date="2025-12-01")
    assert (await town.post(path, AGAIN, expect=409))["code"] == "already-participating"
    assert (await town.post(f"participations/{second}:reopen", AGAIN, expect=409))["code"] == "not-ended"
    await town.post("erasures", {"subject": family})
    assert (await town.post(path, AGAIN, expect=409))["code"] == "erased"


async def test_nothing_goes_on_in_a_programme_that_is_over(town: Town) -> None:
    await town.post("programmes", {"slug": "vorbei", "name": "Vorbei", "begin": "2025-01-01"}, role="city")
    participation = await _ended(town, await town.family(await town.person()), programme="vorbei")
    await town.post("programmes/vorbei:end", {"until": "2026-01-01"}, role="city")
    refused = await town.post(f"participations/{participation}:reopen", AGAIN, expect=422)
    assert (refused["code"], refused["errors"][0]["expected"]) == ("outside-programme", "2025-01-01 … 2025-12-31")


@pytest.mark.parametrize(("role", "limits"), [("mentor", {"person": "per_00000000000000000000000000"}), ("city", {})])
async def test_coordinators_in_reach_take_it_up_and_nobody_else(town: Town, role: str, limits: dict[str, str]) -> None:
    participation = await _ended(town, await town.family(await town.person()))
    path = f"participations/{participation}:reopen"
    await town.post(path, AGAIN, role=role, expect=403, **limits)
    await town.post(path, AGAIN, carrier="insel", expect=404)
    once = {"Idempotency-Key": f"reopen-{role}"}
    for _ in range(2):
        assert (await town.post(path, AGAIN, headers=once, subject="usr-once"))["version"] == 3


async def test_at_one_moment_it_either_goes_on_or_begins_anew(town: Town) -> None:
    family = await town.family(await town.person())
    participation = await _ended(town, family)
    body = {"family": family, "programme": "paten", "date": "2025-12-01", "site": "haus-awo"}
    async with town.api.client("coordinator", CITY) as client:
        answers = await asyncio.gather(
            client.post(f"/v1/cities/{CITY}/participations/{participation}:reopen", json=AGAIN),
            client.post(f"/v1/cities/{CITY}/participations", json=body),
        )
    assert sorted(answer.status_code for answer in answers)[-1] == 409
    rows = (await town.get(f"participations?family={family}"))["items"]
    assert len([row for row in rows if row["ended_on"] is None]) == 1

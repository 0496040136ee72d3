"""Rounds that nobody asks for, and what is taken back when a consent is lost, on the real stack."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from services.matching.app import SERVICE
from services.matching.commands import rounds_alone
from services.matching.commands.lost_consent import take_back_everywhere
from services.matching.commands.prepare_round import AskedRound, prepare_round
from services.matching.commands.solve_apart import SolverPool
from shared.contracts.registry import EngagementV1, ParticipationV1
from shared.kernel.clock import system_clock, write_instant
from shared.kernel.dates import today
from shared.kernel.errors import Unavailable
from shared.storage.store import Store
from tests.integration.api_parts import Api
from tests.integration.matching.test_policies import set_policy
from tests.integration.matching.town import Answer, Town

FAR = "2099-01-01"


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("nachtstadt")
    return Town(matching_api, "nachtstadt")


async def scene(town: Town, slug: str, **rules: Any) -> tuple[EngagementV1, ParticipationV1]:
    """A programme with a mentor and a family that fit today."""
    await town.programme(slug, until=FAR)
    await set_policy(town, slug, **rules)
    return await town.mentor(slug, clearance_until=FAR), await town.family(slug)


async def listed(town: Town, what: str, slug: str) -> list[Answer]:
    async with town.as_role() as client:
        return list((await client.get(what, params={"programme": slug})).json()["items"])


async def nightly(town: Town) -> int:
    await town.fresh_consents()
    job = SERVICE.nightly["rounds"]
    return int(str(await job(town.api.store)))


async def changes(town: Town) -> int:
    await town.fresh_consents()
    job = SERVICE.minutely["rounds-after-changes"]
    return int(str(await job(town.api.store)))


async def test_a_night_has_one_round_of_each_programme_that_wants_it_and_nothing_is_begun(town: Town) -> None:
    _, family = await scene(town, "jede-nacht", rhythm="nightly")
    await scene(town, "auf-anfrage")
    await scene(town, "vorbei", rhythm="nightly")
    await town.programme("vorbei", until="2026-01-01")
    assert await nightly(town) == 1
    assert await nightly(town) == 0, "what a night has done it finds done"
    (held,) = await listed(town, "rounds", "jede-nacht")
    assert held["date"] == today(town.api.store.clock())
    (draft,) = await listed(town, "proposals", "jede-nacht")
    assert (draft["participation"], draft["state"]) == (family.id, "draft")
    for slug in ("auf-anfrage", "vorbei"):
        assert await listed(town, "rounds", slug) == []
    assert await listed(town, "tandems", "jede-nacht") == []
    rows = town.api.store.mongo.city(town.city)["audit"].find({"object": held["id"]})
    assert {(row["actor"], row["role"]) for row in await rows.to_list(None)} == {("service/matching", "service")}


async def test_one_programme_that_fails_stops_no_other_and_is_made_up_for(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene(town, "erst-kaputt", rhythm="nightly")
    await scene(town, "gesund", rhythm="nightly")

    async def broken(store: Store, city: str, solver: SolverPool, asked: AskedRound) -> Any:
        if asked.programme == "erst-kaputt":
            raise Unavailable("solver-died")
        return await prepare_round(store, city, solver, asked)

    monkeypatch.setattr(rounds_alone, "prepare_round", broken)
    with pytest.raises(Unavailable, match="solver-died"):
        await nightly(town)
    assert len(await listed(town, "rounds", "gesund")) == 1
    assert await listed(town, "rounds", "erst-kaputt") == []
    monkeypatch.undo()
    assert await nightly(town) == 1
    assert len(await listed(town, "rounds", "erst-kaputt")) == 1


async def test_no_round_is_held_while_nobody_knows_whether_consents_stand(town: Town) -> None:
    await scene(town, "im-zweifel", rhythm="nightly")
    await town.stale_consents()
    with pytest.raises(Unavailable, match="consents-stale"):
        await SERVICE.nightly["rounds"](town.api.store)
    assert await listed(town, "rounds", "im-zweifel") == []
    assert await nightly(town) == 1


async def test_a_round_follows_changes_once_they_have_come_to_rest(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = "nach-aenderung"
    await scene(town, slug, rhythm="changes")

    def later(minutes: int) -> None:
        monkeypatch.setattr(town.api.store, "clock", lambda: system_clock() + timedelta(minutes=minutes))

    assert await changes(town) == 0
    later(9)
    assert await changes(town) == 0
    await town.family(slug)
    assert await changes(town) == 0, "it has moved again"
    later(18)
    assert await changes(town) == 0
    later(20)
    assert await changes(town) == 1
    later(60)
    assert await changes(town) == 0, "a round is no change"
    async with town.as_role() as client:
        (draft,) = await listed(town, "proposals", slug)
        rejected = await client.post(f"proposals/{draft['id']}:reject", json={"reason": "declined_by_family"})
    assert rejected.status_code == 200
    assert await changes(town) == 0
    later(71)
    assert await changes(town) == 1
    assert len(await listed(town, "rounds", slug)) == 2


async def test_a_withdrawn_consent_takes_draft_and_waiting_back_at_once(town: Town) -> None:
    slug = "zurueckgenommen"
    _, drafted = await scene(town, slug)
    waits = await town.family(slug, levels={"uk": "native"}, languages=["uk"], consent=False)
    consent = await town.consent(str(waits.family))
    other = await town.consent(str(drafted.family))
    await town.round(slug, today(town.api.store.clock()))
    assert len(await listed(town, "waiting", slug)) == 1
    withdrawn = {"withdrawn_at": write_instant(town.api.store.clock())}
    await town.tell(other.model_copy(update=withdrawn))
    await town.react()
    (draft,) = await listed(town, "proposals", slug)
    assert draft["state"] == "draft", "an other consent of the same family stands"
    await town.tell(consent.model_copy(update=withdrawn))
    await town.react()
    assert await listed(town, "waiting", slug) == []
    told = await town.told("matching.waiting.v1", waits.id)
    assert [row["value"] is None for row in told] == [False, True]
    held = await town.round(slug, today(town.api.store.clock()))
    assert waits.id not in str(held), "who has taken it back does not wait for it either"


async def test_a_consent_that_expires_takes_them_back_in_the_night(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = "abgelaufen"
    await town.programme(slug, until=FAR)
    await town.mentor(slug, clearance_until=FAR)
    now = town.api.store.clock()
    family = await town.family(slug, consent=False)
    await town.consent(str(family.family), expires_on=today(now + timedelta(days=2)))
    never = await town.family(slug, consent=False)
    await town.round(slug, today(now))
    await take_back_everywhere(town.api.store)
    assert await take_back_everywhere(town.api.store) == 0
    monkeypatch.setattr(town.api.store, "clock", lambda: now + timedelta(days=2))
    assert await take_back_everywhere(town.api.store) == 1
    assert await take_back_everywhere(town.api.store) == 0
    monkeypatch.undo()
    (draft,) = await listed(town, "proposals", slug)
    assert (draft["state"], draft["because"], draft["participation"]) == ("expired", "consent_lost", family.id)
    assert [one["id"] for one in await listed(town, "waiting", slug)] == [never.id], "that one has none yet"


def test_the_jobs_that_hold_rounds_reach_the_process() -> None:
    assert {"rounds", "take-back"} <= set(SERVICE.nightly)
    for job in (SERVICE.nightly["rounds"], SERVICE.minutely["rounds-after-changes"]):
        assert isinstance(job, partial)

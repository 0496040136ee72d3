"""Ends that arrive from registry: tandems end, drafts expire, nobody waits who is gone; erasures are confirmed once."""

import json
from typing import Any

import pytest_asyncio

from shared.contracts.envelope import Envelope
from shared.contracts.matching import MatchingConfirmationV1, TandemV1
from shared.contracts.registry import ParticipationV1
from tests.integration.api_parts import Api
from tests.integration.matching.town import Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("endstadt")
    return Town(matching_api, "endstadt")


async def _last(town: Town, tandem: str) -> TandemV1:
    row = (await town.told("matching.tandems.v1", tandem))[-1]
    return TandemV1.model_validate(Envelope.model_validate(json.loads(row["value"])).data)


async def _drafts(town: Town, slug: str) -> list[dict[str, Any]]:
    async with town.as_role() as client:
        answer = await client.get("proposals", params={"programme": slug, "state": "draft"})
    return list(answer.json()["items"])


async def test_participation_that_ends_ends_its_tandem_on_its_day(town: Town) -> None:
    slug = await town.programme("familie-geht")
    mentor, family = await town.mentor(slug), await town.family(slug)
    tandem = (await town.pair(mentor, family)).json()["id"]
    await town.tell(family.model_copy(update={"ended_on": "2026-03-31", "ended_because": "moved_away"}))
    await town.react()
    told = await _last(town, tandem)
    assert (told.ended_on, told.ended_because) == ("2026-03-31", "moved_away")
    assert (await town.pair(mentor, await town.family(slug))).status_code == 201, "her place is free again"


async def test_end_before_the_beginning_ends_the_tandem_on_its_first_day(town: Town) -> None:
    slug = await town.programme("zu-frueh")
    family = await town.family(slug)
    tandem = (await town.pair(await town.mentor(slug), family)).json()["id"]
    await town.tell(family.model_copy(update={"ended_on": "2026-01-01", "ended_because": "moved_away"}))
    await town.react()
    assert (await _last(town, tandem)).ended_on == "2026-01-15"


async def test_engagement_that_leaves_ends_all_its_tandems_and_drops_its_drafts(town: Town) -> None:
    slug = await town.programme("mentorin-geht")
    mentor = await town.mentor(slug, capacity=3)
    tandems = [(await town.pair(mentor, await town.family(slug))).json()["id"] for _ in range(2)]
    await town.family(slug)
    await town.round(slug)
    assert len(await _drafts(town, slug)) == 1
    await town.tell(mentor.model_copy(update={"stage": "left", "left_on": "2026-02-15"}))
    await town.react()
    for tandem in tandems:
        told = await _last(town, tandem)
        assert (told.ended_on, told.ended_because) == ("2026-02-15", "mentor_left")
    assert await _drafts(town, slug) == []


async def test_participation_that_ends_waits_no_longer(town: Town) -> None:
    slug = await town.programme("wartet-nicht-mehr")
    family = await town.family(slug)
    await town.round(slug)
    await town.tell(family.model_copy(update={"ended_on": "2026-03-31"}))
    await town.react()
    rows = await town.told("matching.waiting.v1", family.id)
    assert [row["value"] is None for row in rows] == [False, True]


async def test_participation_that_goes_on_waits_again_and_its_tandem_stays_ended(town: Town) -> None:
    slug = await town.programme("wieder-da")
    family = await town.family(slug)
    tandem = (await town.pair(await town.mentor(slug), family)).json()
    await town.tell(family.model_copy(update={"ended_on": "2026-02-28", "ended_because": "moved_away"}))
    await town.react()
    await town.tell(family)
    await town.react()
    (proposal,) = (await town.round(slug, "2026-03-10"))["proposals"]
    assert proposal["participation"] == family.id
    async with town.as_role() as client:
        assert (await client.get(f"tandems/{tandem['id']}")).json()["ended_on"] == "2026-02-28"


async def test_change_that_is_no_end_ends_nothing(town: Town) -> None:
    slug = await town.programme("nur-pause")
    mentor, family = await town.mentor(slug), await town.family(slug)
    tandem = (await town.pair(mentor, family)).json()["id"]
    await town.tell(mentor.model_copy(update={"stage": "paused"}))
    await town.tell(family.model_copy(update={"urgent": True}))
    await town.react()
    assert (await _last(town, tandem)).ended_on is None


async def test_erased_family_leaves_only_what_was_counted(town: Town) -> None:
    slug = await town.programme("geloescht")
    mentor, family = await town.mentor(slug), await town.family(slug)
    tandem = (await town.pair(mentor, family)).json()["id"]
    kept = {name: getattr(family, name) for name in ("id", "first", "programme", "topics", "recorded_at")}
    await town.tell(ParticipationV1.model_validate({**kept, "date": "2025-11-01"}))
    await town.react()
    told = await _last(town, tandem)
    assert (told.ended_because, told.district, told.carrier) == ("erased", "schmarl", "volkshaus")
    held = await town.round(slug)
    async with town.as_role() as client:
        exported = (await client.get(f"rounds/{held['id']}/instance")).json()
    assert exported["families"] == []


async def test_erasure_is_confirmed_once_and_ends_what_runs_though_the_states_come_later(town: Town) -> None:
    slug = await town.programme("bestaetigt")
    mentor, family = await town.mentor(slug), await town.family(slug)
    tandem = (await town.pair(mentor, family)).json()["id"]
    erasure = await town.erasure(str(family.family), family.id)
    await town.react()
    assert (await _last(town, tandem)).ended_because == "erased"
    (row,) = await town.told("matching.confirmations.v1", erasure.id)
    told = MatchingConfirmationV1.model_validate(Envelope.model_validate(json.loads(row["value"])).data)
    assert told.erasure == erasure.id
    await town.tell(erasure.model_copy(update={"completed_at": "2026-02-01T00:00:00.000Z"}))
    await town.react()
    assert len(await town.told("matching.confirmations.v1", erasure.id)) == 1

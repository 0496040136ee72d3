"""Whoever cannot know that a consent still stands does not act on it: every door closes, and nothing has happened."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from shared.kernel.clock import write_instant
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town

DOUBTS = {"nothing was ever heard": None, "31 s ago": timedelta(seconds=-31), "from the future": timedelta(seconds=6)}
"""What is wrong with the beat of one partition of six; the others are of this moment."""
ROWS = ("tandems", "rounds", "proposals", "waiting", "outbox")


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("zweifelshausen")
    return Town(matching_api, "zweifelshausen")


async def _beat_is(town: Town, aside: timedelta | None) -> None:
    await town.fresh_consents()
    told: dict[str, Any] = {"$unset": {"beat": 1}}
    if aside is not None:
        told = {"$set": {"beat": write_instant(town.api.store.clock() + aside)}}
    await town.api.store.mongo.runtime()["offsets"].update_one({"_id": "registry.consents.v1:4"}, told)


async def _kept(town: Town) -> tuple[list[dict[str, Any]], ...]:
    """Everything that an act of matching would have left behind."""
    city = town.api.store.mongo.city(town.city)
    return tuple([await city[name].find({}).sort("_id").to_list(None) for name in ROWS])


@pytest.mark.parametrize("doubt", DOUBTS)
async def test_every_door_is_closed_and_nothing_has_happened(town: Town, doubt: str) -> None:
    slug = await town.programme(f"zweifel-{list(DOUBTS).index(doubt)}")
    mentor, family = await town.mentor(slug), await town.family(slug)
    (proposal,) = (await town.round(slug))["proposals"]
    before = await _kept(town)
    await _beat_is(town, DOUBTS[doubt])
    async with town.as_role() as client:
        answers = await _doors(client, slug, proposal["id"], mentor.id, family.id)
        shown = (await client.get(f"proposals/{proposal['id']}")).json()
    for name, answer in answers.items():
        assert (answer.status_code, answer.json()["code"]) == (503, "consents-stale"), name
        assert answer.headers["retry-after"] == "1", name
        assert family.id not in answer.text, name
    assert await _kept(town) == before
    assert shown["state"] == "draft"


async def test_doors_open_again_with_the_next_beat(town: Town) -> None:
    slug = await town.programme("wieder-auf")
    mentor, family = await town.mentor(slug), await town.family(slug)
    await _beat_is(town, timedelta(seconds=-60))
    async with town.as_role() as client:
        body = {"engagement": mentor.id, "participation": family.id, "date": DAY}
        closed = await client.post("tandems", json=body)
        await _beat_is(town, timedelta(seconds=-25))
        begun = await client.post("tandems", json=body)
    assert (closed.status_code, begun.status_code) == (503, 201)


async def test_what_needs_no_consent_goes_on(town: Town) -> None:
    slug = await town.programme("geht-weiter")
    mentor, family = await town.mentor(slug), await town.family(slug)
    tandem = (await town.pair(mentor, family)).json()
    await _beat_is(town, None)
    async with town.as_role() as client:
        listed = (await client.get("tandems", params={"programme": slug})).json()["items"]
        waiting = await client.get("waiting", params={"programme": slug})
        body = {"on": "2026-02-28", "reason": "goal_reached"}
        ended = await client.post(f"tandems/{tandem['id']}:end", json=body, headers={"If-Match": '"1"'})
    assert [one["id"] for one in listed] == [tandem["id"]]
    assert (waiting.status_code, ended.status_code) == (200, 200)


async def _doors(
    client: httpx.AsyncClient, slug: str, proposal: str, engagement: str, participation: str
) -> dict[str, httpx.Response]:
    """Every way that leads towards a tandem."""
    pair = {"engagement": engagement, "participation": participation, "date": DAY}
    return {
        "candidates": await client.get("candidates", params={"participation": participation, "date": DAY}),
        "round": await client.post("rounds", json={"programme": slug, "date": DAY}),
        "accept": await client.post(f"proposals/{proposal}:accept", json={"date": DAY}),
        "by hand": await client.post("tandems", json=pair),
    }

"""Pins where they meet what else moves a pair: a reopened tandem, a told family, a swap, pools that part."""

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.matching.test_policies import set_policy
from tests.integration.matching.town import DAY, Town

LONG = "2100-01-01"


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("merkreihe")
    return Town(matching_api, "merkreihe")


async def test_tandem_that_is_reopened_lifts_the_pin_that_was_made_meanwhile(town: Town) -> None:
    slug = await town.programme("wieder-offen")
    mentor, family = await town.mentor(slug, capacity=2, clearance_until=LONG), await town.family(slug)
    begun = (await town.pair(mentor, family)).json()
    await town.act(f"tandems/{begun['id']}", "end", {"on": DAY, "reason": "other"}, 1)
    pin = await town.pin(mentor, family)
    reopened = await town.act(f"tandems/{begun['id']}", "reopen", None, 2)
    assert reopened["status_code"] == 200
    async with town.as_role() as client:
        found = (await client.get(f"pins/{pin['id']}")).json()
    assert (found["stands"], found["lifted_because"]) == (False, "tandem_begun")
    assert (await town.round(slug))["proposals"] == []


async def test_pin_of_a_family_that_was_told_of_another_takes_no_place(town: Town) -> None:
    slug = await town.programme("gesagt-und-gemerkt")
    told, family = await town.mentor(slug, clearance_until=LONG), await town.family(slug)
    (draft,) = (await town.round(slug))["proposals"]
    assert (await town.act(f"proposals/{draft['id']}", "propose"))["status_code"] == 200
    other = await town.mentor(slug, clearance_until=LONG)
    await town.pin(other, family)
    waits = await town.family(slug)
    held = await town.round(slug)
    assert [(one["engagement"], one["participation"]) for one in held["proposals"]] == [(other.id, waits.id)]
    assert told.id == draft["engagement"]
    async with town.as_role() as client:
        found = (await client.get("candidates", params={"participation": (await town.family(slug)).id})).json()
    assert {one["engagement"] for one in found["candidates"]} == {other.id}


async def test_pinned_draft_is_not_offered_to_move_and_takes_its_place_once(town: Town) -> None:
    slug = await town.programme("gemerkt-bleibt")
    pinned = await town.mentor(slug, slots=["mon-am", "tue-am"], capacity=2, clearance_until=LONG)
    first = await town.family(slug)
    await town.pin(pinned, first)
    assert len((await town.round(slug))["proposals"]) == 1
    free = await town.mentor(slug, slots=["mon-am"], clearance_until=LONG)
    late = await town.family(slug, slots=["tue-am"])
    async with town.as_role() as client:
        found = (await client.get("swap", params={"participation": late.id, "date": DAY})).json()
    assert (found["mentor"], found["moves"], found["moved"]) == (pinned.id, 0, None)
    await town.tell(pinned.model_copy(update={"capacity": 1}))
    async with town.as_role() as client:
        found = (await client.get("swap", params={"participation": late.id, "date": DAY})).json()
    assert found["mentor"] is None
    assert free.id != pinned.id


async def test_pin_across_programmes_that_no_longer_share_their_pool_holds_nobody(town: Town) -> None:
    one, two = await town.programme("geteilt-eins"), await town.programme("geteilt-zwei")
    await set_policy(town, one, shares=[two])
    await set_policy(town, two, shares=[one])
    mentor, family = await town.mentor(two, clearance_until=LONG), await town.family(one)
    await town.pin(mentor, family)
    assert len((await town.round(one))["proposals"]) == 1
    await set_policy(town, two, 1, shares=[])
    own = await town.mentor(one, clearance_until=LONG)
    held = await town.round(one)
    assert [(row["engagement"], row["participation"]) for row in held["proposals"]] == [(own.id, family.id)]

"""One draft that could move for a family that came later, over HTTP; nothing is moved by asking."""

from typing import Any

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town

Answer = dict[str, Any]
BOTH = ["mon-am", "tue-am"]


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("tauschstadt")
    return Town(matching_api, "tauschstadt")


async def asked(town: Town, participation: str, **limits: Any) -> Answer:
    await town.fresh_consents()
    async with town.as_role("coordinator", **limits) as client:
        answer = await client.get("swap", params={"participation": participation, "date": DAY})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_draft_moves_to_another_free_place_so_that_both_have_a_mentor(town: Town) -> None:
    slug = await town.programme("ein-tausch")
    able = await town.mentor(slug, slots=BOTH)
    first = await town.family(slug)
    held = await town.round(slug)
    assert [one["engagement"] for one in held["proposals"]] == [able.id]
    late = await town.family(slug, slots=["tue-am"])
    assert (await asked(town, late.id))["mentor"] is None, "nobody is left without a mentor for somebody else"
    other = await town.mentor(slug, slots=["mon-am"])
    found = await asked(town, late.id)
    assert (found["mentor"], found["moves"], found["moved"], found["to"]) == (able.id, 1, first.id, other.id)
    assert found["points"] > 0
    async with town.as_role() as client:
        drafts = (await client.get("proposals", params={"programme": slug, "state": "draft"})).json()["items"]
    assert [(one["engagement"], one["participation"]) for one in drafts] == [(able.id, first.id)], "only looked for"
    free = await town.family(slug)
    found = await asked(town, free.id)
    assert (found["mentor"], found["moves"], found["moved"]) == (other.id, 0, None)


async def test_neither_an_excluded_pair_nor_one_without_consent_is_moved_and_no_other_carriers_family_is_named(
    town: Town,
) -> None:
    slug = await town.programme("kein-tausch")
    other_house = [{"from": "2025-10-01", "value": "ein-tausch-haus"}]
    able = await town.mentor(slug, slots=BOTH)
    first = await town.family(slug, sites=other_house)
    await town.round(slug)
    other = await town.mentor(slug, slots=["mon-am"])
    late = await town.family(slug, slots=["tue-am"])
    ours = await asked(town, late.id, sites=[f"{slug}-haus"])
    assert (ours["mentor"], ours["moved"], ours["to"]) == (able.id, None, other.id)
    assert first.id not in str(ours)
    await town.tell(first.model_copy(update={"excluded": (other.id,)}))
    assert (await asked(town, late.id))["mentor"] is None

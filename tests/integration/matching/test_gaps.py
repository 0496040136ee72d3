"""What is missing after a round, over HTTP: whole for whoever holds rounds, in figures for the city."""

from typing import Any

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.matching.town import Town

Answer = dict[str, Any]
LICHTENHAGEN: Answer = {"districts": [{"from": "2025-10-01", "value": "lichtenhagen"}]}


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("lueckenstadt")
    return Town(matching_api, "lueckenstadt")


async def gaps(town: Town, slug: str, role: str = "coordinator", **params: str) -> Answer:
    async with town.as_role(role) as client:
        client.headers["Accept-Language"] = "en"
        answer = await client.get("gaps", params={"programme": slug, **params})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def persian(found: Answer) -> list[Answer]:
    return [row for row in found["language_gap"] if (row["language"], row["district"]) == ("fa", "lichtenhagen")]


async def test_persian_family_without_a_free_mentor_waits_and_raises_the_language_gap_by_exactly_one(
    town: Town,
) -> None:
    slug = await town.programme("persisch")
    able = await town.mentor(slug, levels={"fa": "B1"}, reach=["lichtenhagen"])
    await town.mentor(slug, levels={"fa": "A2"}, reach=["lichtenhagen"])
    await town.mentor(slug)
    first = await town.family(slug, levels={"fa": "native"}, **LICHTENHAGEN)
    held = await town.round(slug)
    assert [(one["engagement"], one["participation"]) for one in held["proposals"]] == [(able.id, first.id)]
    assert persian(await gaps(town, slug)) == []
    second = await town.family(slug, levels={"fa": "native", "de": "A2"}, **LICHTENHAGEN)
    held = await town.round(slug)
    assert [one["participation"] for one in held["proposals"]] == [first.id]
    assert [one["id"] for one in held["waiting"]] == [second.id]
    found = await gaps(town, slug)
    (row,) = persian(found)
    assert (row["families"], row["full"], row["topics"]) == (1, 1, [{"topic": "health", "families": 1}])
    assert row["sentence"].startswith("Persian in Lichtenhagen: families that wait: 1.")
    assert (found["families"], found["without_language"]) == (1, 1)
    assert second.id not in str(found)
    assert persian(await gaps(town, slug, round=held["id"])) == [row]


async def test_module_for_mentors_of_a_language_is_told_by_the_families_that_it_opens(town: Town) -> None:
    slug = await town.programme("fehlt-gesundheit")
    for _ in range(2):
        await town.mentor(slug, certified_on=None, qualified=[], modules_missing=["health"])
    await town.mentor(slug, qualified=[], modules_missing=["health"])
    for _ in range(4):
        await town.family(slug)
    await town.round(slug)
    (row,) = (await gaps(town, slug))["training"]
    assert (row["modules"], row["language"], row["mentors"], row["families"]) == (["health"], "ar", 3, 4)
    assert row["sentence"] == "The qualification (health) for 3 with Arabic would open for 4 who wait."


async def test_city_sees_figures_without_small_counts_and_no_part_of_a_programme_is_shown(town: Town) -> None:
    slug = await town.programme("zahlen-nur")
    for number in range(7):
        tag = "ti" if number < 5 else "fa"
        await town.family(slug, levels={tag: "native"}, **LICHTENHAGEN)
    await town.round(slug)
    whole, figures = await gaps(town, slug), await gaps(town, slug, role="city")
    assert [row["families"] for row in whole["language_gap"]] == [5, 2]
    assert [row["families"] for row in figures["language_gap"]] == [None, None], "one alone would be told by the sum"
    assert figures["language_gap"][1]["sentence"] == "Persian in Lichtenhagen: families wait; how many is not told."
    assert figures["families"] == 7
    async with town.as_role("coordinator", sites=["anderswo"]) as client:
        assert (await client.get("gaps", params={"programme": slug})).status_code == 403


async def test_round_of_another_programme_and_none_at_all_are_not_found(town: Town) -> None:
    slug, other = await town.programme("ohne-runde"), await town.programme("mit-runde")
    held = await town.round(other)
    async with town.as_role() as client:
        none = await client.get("gaps", params={"programme": slug})
        strange = await client.get("gaps", params={"programme": slug, "round": held["id"]})
        wrong = await client.get("gaps", params={"programme": slug, "round": "rnd_1"})
    assert (none.status_code, strange.status_code, wrong.status_code) == (404, 404, 422)

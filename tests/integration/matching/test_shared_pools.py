"""Pools that programmes share, seen from each of them; and what only some may see of a round."""

import pytest_asyncio

from shared.security.principals import CITY, COORDINATOR, Grant
from tests.integration.api_parts import Api
from tests.integration.matching.test_policies import set_policy
from tests.integration.matching.town import DAY, Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("nahtstadt")
    return Town(matching_api, "nahtstadt")


async def test_module_that_a_mentor_lacks_is_one_of_her_own_programme(town: Town) -> None:
    one, two = (
        await town.programme("modul-eins"),
        await town.programme(
            "modul-zwei", modules=[{"code": "health_two", "title": "Gesundheit", "topics": ["health"]}]
        ),
    )
    await set_policy(town, one, shares=[two])
    await set_policy(town, two, shares=[one])
    mentor, family = await town.mentor(two, qualified=[]), await town.family(one)
    held = await town.round(one)
    async with town.as_role() as client:
        pair = {"engagement": mentor.id, "participation": family.id}
        now = (await client.get("why-not", params={**pair, "date": DAY})).json()
        then = (await client.get("why-not", params={**pair, "round": held["id"]})).json()
        rows = (await client.get(f"waiting/{family.id}/mentors")).json()["items"]
        gaps = (await client.get("gaps", params={"programme": one})).json()
    assert now["reason"]["modules"] == ["health_two"]
    assert then["reason"]["modules"] == ["health_two"]
    assert [row["reason"]["modules"] for row in rows] == [["health_two"]]
    assert [row["modules"] for row in gaps["training"]] == [["health_two"]]


async def test_who_reaches_one_programme_of_a_pool_sees_only_figures_of_the_other(town: Town) -> None:
    one, two = await town.programme("zahlen-eins"), await town.programme("zahlen-zwei")
    await set_policy(town, one, shares=[two])
    await set_policy(town, two, shares=[one])
    await town.family(two, levels={"fa": "native"})
    held = await town.round(one)
    grants = (Grant(COORDINATOR, town.city, programmes=frozenset({one})), Grant(CITY, town.city))
    async with town.as_grants(*grants) as client:
        fair = (await client.get(f"rounds/{held['id']}/fairness")).json()
        gaps = (await client.get("gaps", params={"programme": one})).json()
    assert fair["hidden"] is True
    assert [row["families"] for row in gaps["language_gap"]] == [None]


async def test_part_of_a_programme_beside_the_citys_figures_shows_no_single_case(town: Town) -> None:
    slug = await town.programme("teil-und-zahlen")
    await town.family(slug, levels={"fa": "native"})
    held = await town.round(slug)
    grants = (Grant(COORDINATOR, town.city, carrier="werkhaus"), Grant(CITY, town.city))
    async with town.as_grants(*grants) as client:
        fair = (await client.get(f"rounds/{held['id']}/fairness")).json()
        gaps = (await client.get("gaps", params={"programme": slug})).json()
    assert fair["hidden"] is True
    assert [row["families"] for row in gaps["language_gap"]] == [None]


async def test_who_read_a_rounds_file_is_in_the_audit(town: Town) -> None:
    slug = await town.programme("datei-gelesen")
    held = await town.round(slug)
    async with town.as_role("coordinator", subject="liest") as client:
        assert (await client.get(f"rounds/{held['id']}/instance")).status_code == 200
    rows = town.api.store.mongo.city(town.city)["audit"].find({"object": held["id"], "action": "instance.read"})
    assert len(await rows.to_list(None)) == 1


async def test_trainee_is_understood_as_the_programmes_policy_says(town: Town) -> None:
    slug = await town.programme("verstanden-werden")
    await set_policy(town, slug, understands=[{"speaks": "uk", "understands": "be", "level": "B2"}])
    lacking = {"certified_on": None, "qualified": [], "modules_missing": ["health"]}
    await town.mentor(slug, levels={"uk": "native"}, languages=["uk"], **lacking)
    await town.family(slug, levels={"be": "native"}, languages=["be"])
    await town.round(slug)
    async with town.as_role() as client:
        gaps = (await client.get("gaps", params={"programme": slug})).json()
    assert [(row["language"], row["families"]) for row in gaps["training"]] == [("be", 1)]
    assert [(row["language"], row["unavailable"]) for row in gaps["language_gap"]] == [("be", 1)]


async def test_one_programme_of_a_pool_does_not_give_away_the_others_mentor(town: Town) -> None:
    one, two = await town.programme("gibt-weg-eins"), await town.programme("gibt-weg-zwei")
    await set_policy(town, one, shares=[two])
    await set_policy(town, two, shares=[one])
    mentor, family = await town.mentor(two, clearance_until="2100-01-01"), await town.family(one)
    (draft,) = (await town.round(one))["proposals"]
    pair = {"engagement": mentor.id, "participation": family.id}
    async with town.as_grants(Grant(COORDINATOR, town.city, programmes=frozenset({two}))) as client:
        seen = (await client.get(f"proposals/{draft['id']}")).json()
        listed = (await client.get("proposals")).json()["items"]
        drafted = (await client.get("changes")).json()["items"]
    assert (seen["actions"], [row["id"] for row in listed]) == (["reject"], [draft["id"]])
    assert [row["subject"] for row in drafted] == [draft["id"]], "whose mentor it is sees it, too"
    for programmes, allowed in ((frozenset({one}), False), (frozenset({one, two}), True)):
        async with town.as_grants(Grant(COORDINATOR, town.city, programmes=programmes)) as client:
            actions = (await client.get(f"proposals/{draft['id']}")).json()["actions"]
            pinned = await client.post("pins", json={**pair, "because": "other"})
            accepted = await client.post(f"proposals/{draft['id']}:accept", json={"date": DAY})
        assert ("accept" in actions, pinned.is_success, accepted.is_success) == (allowed,) * 3, accepted.text


async def test_place_that_a_family_of_a_parted_pool_gives_back_is_free_at_once(town: Town) -> None:
    one, two = await town.programme("getrennt-eins"), await town.programme("getrennt-zwei")
    await set_policy(town, one, shares=[two])
    await set_policy(town, two, shares=[one])
    mentor = await town.mentor(two, clearance_until="2100-01-01")
    begun = (await town.pair(mentor, await town.family(one))).json()
    await set_policy(town, two, 1, shares=[])
    waits = await town.family(two)

    async def fitting() -> list[str]:
        await town.fresh_consents()
        async with town.as_role() as client:
            found = await client.get("candidates", params={"participation": waits.id, "date": DAY})
        return [row["engagement"] for row in found.json()["candidates"]]

    assert await fitting() == []
    await town.act(f"tandems/{begun['id']}", "end", {"on": DAY, "reason": "other"}, 1)
    assert await fitting() == [mentor.id]
    await town.act(f"tandems/{begun['id']}", "reopen", None, 2)
    assert await fitting() == []

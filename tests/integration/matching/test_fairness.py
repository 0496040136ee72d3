"""A round's report over HTTP: whole for coordinators, without small groups for the city, which sees no single case."""

import pytest_asyncio

from shared.security.principals import CITY
from tests.integration.api_parts import Api
from tests.integration.matching.town import Answer, Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("gerechtstadt")
    return Town(matching_api, "gerechtstadt")


async def held(town: Town, slug: str) -> Answer:
    """Two mentors for seven families that speak Arabic, two of whom also wait for nothing else, and one for Dari."""
    await town.programme(slug)
    for _ in range(2):
        await town.mentor(slug)
    for _ in range(7):
        await town.family(slug)
    await town.family(slug, levels={"fa-AF": "native"}, languages=["fa-AF"])
    return await town.round(slug)


async def test_report_is_stored_with_the_round(town: Town) -> None:
    round_ = await held(town, "gerecht-eins")
    async with town.as_role() as client:
        report = (await client.get(f"rounds/{round_['id']}/fairness")).json()
    assert (report["families"], report["matchable"], report["matched"]) == (8, 7, 2)
    assert report["without_candidate"] == {"language": 1}
    assert report["order_violations"] == 0
    assert report["load"] == {"mentors": 2, "idle": 0, "full": 2, "gini": 0}
    assert report["compared"]["greedy"]["matched"] == 2
    assert report["hidden"] is False
    groups = {row["value"]: row["matched"] for row in report["rates"]["language"]["groups"]}
    assert groups == {"ar": 2, "fa-AF": 0}


async def test_family_size_comes_from_registry_and_persons_alone_count_as_one(town: Town) -> None:
    slug = await town.programme("gerecht-gross")
    await town.mentor(slug)
    large = await town.family(slug, waiting_since="2025-09-01")
    await town.size(large, adults=2, children=4)
    await town.family(slug)
    await town.family(slug, family=None, person="per_04w5dz9jg7zzv2x90f3sew84wr", consent=False)
    round_ = await town.round(slug)
    async with town.as_role() as client:
        report = (await client.get(f"rounds/{round_['id']}/fairness")).json()
    sizes = {row["value"]: (row["families"], row["matched"]) for row in report["rates"]["size"]["groups"]}
    assert sizes == {"1-2": (1, 0), "5+": (1, 1), "unknown": (1, 0)}


async def test_city_sees_totals_and_no_small_group(town: Town) -> None:
    round_ = await held(town, "gerecht-stadt")
    async with town.as_role(CITY) as client:
        report = (await client.get(f"rounds/{round_['id']}/fairness")).json()
        listed = (await client.get("fairness", params={"programme": "gerecht-stadt"})).json()
    assert listed["items"] == [report]
    assert report["hidden"] is True
    assert (report["families"], report["matched"], report["waiting_days"].get("max")) == (None, None, None)
    assert report["without_candidate"] == {"language": None}
    shown = [row for part in report["rates"].values() for row in part["groups"] if row["families"] is not None]
    assert shown == []


async def test_city_reads_no_single_case_of_matching(town: Town) -> None:
    slug = "gerecht-still"
    round_ = await held(town, slug)
    pair = await town.pair(await town.mentor(slug), await town.family(slug))
    draft = round_["proposals"][0]
    wanted = {"engagement": draft["engagement"], "participation": draft["participation"], "because": "other"}
    async with town.as_role() as client:
        pin = (await client.post("pins", json=wanted)).json()
    async with town.api.client("city", town.city) as client:
        documented = (await client.get("http://service/openapi.json")).json()["paths"]
    paths = [path for path, methods in documented.items() if "get" in methods]
    inner = [path.partition("{city}/")[2] for path in paths if "{city}/" in path]
    ids = {"programme": slug, "round_id": round_["id"], "proposal_id": draft["id"], "tandem_id": pair.json()["id"]}
    ids["pin_id"] = pin.get("id", "pin_00000000000000000000000000")
    two = {"engagement": draft["engagement"], "participation": draft["participation"]}
    ids["participation_id"] = two["participation"]
    one = {"participation": two["participation"]}
    asked = {"candidates": one, "swap": one, "why-not": two, "gaps": {"programme": slug}}
    asked["expected-waiting"] = {"programme": slug}
    figures, rules = (
        {"fairness", "rounds/{round_id}/fairness", "gaps", "expected-waiting"},
        {"policies/{programme}", "policies/{programme}/versions"},
    )
    allowed, tried = figures | rules, 0
    async with town.as_role(CITY) as client:
        for path in inner:
            answer = await client.get(path.format(**ids), params=asked.get(path, {}))
            assert answer.status_code == (200 if path in allowed else 403), path
            tried += 1
    assert tried > len(allowed) + 5


async def test_round_names_who_began_it_and_the_hash_of_its_pairs(town: Town) -> None:
    round_ = await held(town, "gerecht-hash")
    (stored,) = await town.api.store.reader(town.city).find("rounds", {"_id": round_["id"]})
    assert stored["begun_by"]
    assert len(round_["pairs_sha256"]) == 64
    assert "instance" not in stored, "what went in is beside the round"

"""Policies on the real stack: versions that are added, what they change in a round, and who may set them."""

from typing import Any

import pytest
import pytest_asyncio

from shared.security.principals import CITY, COORDINATOR, Grant
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Answer, Town

BEFORE = "2026-01-01"


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("regelstadt")
    return Town(matching_api, "regelstadt")


async def set_policy(town: Town, slug: str, version: int = 0, **rules: Any) -> Answer:
    body = {"since": BEFORE, "because": "team_decision", **rules}
    async with town.as_role() as client:
        answer = await client.put(f"policies/{slug}", json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_nobody_has_set_one_then_versions_are_added_and_a_day_has_its_own(town: Town) -> None:
    slug = await town.programme("mit-regeln")
    async with town.as_role() as client:
        default = await client.get(f"policies/{slug}")
        assert (default.json()["version"], default.headers["etag"]) == (0, '"0"')
        assert default.json()["weights"]["language"] == 300
        assert {"speaks": "fa", "understands": "fa-AF", "level": "C1"} in default.json()["understands"]
        first = await set_policy(town, slug, wait_band_days=14)
        second = await set_policy(town, slug, 1, wait_band_days=21, since="2026-03-01")
        assert (first["version"], second["version"]) == (1, 2)
        on = [(await client.get(f"policies/{slug}", params={"on": day})).json() for day in (DAY, "2026-03-01")]
        assert [one["wait_band_days"] for one in on] == [14, 21]
        history = (await client.get(f"policies/{slug}/versions")).json()["items"]
    assert [(one["version"], one["because"], one["since"]) for one in history] == [
        (2, "team_decision", "2026-03-01"),
        (1, "team_decision", BEFORE),
    ]
    assert all(one["by"] and one["recorded_at"] for one in history)
    held = await town.round(slug)
    assert held["policy"] == {"version": f"{slug}/1", "wait_band_days": 14, "weights": default.json()["weights"]}
    rows = (
        await town.api.store.mongo.city(town.city)["audit"].find({"action": "policy.set", "object": slug}).to_list(None)
    )
    assert [row["fields"] for row in rows] == [["wait_band_days"], ["wait_band_days"]]


async def test_of_two_who_saw_the_same_version_one_is_told(town: Town) -> None:
    slug = await town.programme("zwei-setzen")
    await set_policy(town, slug, promise_days=60)
    body = {"because": "team_decision"}
    async with town.as_role() as client:
        stale = await client.put(f"policies/{slug}", json=body, headers={"If-Match": '"0"'})
        bare = await client.put(f"policies/{slug}", json=body)
    assert (stale.status_code, stale.headers["etag"], bare.status_code) == (412, '"1"', 428)


@pytest.mark.parametrize(
    ("rules", "pointer", "code"),
    [
        ({"shares": ["gibt-es-nicht"]}, "/shares/0", "not-one-of"),
        ({"shares": ["falsche-regeln"]}, "/shares/0", "not-one-of"),
        ({"understands": [{"speaks": "ckb", "understands": "kmr"}]}, "/understands/0/understands", "not-understood"),
        ({"understands": [{"speaks": "fa", "understands": "fa"}]}, "/understands/0/understands", "used-twice"),
        ({"understands": [{"speaks": "fa", "understands": "ku"}]}, "/understands/0/understands", "wrong-form"),
        ({"understands": [{"speaks": "fa", "understands": "tg", "level": "A2"}]}, "/understands/0/level", ""),
        ({"wait_band_days": 0}, "/wait_band_days", ""),
        ({"weights": {"language": -1}}, "/weights/language", ""),
        ({"rhythm": "weekly"}, "/rhythm", ""),
        ({"because": "A long sentence."}, "/because", ""),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_place(
    town: Town, rules: Answer, pointer: str, code: str
) -> None:
    slug = await town.programme("falsche-regeln")
    async with town.as_role() as client:
        body = {"because": "team_decision", **rules}
        answer = await client.put(f"policies/{slug}", json=body, headers={"If-Match": '"0"'})
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert code in ("", error["code"])


async def test_the_city_reads_and_who_reaches_a_part_sets_nothing(town: Town) -> None:
    slug = await town.programme("wer-setzt")
    body, seen = {"because": "team_decision"}, {"If-Match": '"0"'}
    async with town.as_grants(Grant(CITY, town.city)) as client:
        assert (await client.get(f"policies/{slug}")).json()["actions"] == []
        assert (await client.put(f"policies/{slug}", json=body, headers=seen)).status_code == 403
    async with town.as_grants(Grant(COORDINATOR, town.city, carrier="werkhaus")) as client:
        assert (await client.put(f"policies/{slug}", json=body, headers=seen)).status_code in {403, 404}
    async with town.as_role("partner", organisation="beratung") as client:
        assert (await client.get(f"policies/{slug}")).status_code == 403
    async with town.as_role() as client:
        assert (await client.get("policies/gibt-es-nicht")).status_code == 404

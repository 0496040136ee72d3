"""Policies on the real stack: versions that are added, what they change in a round, and who may set them."""

from typing import Any

import pytest
import pytest_asyncio

from shared.contracts.places import SiteV1
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


async def test_topics_that_are_no_musts_are_wishes_and_a_proposal_lists_those_it_leaves_open(town: Town) -> None:
    slug = await town.programme("muss-und-wunsch")
    await town.mentor(slug, topics=["health"], qualified=["health"])
    family = await town.family(slug, topics=["health", "school"], wishes=["chess"])
    assert (await town.round(slug))["proposals"] == []
    await set_policy(town, slug, musts=["health"])
    (proposal,) = (await town.round(slug))["proposals"]
    assert proposal["participation"] == family.id
    (open_wishes,) = [reason for reason in proposal["why"] if reason["rule"] == "uncovered"]
    assert (open_wishes["topics"], open_wishes["title"]) == (["chess", "school"], "Wünsche, die offen bleiben")


async def test_special_topics_stay_musts_unless_said_and_are_never_named(town: Town) -> None:
    slug = await town.programme("besonderes-muss")
    mentor = await town.mentor(slug, capacity=2)
    family = await town.family(slug, topics=[], special=["0123456789abcdef"])
    await town.consent(str(family.family), purpose="special_category")
    await set_policy(town, slug, musts=["special"])
    assert (await town.round(slug))["proposals"] == []
    await set_policy(town, slug, 1, musts=[])
    (proposal,) = (await town.round(slug))["proposals"]
    assert proposal["engagement"] == mentor.id
    assert [reason["topics"] for reason in proposal["why"] if reason["rule"] == "uncovered"] == [["special"]]
    assert "0123456789abcdef" not in str(proposal)


async def test_dari_is_understood_in_farsi_and_the_proposal_names_what_she_speaks(town: Town) -> None:
    slug = await town.programme("persisch")
    mentor = await town.mentor(slug, levels={"fa": "native"}, languages=["fa"])
    family = await town.family(slug, levels={"fa-AF": "native"}, languages=["fa-AF"])
    kurdish = await town.family(slug, levels={"ckb": "native"}, languages=["ckb"])
    await town.mentor(slug, levels={"kmr": "native"}, languages=["kmr"])
    held = await town.round(slug)
    (proposal,) = held["proposals"]
    assert (proposal["engagement"], proposal["participation"]) == (mentor.id, family.id)
    (language,) = [reason for reason in proposal["why"] if reason["rule"] == "language"]
    assert (language["language"], language["understood_as"], language["level"]) == ("fa", "fa-AF", "C1")
    assert [one["id"] for one in held["waiting"]] == [kurdish.id]
    await set_policy(town, slug, understands=[])
    assert (await town.round(slug))["proposals"] == []


async def test_programmes_that_name_each_other_share_a_pool_and_keep_their_own_families(town: Town) -> None:
    ours, theirs = await town.programme("pool-eins"), await town.programme("pool-zwei")
    mentor, family = await town.mentor(ours), await town.family(theirs)
    await set_policy(town, ours, shares=[theirs])
    assert (await town.round(theirs))["proposals"] == [], "one side alone gives nobody away"
    refused = await town.pair(mentor, family)
    assert (refused.status_code, refused.json()["code"]) == (422, "other-programme")
    await set_policy(town, theirs, shares=[ours])
    held = await town.round(theirs)
    (proposal,) = held["proposals"]
    assert (held["programme"], proposal["programme"]) == (ours, theirs)
    async with town.as_role() as client:
        for slug in (ours, theirs):
            listed = (await client.get("rounds", params={"programme": slug})).json()["items"]
            assert held["id"] in [one["id"] for one in listed], slug
        accepted = await client.post(f"proposals/{proposal['id']}:accept", json={"date": DAY})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["programme"] == theirs
    async with town.as_role("coordinator", programmes=[ours]) as client:
        assert (await client.get(f"rounds/{held['id']}")).status_code in {403, 404}
        assert held["id"] not in str((await client.get("rounds")).json())
        assert (await client.post("rounds", json={"programme": ours, "date": DAY})).status_code in {403, 404}
    # The mentor's one place is taken by a family of the other programme, also once the pool is no longer shared.
    await set_policy(town, ours, 1)
    await town.family(ours)
    assert (await town.round(ours))["proposals"] == []


async def test_a_consent_that_has_expired_since_is_not_brought_back_by_an_earlier_date(town: Town) -> None:
    slug = await town.programme("rueckdatiert")
    mentor, family = await town.mentor(slug), await town.family(slug, consent=False)
    await town.consent(str(family.family), expires_on="2026-02-01")
    held = await town.round(slug)
    assert (held["proposals"], held["waiting"], held["counts"]["families"]) == ([], [], 0)
    refused = await town.pair(mentor, family)
    assert (refused.status_code, refused.json()["code"]) == (422, "consent")


async def test_former_carrier_reads_nothing_by_naming_a_day_of_her_time(town: Town) -> None:
    slug = await town.programme("frueher-dort")
    family = await town.family(slug)
    await town.mentor(slug)
    held = await town.round(slug)
    site = {"slug": f"{slug}-haus", "name": "Haus", "district": "schmarl"}
    carriers = [{"from": "2025-01-01", "value": "volkshaus"}, {"from": "2026-03-01", "value": "werkhaus"}]
    await town.tell(SiteV1.model_validate({**site, "carriers": carriers}))
    await town.fresh_consents()
    async with town.as_role("coordinator", carrier="volkshaus") as client:
        for path in (f"candidates?participation={family.id}&date={DAY}", f"rounds/{held['id']}"):
            assert (await client.get(path)).status_code in {403, 404}, path
        assert (await client.post("rounds", json={"programme": slug, "date": DAY})).status_code in {403, 404}
    async with town.as_role("coordinator", carrier="werkhaus") as client:
        assert (await client.get(f"candidates?participation={family.id}&date={DAY}")).status_code == 200


async def test_a_family_that_had_a_mentor_waits_since_then_unless_the_mentor_left(town: Town) -> None:
    slug = await town.programme("wieder-warten")
    ends = {"goal_reached": "2026-01-11", "mentor_left": "2025-11-01"}
    found = {}
    for reason, since in ends.items():
        family = await town.family(slug)
        begun = (await town.pair(await town.mentor(slug), family, "2026-01-05")).json()
        async with town.as_role() as client:
            body = {"on": "2026-01-10", "reason": reason}
            ended = await client.post(f"tandems/{begun['id']}:end", json=body, headers={"If-Match": '"1"'})
        assert ended.status_code == 200, ended.text
        found[family.id] = since
    async with town.as_role() as client:
        held = await town.round(slug)
        shown = (await client.get(f"rounds/{held['id']}/instance")).json()
    assert {row["id"]: row["waiting_since"] for row in shown["families"]} == found

"""Accepting, rejecting and ending, many at once: no place is sold twice, and no decision is lost."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
import pytest_asyncio

from shared.contracts.envelope import Envelope
from shared.contracts.matching import ProposalV1, TandemV1
from shared.contracts.registry import EngagementV1, ParticipationV1
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("entscheidstadt")
    return Town(matching_api, "entscheidstadt")


def _state(row: dict[str, Any]) -> dict[str, Any]:
    return Envelope.model_validate(json.loads(row["value"])).data


async def _running(town: Town, side: str) -> int:
    """Running tandems of a side; its places document must say the same."""
    reader = town.api.store.reader(town.city)
    query = {"$or": [{"engagement": side}, {"participation": side}], "counted.ended_on": None}
    tandems = await reader.find("tandems", query)
    places = await reader.one("places", {"_id": side})
    assert sorted(places["running"] if places else []) == sorted(tandem["_id"] for tandem in tandems)
    return len(tandems)


async def test_ten_accepts_of_the_last_place_at_once_give_one_tandem(town: Town) -> None:
    slug = await town.programme("letzter-platz")
    mentor = await town.mentor(slug, capacity=10)
    for _ in range(10):
        await town.family(slug)
    held = await town.round(slug)
    assert len(held["proposals"]) == 10
    await town.tell(mentor.model_copy(update={"capacity": 1}))
    async with town.as_role() as client:
        answers = await asyncio.gather(
            *(client.post(f"proposals/{one['id']}:accept", json={"date": DAY}) for one in held["proposals"])
        )
        drafts = (await client.get("proposals", params={"programme": slug, "state": "draft"})).json()["items"]
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}, [a.text for a in answers]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"places-full"}
    assert await _running(town, mentor.id) == 1
    assert len(drafts) == 9, "a refused accept leaves the draft as it was"


async def test_ten_accepts_of_one_proposal_at_once_are_one(town: Town) -> None:
    slug = await town.programme("ein-vorschlag")
    mentor, family = await town.mentor(slug, capacity=5), await town.family(slug)
    (proposal,) = (await town.round(slug))["proposals"]
    async with town.as_role() as client:
        answers = await asyncio.gather(
            *(client.post(f"proposals/{proposal['id']}:accept", json={"date": DAY}) for _ in range(10))
        )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}
    assert await _running(town, mentor.id) == await _running(town, family.id) == 1


async def test_one_family_gets_one_of_ten_mentors_at_once(town: Town) -> None:
    slug = await town.programme("eine-familie")
    mentors = [await town.mentor(slug) for _ in range(10)]
    family = await town.family(slug)
    answers = await asyncio.gather(*(town.pair(mentor, family) for mentor in mentors))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already-in-a-tandem"}
    assert await _running(town, family.id) == 1


@pytest.mark.parametrize("attempt", range(5))
async def test_accept_and_reject_of_one_proposal_at_once_only_one_counts(town: Town, attempt: int) -> None:
    slug = await town.programme(f"ja-und-nein-{attempt}")
    mentor, family = await town.mentor(slug), await town.family(slug)
    (proposal,) = (await town.round(slug))["proposals"]
    async with town.as_role() as client:
        accept, reject = await asyncio.gather(
            client.post(f"proposals/{proposal['id']}:accept", json={"date": DAY}),
            client.post(f"proposals/{proposal['id']}:reject", json={"reason": "declined_by_family"}),
        )
        found = (await client.get(f"proposals/{proposal['id']}")).json()
    assert sorted([accept.status_code, reject.status_code]) == [200, 409]
    accepted = accept.status_code == 200
    assert found["state"] == ("accepted" if accepted else "rejected")
    assert await _running(town, mentor.id) == await _running(town, family.id) == int(accepted)
    told = [_state(row)["state"] for row in await town.told("matching.proposals.v1", proposal["id"])]
    assert told == ["draft", found["state"]]


async def test_accept_while_a_round_is_held_never_leaves_a_matched_family_waiting(town: Town) -> None:
    slug = await town.programme("runde-und-ja")
    mentors = [await town.mentor(slug) for _ in range(4)]
    families = [await town.family(slug) for _ in range(4)]
    await town.family(slug, levels={"uk": "native"})
    await town.fresh_consents()
    async with town.as_role() as client:
        results = await asyncio.gather(
            client.post("rounds", json={"programme": slug, "date": DAY}),
            *(
                town.pair(mentor, family, because="team_decision")
                for mentor, family in zip(mentors, families, strict=True)
            ),
        )
        waiting = (await client.get("waiting", params={"programme": slug})).json()["items"]
        drafts = (await client.get("proposals", params={"programme": slug, "state": "draft"})).json()["items"]
    assert [result.status_code for result in results] == [201] * 5
    matched = {family.id for family in families}
    assert matched.isdisjoint(one["id"] for one in waiting)
    assert matched.isdisjoint(one["participation"] for one in drafts)


async def test_accepted_tandem_carries_its_dimensions_and_ends_the_waiting(town: Town) -> None:
    slug = await town.programme("mit-allem")
    family = await town.family(slug)
    assert [one["id"] for one in (await town.round(slug))["waiting"]] == [family.id]
    mentor = await town.mentor(slug)
    await town.pair(mentor, family, "2026-02-01")
    async with town.as_role() as client:
        (tandem,) = (await client.get("tandems", params={"programme": slug})).json()["items"]
        assert (await client.get("waiting", params={"programme": slug})).json()["items"] == []
    (row,) = await town.told("matching.tandems.v1", tandem["id"])
    told = TandemV1.model_validate(_state(row))
    assert (told.engagement, told.participation, told.date) == (mentor.id, family.id, "2026-02-01")
    assert (told.programme, told.site, told.carrier, told.district) == (slug, f"{slug}-haus", "volkshaus", "schmarl")
    rows = await town.told("matching.waiting.v1", family.id)
    assert [(entry["sequence"], entry["value"] is None) for entry in rows] == [(1, False), (2, True)]
    assert (tandem["phase"], tandem["actions"]) == ("introduction", ["try", "activate", "pause", "end"])


async def test_rejected_pair_stays_apart_until_its_day(town: Town) -> None:
    slug = await town.programme("abgelehnt")
    mentor, family = await town.mentor(slug), await town.family(slug)
    (proposal,) = (await town.round(slug))["proposals"]
    async with town.as_role() as client:
        body = {"reason": "declined_by_mentor", "until": "2026-03-01"}
        lost = [
            await client.post(f"proposals/{proposal['id']}:{act}", json=said, headers={"If-Match": '"2"'})
            for act, said in (("reject", body), ("accept", {"date": DAY}))
        ]
        rejected = await client.post(f"proposals/{proposal['id']}:reject", json=body, headers={"If-Match": '"1"'})
    assert [(one.status_code, one.json()["params"]) for one in lost] == [(412, {"version": 1})] * 2
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")
    told = ProposalV1.model_validate(_state((await town.told("matching.proposals.v1", proposal["id"]))[-1]))
    assert (told.state, told.because) == ("rejected", "declined_by_mentor")
    held = await town.round(slug)
    assert held["proposals"] == []
    assert [(one["rule"], one["mentors"]) for one in held["waiting"][0]["reasons"]] == [("exclusion", 1)]
    by_hand = await town.pair(mentor, family)
    assert (by_hand.status_code, by_hand.json()["code"]) == (422, "exclusion")
    assert len((await town.round(slug, "2026-03-01"))["proposals"]) == 1


async def test_rejection_outlives_a_day_in_the_future(town: Town) -> None:
    slug = await town.programme("nicht-vordatiert", until="2200-01-01")
    mentor, family = await town.mentor(slug, clearance_until="2200-01-01"), await town.family(slug)
    (proposal,) = (await town.round(slug))["proposals"]
    async with town.as_role() as client:
        await client.post(f"proposals/{proposal['id']}:reject", json={"reason": "other", "until": "2099-01-01"})
    ahead = await town.pair(mentor, family, "2099-06-01")
    assert (ahead.status_code, ahead.json()["code"]) == (422, "exclusion")
    assert (await town.round(slug, "2099-06-01"))["proposals"] == []


@pytest.mark.parametrize(
    ("mentor", "family", "refusal"),
    [
        ({"certified_on": None, "modules_missing": ["health"]}, {}, (422, "qualification", {"modules": ["health"]})),
        ({"clearance_until": DAY}, {}, (422, "clearance", {"until": DAY})),
        ({"clearance_until": None}, {}, (422, "clearance", None)),
        ({"stage": "paused"}, {}, (422, "paused", None)),
        ({"stage": "left", "left_on": DAY}, {}, (409, "engagement-ended", None)),
        ({"capacity": 0}, {}, (409, "places-full", {"places": 0, "running": 0})),
        ({}, {"consent": False}, (422, "consent", None)),
        ({}, {"ended_on": DAY}, (409, "participation-ended", None)),
    ],
)
async def test_pair_by_hand_is_refused_with_code_and_parameters(
    town: Town, mentor: dict[str, Any], family: dict[str, Any], refusal: tuple[int, str, dict[str, Any] | None]
) -> None:
    slug = await town.programme("von-hand")
    answer = await town.pair(await town.mentor(slug, **mentor), await town.family(slug, **family))
    assert (answer.status_code, answer.json()["code"], answer.json().get("params")) == refusal


async def test_excluded_by_either_side_is_refused(town: Town) -> None:
    slug = await town.programme("ausgeschlossen")
    family = await town.family(slug)
    wary = await town.mentor(slug, excluded=[str(family.family)])
    mentor = await town.mentor(slug)
    choosy = await town.family(slug, excluded=[mentor.id])
    itself = await town.family(slug, family=None, person=mentor.person)
    for one, other in ((wary, family), (mentor, choosy), (mentor, itself)):
        answer = await town.pair(one, other)
        assert (answer.status_code, answer.json()["code"]) == (422, "exclusion")


async def test_withdrawn_consent_stops_an_accept_and_stale_consents_stop_all(town: Town) -> None:
    slug = await town.programme("zurueckgezogen")
    await town.mentor(slug)
    family = await town.family(slug, consent=False)
    consent = await town.consent(family.id)
    (proposal,) = (await town.round(slug))["proposals"]
    await town.tell(consent.model_copy(update={"withdrawn_at": "2026-01-16T09:00:00.000Z"}))
    async with town.as_role() as client:
        answer = await client.post(f"proposals/{proposal['id']}:accept", json={"date": DAY})
        await town.stale_consents()
        stale = await client.post(f"proposals/{proposal['id']}:accept", json={"date": DAY})
    assert (answer.status_code, answer.json()["code"]) == (422, "consent")
    assert (stale.status_code, stale.json()["code"]) == (503, "consents-stale")
    assert await _running(town, family.id) == 0


async def test_end_frees_both_places_and_keeps_what_was_counted(town: Town) -> None:
    slug = await town.programme("zu-ende")
    mentor, family = await town.mentor(slug), await town.family(slug)
    tandem = (await town.pair(mentor, family)).json()
    path, body = f"tandems/{tandem['id']}:end", {"on": "2026-02-28", "reason": "goal_reached"}
    async with town.as_role() as client:
        assert (await client.post(path, json=body)).status_code == 428
        assert (await client.post(path, json=body, headers={"If-Match": '"7"'})).status_code == 412
        early = await client.post(path, json=body | {"on": "2026-01-14"}, headers={"If-Match": '"1"'})
        done = await client.post(path, json=body, headers={"If-Match": '"1"'})
        again = await client.post(path, json=body, headers={"If-Match": '"2"'})
    assert (early.status_code, early.json()["code"]) == (422, "before-beginning")
    assert (done.status_code, done.json()["running"], done.json()["actions"]) == (200, False, ["reopen"])
    assert (again.status_code, again.json()["code"]) == (409, "already-ended")
    assert await _running(town, mentor.id) == await _running(town, family.id) == 0
    told = TandemV1.model_validate(_state((await town.told("matching.tandems.v1", tandem["id"]))[-1]))
    assert (told.ended_on, told.ended_because) == ("2026-02-28", "goal_reached")
    assert [(one.ended_on, one.reason) for one in told.versions] == [(None, "ended")]
    assert (await town.pair(mentor, family, "2026-03-01")).status_code == 201


async def test_running_tandems_are_frozen_and_use_capacity_in_a_round(town: Town) -> None:
    slug = await town.programme("laeuft-schon")
    mentor, family = await town.mentor(slug), await town.family(slug)
    await town.pair(mentor, family)
    waits = await town.family(slug)
    held = await town.round(slug)
    assert held["proposals"] == []
    assert [one["id"] for one in held["waiting"]] == [waits.id]
    assert [(one["rule"], one["mentors"]) for one in held["waiting"][0]["reasons"]] == [("capacity", 1)]
    await town.tell(mentor.model_copy(update={"stage": "paused", "capacity": 3}))
    held = await town.round(slug)
    async with town.as_role() as client:
        exported = (await client.get(f"rounds/{held['id']}/instance")).json()
    assert exported["frozen"] == [[mentor.id, family.id]]
    assert [row["capacity"] for row in exported["mentors"]] == [1], "who pauses keeps her family and gets no other"


async def test_mentor_sees_her_own_tandems_only(town: Town) -> None:
    slug = await town.programme("eigene")
    mine, other = await town.mentor(slug), await town.mentor(slug)
    own = (await town.pair(mine, await town.family(slug))).json()
    foreign = (await town.pair(other, await town.family(slug))).json()
    async with town.as_role("mentor", person=str(mine.person)) as client:
        listed = (await client.get("tandems", params={"programme": slug})).json()["items"]
        assert [one["id"] for one in listed] == [own["id"]]
        assert listed[0]["actions"] == []
        assert (await client.get(f"tandems/{own['id']}")).status_code == 200
        assert (await client.get(f"tandems/{foreign['id']}")).status_code == 404
        assert (await client.post("tandems", json={})).status_code == 403


async def test_unknown_sides_are_not_yet_known(town: Town) -> None:
    slug = await town.programme("noch-nicht")
    known = await town.mentor(slug)
    missing = ParticipationV1.model_validate(
        (await town.family(slug)).model_dump(by_alias=True) | {"id": "ptc_00000000000000000000000000"}
    )
    answer = await town.pair(EngagementV1.model_validate(known.model_dump(by_alias=True)), missing)
    assert (answer.status_code, answer.json()["code"]) == (409, "not-yet-known")
    assert answer.headers["retry-after"] == "1"


async def test_repeat_of_an_accept_is_answered_and_does_nothing_more(town: Town) -> None:
    slug = await town.programme("noch-einmal")
    mentor, _ = await town.mentor(slug, capacity=2), await town.family(slug)
    (proposal,) = (await town.round(slug))["proposals"]
    async with town.as_role("coordinator", subject="koordination") as client:
        client.headers["Idempotency-Key"] = "annahme-0001"
        first = await client.post(f"proposals/{proposal['id']}:accept", json={"date": DAY})
        again = await client.post(f"proposals/{proposal['id']}:accept", json={"date": DAY})
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == {"id": first.json()["id"], "version": 1}
    assert again.headers["idempotent-replayed"] == "true"
    assert await _running(town, mentor.id) == 1

"""Pins before the round, and departures from what it proposed: a person's wish, with a reason."""

import pytest
import pytest_asyncio

from shared.security.principals import COORDINATOR, Grant
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Answer, Town

LONG = "2100-01-01"


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("merkstadt")
    return Town(matching_api, "merkstadt")


async def test_pinned_pair_is_proposed_before_all_others_though_its_times_do_not_fit(town: Town) -> None:
    slug = await town.programme("vorgemerkt")
    mentor = await town.mentor(slug, clearance_until=LONG)
    wished = await town.family(slug, slots=["sun-eve"])
    longer = await town.family(slug, waiting_since="2025-10-01", urgent=True)
    pin = await town.pin(mentor, wished)
    assert (pin["status_code"], pin["stands"], pin["because_title"]) == (201, True, "Wunsch der Familie")
    held = await town.round(slug)
    (draft,) = held["proposals"]
    assert (draft["participation"], draft["pinned"], draft["state"]) == (wished.id, True, "draft")
    pinned = {"rule": "pinned", "title": "Von einer Person vorgemerkt", "sentence": "Von einer Person vorgemerkt."}
    assert draft["why"][0] == pinned
    assert draft["fit"]["total"] == draft["fit"]["language"] + draft["fit"]["distance"] + draft["fit"]["topics"]
    assert [one["id"] for one in held["waiting"]] == [longer.id]
    again = await town.round(slug)
    assert [(one["id"], one["pinned"]) for one in again["proposals"]] == [(draft["id"], True)]
    async with town.as_role() as client:
        exported = (await client.get(f"rounds/{again['id']}/instance")).json()
        begun = await client.post(f"proposals/{draft['id']}:accept", json={"date": DAY})
        found = (await client.get(f"pins/{pin['id']}")).json()
    assert exported["frozen"] == [[mentor.id, wished.id]]
    assert begun.status_code == 200
    assert (found["lifted_because"], found["actions"]) == ("tandem_begun", [])


async def test_lifted_or_past_pin_leaves_the_round_free(town: Town) -> None:
    slug = await town.programme("aufgehoben")
    mentor = await town.mentor(slug, clearance_until=LONG)
    wished, longer = await town.family(slug), await town.family(slug, waiting_since="2025-10-01")
    pin = await town.pin(mentor, wished, until="2026-02-01")
    assert [one["participation"] for one in (await town.round(slug))["proposals"]] == [wished.id]
    assert [one["participation"] for one in (await town.round(slug, "2026-02-01"))["proposals"]] == [longer.id]
    async with town.as_role() as client:
        lifted = await client.post(f"pins/{pin['id']}:lift", json={"because": "team_decision"})
        twice = await client.post(f"pins/{pin['id']}:lift", json={"because": "team_decision"})
        standing = (await client.get("pins", params={"programme": slug, "standing": True})).json()["items"]
        every = (await client.get("pins", params={"programme": slug})).json()["items"]
    assert (lifted.status_code, lifted.json()["stands"]) == (200, False)
    assert (twice.status_code, twice.json()["code"]) == (409, "already-lifted")
    assert (standing, [one["id"] for one in every]) == ([], [pin["id"]])
    assert [one["participation"] for one in (await town.round(slug))["proposals"]] == [longer.id]


@pytest.mark.parametrize(
    ("mentor", "family", "refusal"),
    [
        ({"clearance_until": None}, {}, (422, "clearance")),
        ({"stage": "paused"}, {}, (422, "paused")),
        ({}, {"consent": False}, (422, "consent")),
        ({}, {"ended_on": DAY}, (409, "participation-ended")),
    ],
)
async def test_what_forbids_a_pair_forbids_its_pin(
    town: Town, mentor: Answer, family: Answer, refusal: tuple[int, str]
) -> None:
    slug = await town.programme("nicht-vormerken")
    answer = await town.pin(
        await town.mentor(slug, **{"clearance_until": LONG, **mentor}), await town.family(slug, **family)
    )
    assert (answer["status_code"], answer["code"]) == refusal


async def test_pin_needs_a_free_family_a_known_reason_and_both_sides_in_reach(town: Town) -> None:
    slug = await town.programme("wer-merkt-vor")
    mentor, family = await town.mentor(slug, capacity=3, clearance_until=LONG), await town.family(slug)
    assert (await town.pin(mentor, family, because="just_so"))["errors"][0]["pointer"] == "/because"
    body = {"engagement": mentor.id, "participation": family.id, "because": "other"}
    async with town.as_grants(Grant(COORDINATOR, town.city, carrier="werkhaus")) as client:
        assert (await client.post("pins", json=body)).status_code == 404
    pin = await town.pin(mentor, family)
    async with town.as_grants(Grant(COORDINATOR, town.city, carrier="werkhaus")) as client:
        assert (await client.get(f"pins/{pin['id']}")).status_code == 404
        assert (await client.get("pins", params={"programme": slug})).json()["items"] == []
    assert (await town.pin(mentor, family))["code"] == "already-pinned"
    taken = await town.family(slug)
    assert (await town.pair(mentor, taken)).status_code == 201
    assert (await town.pin(mentor, taken))["code"] == "already-in-a-tandem"
    other = await town.programme("anderes-programm")
    assert (await town.pin(mentor, await town.family(other)))["code"] == "other-programme"


async def test_pin_of_somebody_who_may_not_any_more_leaves_the_family_waiting_with_the_reason(town: Town) -> None:
    slug = await town.programme("pin-ohne-sie")
    mentor, family = await town.mentor(slug, clearance_until=LONG), await town.family(slug)
    await town.pin(mentor, family)
    await town.tell(mentor.model_copy(update={"stage": "paused"}))
    held = await town.round(slug)
    assert held["proposals"] == []
    assert [(one["id"], one["reasons"][0]["rule"]) for one in held["waiting"]] == [(family.id, "paused")]
    await town.tell(mentor.model_copy(update={"stage": "left", "left_on": DAY}))
    await town.react()
    async with town.as_role() as client:
        (pin,) = (await client.get("pins", params={"programme": slug})).json()["items"]
    assert (pin["stands"], pin["lifted_because"]) == (False, "mentor_left")


async def test_departure_from_a_proposal_has_a_reason_that_is_kept(town: Town) -> None:
    slug = await town.programme("anders-als-vorgeschlagen")
    mentor, other = await town.mentor(slug, clearance_until=LONG), await town.mentor(slug, slots=["sun-eve"])
    family = await town.family(slug)
    (draft,) = (await town.round(slug))["proposals"]
    assert draft["engagement"] == mentor.id
    missing = await town.pair(other, family)
    assert (missing.status_code, missing.json()["code"]) == (422, "departure-reason-missing")
    assert missing.json()["params"] == {"proposal": draft["id"]}
    assert missing.json()["errors"][0]["pointer"] == "/because"
    assert "wish_of_family" in missing.json()["errors"][0]["expected"]
    unknown = await town.pair(other, family, because="just_so")
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "not-one-of")
    done = (await town.pair(other, family, because="wish_of_family")).json()
    assert (done["because"], done["instead_of"]) == ("wish_of_family", draft["id"])
    async with town.as_role("mentor", person=str(other.person)) as client:
        seen = (await client.get(f"tandems/{done['id']}")).json()
    assert (seen["because"], seen["instead_of"]) == (None, None), "the mentor does not read why it is she"


async def test_last_place_that_was_meant_for_another_needs_a_reason_too(town: Town) -> None:
    slug = await town.programme("fuer-eine-andere")
    mentor = await town.mentor(slug, capacity=2, clearance_until=LONG)
    await town.family(slug)
    await town.round(slug)
    assert (await town.pair(mentor, await town.family(slug))).status_code == 201, "a place is left for who was proposed"
    last = await town.pair(mentor, await town.family(slug))
    assert (last.status_code, last.json()["code"]) == (422, "departure-reason-missing")

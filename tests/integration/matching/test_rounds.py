"""Rounds on the real stack: who is in them, what comes out, and that only one of two at once is held."""

import asyncio
import json
import time
from datetime import timedelta

import pytest_asyncio

from services.matching.app import SERVICE
from services.matching.commands.drop_special import drop_special_everywhere
from services.matching.commands.solve_instance import solve_instance
from shared.contracts.envelope import Envelope
from shared.contracts.matching import ProposalV1, WaitingV1
from shared.security.principals import COORDINATOR, Grant
from shared.storage.store import Store
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("rundenstadt")
    return Town(matching_api, "rundenstadt")


def _state(row: dict[str, bytes]) -> dict[str, object]:
    return Envelope.model_validate(json.loads(row["value"])).data


async def test_round_proposes_who_fits_and_says_why_the_others_wait(town: Town) -> None:
    slug = await town.programme("erste-runde")
    mentor = await town.mentor(slug)
    fits = await town.family(slug, waiting_since="2025-10-01")
    speaks_other = await town.family(slug, levels={"uk": "native"}, languages=["uk"])
    no_consent = await town.family(slug, consent=False)
    held = await town.round(slug)
    (proposal,) = held["proposals"]
    assert (proposal["engagement"], proposal["participation"]) == (mentor.id, fits.id)
    assert proposal["state"] == "draft"
    assert proposal["fit"]["total"] > 0
    assert proposal["actions"] == ["accept", "propose", "reject"]
    reasons = {one["id"]: [(entry["rule"], entry["mentors"]) for entry in one["reasons"]] for one in held["waiting"]}
    assert reasons == {speaks_other.id: [("language", 1)], no_consent.id: [("consent", 1)]}
    assert held["counts"]["proposals"] == 1
    assert held["certificate"]["dual_gap"] == 0
    (told,) = await town.told("matching.proposals.v1", proposal["id"])
    assert ProposalV1.model_validate(_state(told)).state == "draft"
    (told,) = await town.told("matching.waiting.v1", speaks_other.id)
    waiting = WaitingV1.model_validate(_state(told))
    assert (waiting.programme, waiting.district, waiting.languages) == (slug, "schmarl", ("uk",))
    assert [(one.rule, one.mentors) for one in waiting.reasons] == [("language", 1)]


async def test_actions_are_those_that_the_caller_s_grants_allow_on_this_very_pair(town: Town) -> None:
    slug = await town.programme("nur-lesen")
    await town.mentor(slug)
    await town.family(slug)
    (proposal,) = (await town.round(slug))["proposals"]
    pair = await town.pair(await town.mentor(slug), await town.family(slug))
    for carrier, status, decides, ends in (
        ("volkshaus", 200, ["accept", "propose", "reject"], ["try", "activate", "pause", "end"]),
        ("werkhaus", 404, None, None),
    ):
        async with town.as_grants(Grant(COORDINATOR, town.city, carrier=carrier)) as client:
            seen = await client.get(f"proposals/{proposal['id']}")
            tandem = await client.get(f"tandems/{pair.json()['id']}")
        assert (seen.status_code, tandem.status_code) == (status, status), carrier
        assert (seen.json().get("actions"), tandem.json().get("actions")) == (decides, ends), carrier


async def test_stored_file_solves_to_the_same_answer(town: Town) -> None:
    slug = await town.programme("gleiche-runde")
    for number in range(3):
        await town.mentor(slug, capacity=number)
        await town.family(slug)
    held = await town.round(slug)
    async with town.as_role() as client:
        exported = await client.get(f"rounds/{held['id']}/instance")
        read = (await client.get(f"rounds/{held['id']}")).json()
    again = solve_instance(exported.json(), None, time.perf_counter)
    assert again["input_sha256"] == read["input_sha256"] == held["input_sha256"]
    pairs = {(pair["mentor"], pair["family"]) for pair in again["pairs"]}
    assert pairs == {(one["engagement"], one["participation"]) for one in held["proposals"]}
    assert again["certificate"] == read["certificate"]


async def test_two_rounds_at_once_one_is_held(town: Town) -> None:
    slug = await town.programme("zwei-runden")
    await town.mentor(slug)
    await town.family(slug)
    await town.fresh_consents()
    async with town.as_role() as client:
        body = {"programme": slug, "date": DAY}
        answers = await asyncio.gather(*(client.post("rounds", json=body) for _ in range(2)))
        drafts = (await client.get("proposals", params={"programme": slug, "state": "draft"})).json()["items"]
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert next(answer.json()["code"] for answer in answers if answer.status_code == 409) == "round-in-progress"
    assert len(drafts) == 1
    assert await town.api.store.reader(town.city).count("rounds", {"programme": slug}) == 1


async def test_newer_round_keeps_the_id_of_the_same_pair_and_expires_what_it_no_longer_proposes(town: Town) -> None:
    slug = await town.programme("neue-runde")
    first = await town.family(slug, waiting_since="2025-10-01")
    mentor = await town.mentor(slug)
    waits = await town.family(slug)
    before = await town.round(slug)
    assert [one["id"] for one in before["waiting"]] == [waits.id]
    await town.mentor(slug)
    after = await town.round(slug)
    assert {one["participation"] for one in after["proposals"]} == {first.id, waits.id}
    (kept,) = [one for one in after["proposals"] if one["participation"] == first.id]
    (old,) = before["proposals"]
    assert (kept["id"], kept["engagement"], kept["drafted_at"]) == (old["id"], old["engagement"], old["drafted_at"])
    assert (kept["round"], kept["version"], kept["state"]) == (after["id"], 2, "draft")
    told = [_state(row)["round"] for row in await town.told("matching.proposals.v1", kept["id"])]
    assert told == [before["id"], after["id"]]
    async with town.as_role() as client:
        waiting = (await client.get("waiting", params={"programme": slug})).json()["items"]
    assert waiting == []
    rows = await town.told("matching.waiting.v1", waits.id)
    assert [(row["sequence"], row["value"] is None) for row in rows] == [(1, False), (2, True)]
    await town.tell(mentor.model_copy(update={"stage": "paused"}))
    last = await town.round(slug)
    assert [one["participation"] for one in last["proposals"]] == [first.id], "she who waits longest gets who is left"
    async with town.as_role() as client:
        gone = [(await client.get(f"proposals/{one['id']}")).json() for one in after["proposals"]]
    assert [(one["state"], one["because"], one["actions"]) for one in gone] == [("expired", "newer_round", [])] * 2


async def test_mentors_without_certificate_clearance_or_on_pause_are_explained_not_matched(town: Town) -> None:
    slug = await town.programme("wer-darf")
    family = await town.family(slug)
    trainee = await town.mentor(
        slug, stage="in_qualification", certified_on=None, qualified=[], modules_missing=["health"]
    )
    uncleared = await town.mentor(slug, clearance_until=DAY)
    paused = await town.mentor(slug, stage="paused")
    gone = await town.mentor(slug, stage="left", left_on="2026-01-01")
    held = await town.round(slug)
    assert held["proposals"] == []
    found = {one["engagement"]: (one["rule"], one.get("modules"), one.get("until")) for one in held["unavailable"]}
    assert found == {
        trainee.id: ("qualification", ["health"], None),
        uncleared.id: ("clearance", None, DAY),
        paused.id: ("paused", None, None),
    }
    assert gone.id not in json.dumps(held)
    (waiting,) = held["waiting"]
    assert waiting["id"] == family.id
    helps = {one["rule"]: (one["mentors"], one.get("modules")) for one in waiting["would_help"]}
    expected = {"qualification": (1, ["health"]), "clearance": (1, None), "paused": (1, None)}
    assert helps == expected | {"language-gap": (0, None)}


async def test_row_that_the_file_refuses_is_left_out_and_the_round_goes_on(town: Town) -> None:
    slug = await town.programme("mit-luecken")
    mentor = await town.mentor(slug, capacity=3)
    family = await town.family(slug)
    nowhere = await town.family(slug, districts=[])
    tomorrow = await town.family(slug, waiting_since="2026-03-01")
    held = await town.round(slug)
    assert [(one["engagement"], one["participation"]) for one in held["proposals"]] == [(mentor.id, family.id)]
    expected = [{"id": nowhere.id, "pointer": "/district"}, {"id": tomorrow.id, "pointer": "/waiting_since"}]
    assert sorted(held["left_out"], key=lambda one: one["pointer"]) == expected


async def test_special_topics_count_only_under_a_standing_consent_and_are_never_named(town: Town) -> None:
    slug = await town.programme("besondere")
    token = "0123456789abcdef"
    mentor = await town.mentor(slug, special=[token])
    family = await town.family(slug, special=[token])
    await town.consent(mentor.id)
    await town.consent(mentor.id, purpose="special_category")
    special = await town.consent(str(family.family), purpose="special_category")
    held = await town.round(slug)
    assert token not in json.dumps(held)
    told = next(one for one in held["proposals"][0]["why"] if one["rule"] == "qualification")
    assert (told["topics"], told["title"]) == (["health", "special"], "Qualifizierung")
    assert told["sentence"] == "Qualifiziert für: Gesundheit und ein geschütztes Thema."
    async with town.as_role() as client:
        exported = (await client.get(f"rounds/{held['id']}/instance")).json()
    assert exported["families"][0]["topics"] == ["health", f"x-{token}"]
    await town.tell(special.model_copy(update={"withdrawn_at": "2026-01-02T00:00:00.000Z"}))
    held = await town.round(slug)
    async with town.as_role() as client:
        exported = (await client.get(f"rounds/{held['id']}/instance")).json()
    assert exported["families"][0]["topics"] == ["health"]


async def test_round_fails_closed_where_consents_are_stale(town: Town) -> None:
    slug = await town.programme("veraltet")
    await town.fresh_consents()
    await town.stale_consents()
    async with town.as_role() as client:
        answer = await client.post("rounds", json={"programme": slug, "date": DAY})
    assert (answer.status_code, answer.json()["code"]) == (503, "consents-stale")
    assert answer.headers["retry-after"] == "1"


async def test_round_outside_the_programme_is_refused_with_its_period(town: Town) -> None:
    slug = await town.programme("vorbei", begin="2010-03-01", until="2011-01-01", state="ended")
    await town.fresh_consents()
    async with town.as_role() as client:
        answer = await client.post("rounds", json={"programme": slug, "date": "2011-01-01"})
        inside = await client.post("rounds", json={"programme": slug, "date": "2010-12-31"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/date", "code": "outside-programme", "expected": "2010-03-01 … 2010-12-31"}
    ]
    assert inside.status_code == 201


async def test_rounds_are_for_coordinators_who_reach_the_whole_programme(town: Town) -> None:
    slug = await town.programme("wer-ruft")
    await town.fresh_consents()
    body = {"programme": slug, "date": DAY}
    found = {}
    limits = {"mentor": {"person": "per_00000000000000000000000000"}, "coordinator": {"carrier": "andere"}, "city": {}}
    for role, limit in limits.items():
        async with town.as_role(role, **limit) as client:
            found[role] = (await client.post("rounds", json=body)).status_code
    assert found == {"mentor": 403, "coordinator": 404, "city": 403}
    async with town.as_role("coordinator", carrier="volkshaus", programmes=[slug]) as client:
        assert (await client.post("rounds", json=body)).status_code == 201
        listed = (await client.get("rounds", params={"programme": slug})).json()["items"]
        everywhere = (await client.get("rounds")).json()["items"]
    assert [one["programme"] for one in listed] == [slug]
    assert [one["id"] for one in everywhere] == [one["id"] for one in listed]


async def test_stored_round_loses_special_topics_thirty_days_after_its_decisions(town: Town) -> None:
    slug = await town.programme("nach-dreissig-tagen")
    token = "0123456789abcdef"
    mentor = await town.mentor(slug, special=[token])
    family = await town.family(slug, special=[token])
    for subject in (mentor.id, str(family.family)):
        await town.consent(subject)
        await town.consent(subject, purpose="special_category")
    old = await town.round(slug)
    recent = await town.round(slug)
    database = town.api.store.mongo.city(town.city)
    await database["rounds"].update_one({"_id": old["id"]}, {"$set": {"recorded_at": "2026-01-01T00:00:00.000Z"}})
    await database["proposals"].update_many({"round": old["id"]}, {"$set": {"decided_at": "2026-01-02T00:00:00.000Z"}})
    await town.round(slug)
    async with town.as_role() as client:
        files = [(await client.get(f"rounds/{one['id']}/instance")).json() for one in (old, recent)]
    assert [file["families"][0]["topics"] for file in files] == [["health"], ["health", f"x-{token}"]]
    assert [file["mentors"][0]["qualified"] for file in files] == [["health"], ["health", f"x-{token}"]]
    store = town.api.store
    later = Store(store.mongo, b"", store._layout, clock=lambda: store.clock() + timedelta(days=31))
    assert SERVICE.nightly["drop-special"] is drop_special_everywhere
    assert await drop_special_everywhere(later) >= 1, "the night does it without another round"
    async with town.as_role() as client:
        file = (await client.get(f"rounds/{recent['id']}/instance")).json()
    assert file["families"][0]["topics"] == ["health"]


async def test_documentation_tells_every_route_with_an_example(town: Town) -> None:
    async with town.api.bare() as client:
        schema = (await client.get("/openapi.json")).json()
    root = "/v1/cities/{city}"
    assert {f"{root}/rounds", f"{root}/proposals/{{proposal_id}}:accept", f"{root}/candidates"} <= set(schema["paths"])
    for name in ("RoundBody", "AcceptBody", "RejectBody", "TandemBody"):
        assert schema["components"]["schemas"][name]["example"]

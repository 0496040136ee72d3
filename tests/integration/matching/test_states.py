"""From a draft to an ended tandem: both are told, both answer, a trial is reviewed, and silence ends on a day."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from services.matching.app import SERVICE
from services.matching.commands.expire import expire_everywhere
from shared.contracts.envelope import Envelope
from shared.contracts.matching import ProposalV1, TandemV1
from shared.contracts.places import SiteV1
from shared.contracts.registry import EngagementV1, ParticipationV1
from shared.kernel.dates import today
from shared.security.principals import COORDINATOR, Grant
from shared.storage.store import Store
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Answer, Town

BOTH = {"mentor": "yes", "family": "yes"}


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("zustandsstadt")
    return Town(matching_api, "zustandsstadt")


async def _drafted(town: Town, slug: str) -> tuple[Answer, EngagementV1, ParticipationV1]:
    await town.programme(slug)
    mentor, family = await town.mentor(slug, clearance_until="2100-01-01"), await town.family(slug)
    (proposal,) = (await town.round(slug))["proposals"]
    return proposal, mentor, family


async def _act(town: Town, path: str, verb: str, body: Answer | None = None, version: int | None = None) -> Answer:
    """The answer's content with its status under ``status_code``."""
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    async with town.as_role() as client:
        answer = await client.post(f"{path}:{verb}", json=body, headers=headers)
    return {**answer.json(), "status_code": answer.status_code}


def _last(rows: list[dict[str, Any]]) -> dict[str, object]:
    return Envelope.model_validate(json.loads(rows[-1]["value"])).data


def _today(town: Town) -> str:
    return today(town.api.store.clock())


async def test_both_are_told_and_answer_before_the_tandem_begins(town: Town) -> None:
    draft, mentor, family = await _drafted(town, "beide-gefragt")
    path, day = f"proposals/{draft['id']}", _today(town)
    early = await _act(town, path, "answer", {"side": "family", "answer": "yes"})
    assert (early["status_code"], early["code"]) == (409, "not-told")
    told = await _act(town, path, "propose", {"on": DAY}, 1)
    assert (told["state"], told["told_on"], told["expires_on"]) == ("proposed", DAY, "2026-01-29")
    assert told["actions"] == ["accept", "answer", "reject"]
    assert ProposalV1.model_validate(_last(await town.told("matching.proposals.v1", draft["id"]))).state == "proposed"
    again = await _act(town, path, "propose", {"on": DAY})
    assert (again["status_code"], again["code"]) == (409, "already-told")
    first = await _act(town, path, "answer", {"side": "family", "answer": "yes", "on": "2026-01-17"})
    assert first["answers"] == {"family": {"said": "yes", "on": "2026-01-17"}}
    missing = await _act(town, path, "accept", {"date": DAY})
    assert (missing["status_code"], missing["code"]) == (422, "answers-missing")
    assert [one["pointer"] for one in missing["errors"]] == ["/answers/mentor"]
    await _act(town, path, "answer", {"side": "mentor", "answer": "yes"})
    tandem = await _act(town, path, "accept", {"date": "2026-02-01", "signed_on": "2026-02-01"})
    assert (tandem["status_code"], tandem["phase"], tandem["signed_on"]) == (200, "introduction", "2026-02-01")
    async with town.as_role() as client:
        found = (await client.get(path)).json()
    assert (found["state"], found["tandem"]) == ("accepted", tandem["id"])
    assert found["answers"]["mentor"] == {"said": "yes", "on": day}
    assert (tandem["engagement"], tandem["participation"]) == (mentor.id, family.id)


async def test_yes_by_telephone_is_said_in_the_accept(town: Town) -> None:
    draft, _, _ = await _drafted(town, "am-telefon")
    await _act(town, f"proposals/{draft['id']}", "propose")
    half = await _act(town, f"proposals/{draft['id']}", "accept", {"answers": {"mentor": "yes"}})
    assert (half["status_code"], half["errors"][0]["pointer"]) == (422, "/answers/family")
    done = await _act(town, f"proposals/{draft['id']}", "accept", {"date": DAY, "answers": BOTH})
    assert done["status_code"] == 200


async def test_no_of_one_side_rejects_with_a_reason_and_keeps_apart_until_the_policys_day(town: Town) -> None:
    draft, mentor, family = await _drafted(town, "eine-seite-nein")
    path = f"proposals/{draft['id']}"
    await _act(town, path, "propose")
    unknown = await _act(town, path, "answer", {"side": "family", "answer": "no", "reason": "bad_hair"})
    assert (unknown["status_code"], unknown["errors"][0]["pointer"]) == (422, "/reason")
    assert "no_common_time" in unknown["errors"][0]["expected"]
    no = await _act(town, path, "answer", {"side": "family", "answer": "no", "reason": "no_common_time"})
    assert (no["state"], no["because"], no["side"]) == ("rejected", "no_common_time", "family")
    assert no["because_title"] == "Es gibt keine gemeinsame Zeit."
    assert no["until"] > _today(town)
    assert (await town.round("eine-seite-nein"))["proposals"] == []
    back = await town.mentor("eine-seite-nein", person=str(mentor.person), clearance_until="2100-01-01")
    again = await town.family("eine-seite-nein", family=str(family.family))
    await town.tell(mentor.model_copy(update={"stage": "left", "left_on": DAY}))
    await town.tell(family.model_copy(update={"ended_on": DAY}))
    await town.react()
    held = await town.round("eine-seite-nein")
    assert held["proposals"] == [], "the same two, with another engagement and another participation"
    assert (await town.pair(back, again)).json()["code"] == "exclusion"
    await town.erasure(str(mentor.person), mentor.id)
    await town.react()
    (stored,) = await town.api.store.reader(town.city).find("proposals", {"_id": draft["id"]})
    assert (stored["person"], stored["helped"]) == (None, family.family), "who is erased is in no refusal either"


async def test_silence_ends_on_the_day_that_was_said(town: Town) -> None:
    draft, _, _ = await _drafted(town, "keine-antwort")
    agreed, _, _ = await _drafted(town, "beide-sagten-ja")
    for one in (draft, agreed):
        told = await _act(town, f"proposals/{one['id']}", "propose", {"on": DAY, "expires_on": "2026-01-20"})
        assert told["expires_on"] == "2026-01-20"
    wrong = await _act(town, f"proposals/{draft['id']}", "propose", {"on": DAY, "expires_on": DAY})
    assert wrong["status_code"] == 409
    await _act(town, f"proposals/{agreed['id']}", "answer", {"side": "mentor", "answer": "yes"})
    await _act(town, f"proposals/{agreed['id']}", "answer", {"side": "family", "answer": "yes"})
    store = town.api.store
    late = Store(store.mongo, b"", store._layout, clock=lambda: store.clock() + timedelta(days=3_650))
    assert SERVICE.nightly["expire-proposals"] is expire_everywhere
    assert await expire_everywhere(late) >= 1
    assert await expire_everywhere(late) == 0, "a second night has nothing more to do"
    async with town.as_role() as client:
        silent = (await client.get(f"proposals/{draft['id']}")).json()
        waits = (await client.get(f"proposals/{agreed['id']}")).json()
    assert (silent["state"], silent["because"]) == ("expired", "no_answer")
    assert waits["state"] == "proposed", "both have answered: it waits for a person, not for them"


async def test_told_pair_is_frozen_in_rounds_and_takes_a_place(town: Town) -> None:
    draft, mentor, family = await _drafted(town, "gehalten")
    waits = await town.family("gehalten", waiting_since="2025-10-01", urgent=True)
    await _act(town, f"proposals/{draft['id']}", "propose")
    held = await town.round("gehalten")
    assert held["proposals"] == []
    assert [one["id"] for one in held["waiting"]] == [waits.id], "urgent, but nobody is taken away from who was told"
    async with town.as_role() as client:
        exported = (await client.get(f"rounds/{held['id']}/instance")).json()
    assert exported["frozen"] == [[mentor.id, family.id]]


async def test_nobody_is_told_of_two_and_no_mentor_of_more_than_she_has_places(town: Town) -> None:
    slug = await town.programme("nicht-zweimal")
    mentor = await town.mentor(slug, capacity=3, clearance_until="2100-01-01")
    for _ in range(3):
        await town.family(slug)
    drafts = (await town.round(slug))["proposals"]
    await town.tell(mentor.model_copy(update={"capacity": 1, "clearance_until": "2100-01-01"}))
    answers = await asyncio.gather(*(_act(town, f"proposals/{one['id']}", "propose") for one in drafts))
    assert Counter(one["status_code"] for one in answers) == {200: 1, 409: 2}
    assert {one["code"] for one in answers if one["status_code"] == 409} == {"places-full"}


async def test_fifty_accepts_over_http_of_the_last_place_give_one_tandem(town: Town) -> None:
    slug = await town.programme("fuenfzig-um-einen")
    mentor = await town.mentor(slug, capacity=50, clearance_until="2100-01-01")
    for _ in range(50):
        await town.family(slug)
    drafts = (await town.round(slug))["proposals"]
    assert len(drafts) == 50
    await town.tell(mentor.model_copy(update={"capacity": 1}))
    async with town.as_role() as client:
        answers = await asyncio.gather(
            *(client.post(f"proposals/{one['id']}:accept", json={"date": DAY}) for one in drafts)
        )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 49}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"places-full"}
    reader = town.api.store.reader(town.city)
    assert await reader.count("tandems", {"engagement": mentor.id}) == 1
    rows = await reader.find("proposals", {"engagement": mentor.id})
    assert Counter((row["state"], row["version"], len(row["answers"])) for row in rows) == {
        ("accepted", 2, 2): 1,
        ("draft", 1, 0): 49,
    }


async def test_rule_that_changed_since_the_round_stops_the_accept_unless_a_person_says_why(town: Town) -> None:
    draft, mentor, _ = await _drafted(town, "veraltet")
    await town.tell(mentor.model_copy(update={"topics": ("school",), "qualified": ("school",)}))
    for verb, body in (("accept", {"date": DAY}), ("propose", {})):
        stale = await _act(town, f"proposals/{draft['id']}", verb, body)
        assert (stale["status_code"], stale["code"], stale["params"]) == (409, "proposal-outdated", {"rule": "topic"})
    done = await _act(town, f"proposals/{draft['id']}", "accept", {"date": DAY, "because": "team_decision"})
    assert (done["status_code"], done["because"]) == (200, "team_decision")


async def test_tandem_goes_through_its_phases_and_none_of_them_is_counted(town: Town) -> None:
    draft, mentor, family = await _drafted(town, "in-phasen")
    tandem = await _act(town, f"proposals/{draft['id']}", "accept", {"date": DAY})
    path = f"tandems/{tandem['id']}"
    assert (await _act(town, path, "try", {"on": DAY}))["status_code"] == 428
    steps: list[tuple[str, Answer, str]] = [
        ("try", {"on": "2026-01-20"}, "trial"),
        ("pause", {"on": "2026-02-01", "reason": "illness", "until": "2026-03-01"}, "paused"),
        ("resume", {"on": "2026-02-20"}, "trial"),
        ("activate", {"on": "2026-03-17", "signed_on": "2026-03-17"}, "active"),
        ("pause", {"on": "2026-05-01", "reason": "travel"}, "paused"),
        ("resume", {"on": "2026-06-01"}, "active"),
    ]
    for version, (verb, body, phase) in enumerate(steps, start=1):
        lost = await _act(town, path, verb, body, version + 1)
        assert (lost["status_code"], lost["params"]) == (412, {"version": version})
        moved = await _act(town, path, verb, body, version)
        assert (moved["status_code"], moved["phase"], moved["running"]) == (200, phase, True), moved
        if verb == "try":
            assert moved["review_on"] == "2026-03-17", "eight weeks, where the policy says nothing else"
    wrong = await _act(town, path, "try", {"on": "2026-07-01"}, 7)
    assert (wrong["status_code"], wrong["code"], wrong["params"]["needed"]) == (409, "wrong-phase", ["introduction"])
    early = await _act(town, path, "pause", {"on": "2026-05-31", "reason": "travel"}, 7)
    assert (early["status_code"], early["errors"][0]["expected"]) == (422, ">= 2026-06-01")
    told = TandemV1.model_validate(_last(await town.told("matching.tandems.v1", tandem["id"])))
    assert (told.phase, told.versions, told.date, told.review_on) == ("active", (), DAY, None)
    assert (await town.pair(mentor, await town.family("in-phasen"))).json()["code"] == "places-full"
    ended = await _act(town, path, "end", {"on": "2026-06-30", "reason": "no_contact", "side": "mentor"}, 7)
    assert (ended["phase"], ended["side"], ended["ended_because"]) == ("ended", "mentor", "no_contact")
    told = TandemV1.model_validate(_last(await town.told("matching.tandems.v1", tandem["id"])))
    assert (told.phase, told.side, len(told.versions)) == ("ended", "mentor", 1)
    assert [step["phase"] for step in ended["steps"]] == ["introduction", *(phase for *_, phase in steps)]
    async with town.as_role() as client:
        assert (await client.get(path)).json()["participation"] == family.id


@pytest.mark.parametrize(
    ("reason", "said", "side"),
    [("moved_away", None, "family"), ("mentor_left", None, "mentor"), ("goal_reached", None, "house")],
)
async def test_end_has_a_side_also_where_nobody_names_it(town: Town, reason: str, said: str | None, side: str) -> None:
    slug = await town.programme(f"seite-{reason.replace('_', '-')}")
    tandem = (await town.pair(await town.mentor(slug), await town.family(slug))).json()
    ended = await _act(town, f"tandems/{tandem['id']}", "end", {"on": DAY, "reason": reason}, 1)
    assert (ended["status_code"], ended["side"]) == (200, side)
    unknown = await _act(town, f"tandems/{tandem['id']}", "end", {"on": DAY, "reason": "because"}, 2)
    assert (unknown["status_code"], unknown["errors"][0]["pointer"]) == (422, "/reason")


async def test_yes_needs_both_sides_in_reach_and_a_no_or_an_answer_one(town: Town) -> None:
    slug = await town.programme("zwei-traeger", sites=["zwei-traeger-haus", "anderes-haus"])
    site: Answer = {"slug": "anderes-haus", "name": "Haus", "district": "schmarl"}
    await town.tell(SiteV1.model_validate({**site, "carriers": [{"from": "2025-01-01", "value": "werkhaus"}]}))
    mentor = await town.mentor(slug, clearance_until="2100-01-01")
    await town.family(slug, sites=[{"from": "2025-10-01", "value": "anderes-haus"}])
    (draft,) = (await town.round(slug))["proposals"]
    path = f"proposals/{draft['id']}"
    seen: dict[str, Any] = {}
    for carrier in ("volkshaus", "werkhaus", "fremd"):
        async with town.as_grants(Grant(COORDINATOR, town.city, carrier=carrier)) as client:
            read = await client.get(path)
            accept = await client.post(f"{path}:accept", json={"date": DAY})
            tell = await client.post(f"{path}:propose", json={})
            seen[carrier] = (read.status_code, read.json().get("actions"), accept.status_code, tell.status_code)
    assert seen == {
        "volkshaus": (200, ["reject"], 404, 404),
        "werkhaus": (200, ["reject"], 404, 404),
        "fremd": (404, None, 404, 404),
    }
    await _act(town, path, "propose")
    async with town.as_grants(Grant(COORDINATOR, town.city, carrier="volkshaus")) as client:
        foreign = await client.post(f"{path}:answer", json={"side": "family", "answer": "yes"})
        own = await client.post(f"{path}:answer", json={"side": "mentor", "answer": "yes"})
        no = await client.post(f"{path}:reject", json={"reason": "declined_by_mentor"})
    assert (foreign.status_code, own.status_code, no.status_code) == (404, 200, 200)
    assert mentor.id == no.json()["engagement"]


async def test_many_are_decided_each_by_itself(town: Town) -> None:
    slug = await town.programme("viele-auf-einmal")
    for _ in range(4):
        await town.mentor(slug, clearance_until="2100-01-01")
        await town.family(slug)
    drafts = [one["id"] for one in (await town.round(slug))["proposals"]]
    elsewhere, _, _ = await _drafted(town, "nicht-hier")
    decisions: list[object] = [
        {"id": drafts[0], "version": 1, "act": "accept", "date": DAY},
        {"id": drafts[1], "version": 1, "act": "reject", "reason": "too_far"},
        {"id": drafts[2], "version": 1, "act": "propose"},
        {"id": drafts[2], "version": 2, "act": "answer", "side": "family", "answer": "yes"},
        {"id": drafts[3], "version": 7, "act": "accept"},
        {"id": drafts[3], "version": 1, "act": "reject", "reason": "just_so"},
        {"id": drafts[3], "version": 1, "act": "undo"},
        {"id": elsewhere["id"], "version": 1, "act": "accept"},
        "nothing",
    ]
    async with town.as_grants(Grant(COORDINATOR, town.city, programmes=frozenset({slug}))) as client:
        answer = await client.post("/proposals:decide", json={"decisions": decisions})
        assert answer.status_code == 200, answer.text
        first = answer.json()["decisions"]
        second = (await client.post("/proposals:decide", json={"decisions": decisions[:2]})).json()["decisions"]
        empty = await client.post("/proposals:decide", json={"decisions": []})
    assert [(one["answer"], one["state"] or one["code"], one["stored_version"]) for one in first] == [
        ("stored", "accepted", 2),
        ("stored", "rejected", 2),
        ("stored", "proposed", 2),
        ("stored", "proposed", 3),
        ("conflict", "version-lost", 1),
        ("refused", "invalid", None),
        ("refused", "invalid", None),
        ("refused", "not-found", None),
        ("refused", "invalid", None),
    ]
    assert [error["pointer"] for error in first[5]["errors"]] == ["/reason"]
    assert first[0]["tandem"].startswith("tan_")
    assert {one["answer"] for one in second} == {"conflict"}, "sending it again changes nothing"
    assert empty.status_code == 422

"""From a draft to an ended tandem: both are told, both answer, a trial is reviewed, and silence ends on a day."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest_asyncio

from services.matching.app import SERVICE
from services.matching.commands.expire import expire_everywhere
from shared.contracts.envelope import Envelope
from shared.contracts.matching import ProposalV1
from shared.kernel.dates import today
from shared.storage.store import Store
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town

BOTH = {"mentor": "yes", "family": "yes"}


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("zustandsstadt")
    return Town(matching_api, "zustandsstadt")


def _last(rows: list[dict[str, Any]]) -> dict[str, object]:
    return Envelope.model_validate(json.loads(rows[-1]["value"])).data


def _today(town: Town) -> str:
    return today(town.api.store.clock())


async def test_both_are_told_and_answer_before_the_tandem_begins(town: Town) -> None:
    draft, mentor, family = await town.drafted("beide-gefragt")
    path, day = f"proposals/{draft['id']}", _today(town)
    early = await town.act(path, "answer", {"side": "family", "answer": "yes"})
    assert (early["status_code"], early["code"]) == (409, "not-told")
    told = await town.act(path, "propose", {"on": DAY}, 1)
    assert (told["state"], told["told_on"], told["expires_on"]) == ("proposed", DAY, "2026-01-29")
    assert told["actions"] == ["accept", "answer", "reject"]
    assert ProposalV1.model_validate(_last(await town.told("matching.proposals.v1", draft["id"]))).state == "proposed"
    again = await town.act(path, "propose", {"on": DAY})
    assert (again["status_code"], again["code"]) == (409, "already-told")
    first = await town.act(path, "answer", {"side": "family", "answer": "yes", "on": "2026-01-17"})
    assert first["answers"] == {"family": {"said": "yes", "on": "2026-01-17"}}
    missing = await town.act(path, "accept", {"date": DAY})
    assert (missing["status_code"], missing["code"]) == (422, "answers-missing")
    assert [one["pointer"] for one in missing["errors"]] == ["/answers/mentor"]
    await town.act(path, "answer", {"side": "mentor", "answer": "yes"})
    tandem = await town.act(path, "accept", {"date": "2026-02-01", "signed_on": "2026-02-01"})
    assert (tandem["status_code"], tandem["phase"], tandem["signed_on"]) == (200, "introduction", "2026-02-01")
    async with town.as_role() as client:
        found = (await client.get(path)).json()
    assert (found["state"], found["tandem"]) == ("accepted", tandem["id"])
    assert found["answers"]["mentor"] == {"said": "yes", "on": day}
    assert (tandem["engagement"], tandem["participation"]) == (mentor.id, family.id)


async def test_yes_by_telephone_is_said_in_the_accept(town: Town) -> None:
    draft, _, _ = await town.drafted("am-telefon")
    await town.act(f"proposals/{draft['id']}", "propose")
    half = await town.act(f"proposals/{draft['id']}", "accept", {"answers": {"mentor": "yes"}})
    assert (half["status_code"], half["errors"][0]["pointer"]) == (422, "/answers/family")
    done = await town.act(f"proposals/{draft['id']}", "accept", {"date": DAY, "answers": BOTH})
    assert done["status_code"] == 200


async def test_no_of_one_side_rejects_with_a_reason_and_keeps_apart_until_the_policys_day(town: Town) -> None:
    draft, mentor, family = await town.drafted("eine-seite-nein")
    path = f"proposals/{draft['id']}"
    await town.act(path, "propose")
    unknown = await town.act(path, "answer", {"side": "family", "answer": "no", "reason": "bad_hair"})
    assert (unknown["status_code"], unknown["errors"][0]["pointer"]) == (422, "/reason")
    assert "no_common_time" in unknown["errors"][0]["expected"]
    no = await town.act(path, "answer", {"side": "family", "answer": "no", "reason": "no_common_time"})
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
    draft, _, _ = await town.drafted("keine-antwort")
    agreed, _, _ = await town.drafted("beide-sagten-ja")
    for one in (draft, agreed):
        told = await town.act(f"proposals/{one['id']}", "propose", {"on": DAY, "expires_on": "2026-01-20"})
        assert told["expires_on"] == "2026-01-20"
    wrong = await town.act(f"proposals/{draft['id']}", "propose", {"on": DAY, "expires_on": DAY})
    assert wrong["status_code"] == 409
    await town.act(f"proposals/{agreed['id']}", "answer", {"side": "mentor", "answer": "yes"})
    await town.act(f"proposals/{agreed['id']}", "answer", {"side": "family", "answer": "yes"})
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
    draft, mentor, family = await town.drafted("gehalten")
    waits = await town.family("gehalten", waiting_since="2025-10-01", urgent=True)
    await town.act(f"proposals/{draft['id']}", "propose")
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
    answers = await asyncio.gather(*(town.act(f"proposals/{one['id']}", "propose") for one in drafts))
    assert Counter(one["status_code"] for one in answers) == {200: 1, 409: 2}
    assert {one["code"] for one in answers if one["status_code"] == 409} == {"places-full"}
    told = next(draft for draft, one in zip(drafts, answers, strict=True) if one["status_code"] == 200)
    other = next(draft for draft in drafts if draft is not told)
    taken = await town.act(f"proposals/{other['id']}", "accept", {"date": DAY})
    assert (taken["status_code"], taken["code"]) == (422, "departure-reason-missing"), "the place was promised"
    assert taken["params"] == {"proposal": told["id"]}


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
    draft, mentor, _ = await town.drafted("veraltet")
    await town.tell(mentor.model_copy(update={"topics": ("school",), "qualified": ("school",)}))
    for verb, body in (("accept", {"date": DAY}), ("propose", {})):
        stale = await town.act(f"proposals/{draft['id']}", verb, body)
        assert (stale["status_code"], stale["code"], stale["params"]) == (409, "proposal-outdated", {"rule": "topic"})
    done = await town.act(f"proposals/{draft['id']}", "accept", {"date": DAY, "because": "team_decision"})
    assert (done["status_code"], done["because"]) == (200, "team_decision")

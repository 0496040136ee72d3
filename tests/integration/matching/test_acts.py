"""Every act of matching: in the audit with what it was, done once under one key, refused with the field's pointer."""

from typing import Any

import pytest
import pytest_asyncio

from services.matching.commands.expire import expire_everywhere
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Answer, Town

PROPOSAL, TANDEM = f"prp_{'0' * 26}", f"tan_{'0' * 26}"
ENGAGEMENT, PARTICIPATION, PIN = f"eng_{'0' * 26}", f"ptc_{'0' * 26}", f"pin_{'0' * 26}"
PAIR = {"engagement": ENGAGEMENT, "participation": PARTICIPATION}


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("aktenstadt")
    return Town(matching_api, "aktenstadt")


async def _audit(town: Town, *objects: str) -> list[str]:
    rows = town.api.store.mongo.city(town.city)["audit"].find({"object": {"$in": list(objects)}})
    return sorted(row["action"] for row in await rows.to_list(None))


async def test_every_act_is_in_the_audit_under_what_it_is_about(town: Town) -> None:
    first, mentor, family = await town.drafted("aktenkundig")
    path = f"proposals/{first['id']}"
    await town.act(path, "propose")
    for side in ("mentor", "family"):
        await town.act(path, "answer", {"side": side, "answer": "yes"})
    tandem = await town.act(path, "accept", {"date": DAY})
    await town.act(path, "undo")
    await town.act(path, "reject", {"reason": "other"})
    assert await _audit(town, first["id"]) == [
        "proposal.accepted",
        "proposal.answered",
        "proposal.answered",
        "proposal.proposed",
        "proposal.rejected",
        "proposal.undone",
    ]
    assert await _audit(town, tandem["id"]) == ["tandem.begun", "tandem.undone"]
    other = await town.mentor("aktenkundig", clearance_until="2100-01-01")
    begun = (await town.pair(other, family)).json()
    acts: list[tuple[str, Answer]] = [
        ("try", {"on": DAY}),
        ("activate", {"on": DAY}),
        ("pause", {"on": DAY, "reason": "travel"}),
        ("resume", {"on": DAY}),
        ("end", {"on": DAY, "reason": "other"}),
        ("reopen", {}),
    ]
    for version, (verb, body) in enumerate(acts, start=1):
        answer = await town.act(f"tandems/{begun['id']}", verb, body or None, version)
        assert answer["status_code"] == 200, answer
    assert await _audit(town, begun["id"]) == [
        f"tandem.{act}" for act in ("active", "begun", "ended", "paused", "reopened", "resumed", "trial")
    ]
    assert mentor.id != other.id


async def test_rounds_pins_and_nights_are_in_the_audit_too(town: Town) -> None:
    slug = await town.programme("nachts")
    mentor, family = await town.mentor(slug, clearance_until="2100-01-01"), await town.family(slug)
    async with town.as_role() as client:
        body = {"engagement": mentor.id, "participation": family.id, "because": "other"}
        pin = (await client.post("pins", json=body)).json()
    first, second = await town.round(slug), await town.round(slug)
    assert await _audit(town, first["id"]) == ["proposals.drafted", "round.held"]
    assert await _audit(town, second["id"]) == ["proposals.drafted-again", "round.held"]
    (draft,) = second["proposals"]
    await town.act(f"pins/{pin['id']}", "lift", {"because": "team_decision"})
    assert await _audit(town, pin["id"]) == ["pin.lifted", "pin.made"]
    await town.act(f"proposals/{draft['id']}", "propose", {"on": DAY, "expires_on": "2026-01-16"})
    await expire_everywhere(town.api.store)
    await town.tell(mentor.model_copy(update={"stage": "paused"}))
    third = await town.round(slug)
    assert await _audit(town, draft["id"]) == ["proposal.expired", "proposal.proposed"]
    assert await _audit(town, third["id"]) == ["round.held"]


async def test_repeat_under_the_same_key_is_answered_and_does_nothing_more(town: Town) -> None:
    draft, mentor, family = await town.drafted("zweimal-gesendet")
    pinned = {"engagement": mentor.id, "participation": family.id, "because": "other"}
    calls: list[tuple[str, Answer | None, int]] = [
        ("pins", pinned, 201),
        (f"proposals/{draft['id']}:propose", None, 200),
        (f"proposals/{draft['id']}:answer", {"side": "mentor", "answer": "yes"}, 200),
        (f"proposals/{draft['id']}:reject", {"reason": "other"}, 200),
        (f"proposals/{draft['id']}:undo", None, 200),
    ]
    async with town.as_role("coordinator", subject="koordination") as client:
        for number, (path, body, status) in enumerate(calls):
            client.headers["Idempotency-Key"] = f"zweimal-{number:04d}"
            first, again = [await client.post(path, json=body) for _ in range(2)]
            assert (first.status_code, again.status_code) == (status, status), first.text
            assert again.headers["idempotent-replayed"] == "true"
            assert again.json() == {"id": first.json()["id"], "version": first.json()["version"]}


async def test_repeat_of_a_round_that_was_seen_and_of_a_policy_is_answered_too(town: Town) -> None:
    slug = await town.programme("nochmal-gesendet")
    await town.mentor(slug)
    await town.family(slug)
    await town.fresh_consents()
    async with town.as_role("coordinator", subject="koordination") as client:
        tried = {"programme": slug, "date": DAY}
        seen = (await client.post("rounds", json={**tried, "dry_run": True})).json()["input_sha256"]
        client.headers["Idempotency-Key"] = "runde-0001"
        held, again = [await client.post("rounds", json={**tried, "seen": seen}) for _ in range(2)]
        client.headers["Idempotency-Key"] = "regeln-0001"
        client.headers["If-Match"] = '"0"'
        ruled, ruled_again = [await client.put(f"policies/{slug}", json={"because": "other"}) for _ in range(2)]
    assert (held.status_code, again.status_code) == (201, 201), again.text
    assert again.json() == {"id": held.json()["id"], "version": 1}
    assert ruled_again.json() == {"id": ruled.json()["id"], "version": 1}


@pytest.mark.parametrize(
    ("path", "body", "pointer", "code"),
    [
        (f"proposals/{PROPOSAL}:accept", {"date": "tomorrow"}, "/date", "wrong-form"),
        (
            f"proposals/{PROPOSAL}:accept",
            {"answers": {"mentor": "no", "family": "yes"}},
            "/answers/mentor",
            "not-one-of",
        ),
        (f"proposals/{PROPOSAL}:accept", {"because": "so"}, "/because", "not-one-of"),
        (f"proposals/{PROPOSAL}:accept", {"force": True}, "/force", "unknown-field"),
        (f"proposals/{PROPOSAL}:propose", {"on": 5}, "/on", "wrong-type"),
        (f"proposals/{PROPOSAL}:propose", {"expires_on": "2026-02-30"}, "/expires_on", "wrong-form"),
        (f"proposals/{PROPOSAL}:answer", {"answer": "yes"}, "/side", "missing"),
        (f"proposals/{PROPOSAL}:answer", {"side": "house", "answer": "yes"}, "/side", "not-one-of"),
        (f"proposals/{PROPOSAL}:answer", {"side": "mentor", "answer": "maybe"}, "/answer", "not-one-of"),
        (f"proposals/{PROPOSAL}:reject", {}, "/reason", "missing"),
        (f"proposals/{PROPOSAL}:reject", {"reason": "other", "side": "mother"}, "/side", "not-one-of"),
        ("/proposals:decide", {"decisions": []}, "/decisions", "too-short"),
        ("/proposals:decide", {"decisions": [1] * 201}, "/decisions", "too-long"),
        ("/proposals:decide", {"decisions": {}}, "/decisions", "wrong-type"),
        ("tandems", {**PAIR, "date": DAY, "because": "so"}, "/because", "not-one-of"),
        ("tandems", {**PAIR, "date": "1850-01-01"}, "/date", "wrong-form"),
        ("tandems", {**PAIR, "engagement": PARTICIPATION, "date": DAY}, "/engagement", "wrong-form"),
        (f"tandems/{TANDEM}:end", {"on": DAY}, "/reason", "missing"),
        (f"tandems/{TANDEM}:end", {"on": DAY, "reason": "so"}, "/reason", "not-one-of"),
        (f"tandems/{TANDEM}:try", {"on": DAY, "review_on": ""}, "/review_on", "wrong-form"),
        (f"tandems/{TANDEM}:activate", {"on": None}, "/on", "wrong-type"),
        (f"tandems/{TANDEM}:pause", {"on": DAY, "reason": "tired"}, "/reason", "not-one-of"),
        (f"tandems/{TANDEM}:resume", {}, "/on", "missing"),
        ("pins", {**PAIR}, "/because", "missing"),
        ("pins", {**PAIR, "because": "other", "id": TANDEM}, "/id", "wrong-form"),
        (f"pins/{PIN}:lift", {"because": "so"}, "/because", "not-one-of"),
    ],
)
async def test_bad_body_is_refused_with_its_pointer_and_what_would_be_right(
    town: Town, path: str, body: Any, pointer: str, code: str
) -> None:
    async with town.as_role() as client:
        answer = await client.post(path, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert error.get("expected") or code in ("missing", "unknown-field", "wrong-type")


@pytest.mark.parametrize("path", [f"proposals/{PROPOSAL}:undo", f"tandems/{TANDEM}:reopen", f"pins/{PIN}:lift"])
async def test_what_is_not_there_is_404(town: Town, path: str) -> None:
    async with town.as_role() as client:
        body = {"because": "other"} if "pins" in path else None
        answer = await client.post(path, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 404

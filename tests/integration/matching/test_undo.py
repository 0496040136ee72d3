"""Decisions that are taken back: a no, a yes before anything happened, an end; each only for a while."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest_asyncio

from shared.contracts.envelope import Envelope
from shared.contracts.matching import TandemV1
from shared.contracts.registry import EngagementV1, ParticipationV1
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town

LONG = "2100-01-01"


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("zurueckstadt")
    return Town(matching_api, "zurueckstadt")


async def _drafted(town: Town, slug: str) -> tuple[str, EngagementV1, ParticipationV1]:
    proposal, mentor, family = await town.drafted(slug)
    return f"proposals/{proposal['id']}", mentor, family


async def _back_to(town: Town, collection: str, key: str, field: str) -> None:
    """As if it had been decided long ago."""
    rows = town.api.store.mongo.city(town.city)[collection]
    await rows.update_one({"_id": key}, {"$set": {field: "2026-01-01T00:00:00.000Z"}})


def _last(rows: list[dict[str, Any]]) -> TandemV1:
    return TandemV1.model_validate(Envelope.model_validate(json.loads(rows[-1]["value"])).data)


async def test_no_that_is_taken_back_is_a_draft_again(town: Town) -> None:
    path, _, _ = await _drafted(town, "doch-kein-nein")
    nothing = await town.act(path, "undo")
    assert (nothing["status_code"], nothing["code"]) == (409, "not-decided")
    rejected = await town.act(path, "reject", {"reason": "declined_by_mentor"})
    assert rejected["actions"] == ["undo"]
    undone = await town.act(path, "undo", version=2)
    assert (undone["status_code"], undone["state"], undone["because"], undone["until"]) == (200, "draft", None, None)
    assert [one["id"] for one in (await town.round("doch-kein-nein"))["proposals"]] == [undone["id"]]
    assert (await town.act(path, "accept", {"date": DAY}))["status_code"] == 200


async def test_no_is_taken_back_for_fourteen_days_and_not_beside_a_tandem_or_a_newer_draft(town: Town) -> None:
    path, mentor, family = await _drafted(town, "zu-spaet")
    await town.act(path, "reject", {"reason": "declined_by_mentor", "until": "2026-01-20"})
    newer = (await town.round("zu-spaet", "2026-01-20"))["proposals"]
    assert len(newer) == 1
    assert (await town.act(path, "undo"))["code"] == "already-proposed"
    await town.act(f"proposals/{newer[0]['id']}", "accept", {"date": "2026-01-21"})
    assert (await town.act(path, "undo"))["code"] == "already-in-a-tandem"
    await _back_to(town, "proposals", path.partition("/")[2], "decided_at")
    late = await town.act(path, "undo")
    assert (late["status_code"], late["code"], late["params"]) == (409, "too-late-to-undo", {"hours": 336})
    assert (mentor.id, family.id) == (newer[0]["engagement"], newer[0]["participation"])


async def test_yes_that_is_taken_back_frees_both_and_its_tandem_counts_nowhere(town: Town) -> None:
    path, mentor, family = await _drafted(town, "doch-kein-ja")
    tandem = await town.act(path, "accept", {"date": DAY})
    undone = await town.act(path, "undo")
    assert (undone["status_code"], undone["state"], undone["tandem"], undone["answers"]) == (200, "draft", None, {})
    told = _last(await town.told("matching.tandems.v1", tandem["id"]))
    assert (told.ended_on, told.ended_because, told.phase) == (DAY, "undone", "ended")
    rows = await town.told("matching.tandems.v1", tandem["id"])
    assert all(row["value"] is not None for row in rows), "no tombstone: phones would take it for an erasure"
    again = await town.act(f"tandems/{tandem['id']}", "reopen", version=2)
    assert (again["status_code"], again["code"]) == (409, "not-ended")
    assert (await town.pair(mentor, family)).status_code == 201


async def test_yes_is_taken_back_for_a_day_and_only_before_anything_followed(town: Town) -> None:
    path, _, _ = await _drafted(town, "schon-weiter")
    tandem = await town.act(path, "accept", {"date": DAY})
    await town.act(f"tandems/{tandem['id']}", "try", {"on": DAY}, 1)
    moved = await town.act(path, "undo")
    assert (moved["status_code"], moved["code"], moved["params"]) == (409, "already-moved", {"phase": "trial"})
    late, _, _ = await _drafted(town, "gestern")
    await town.act(late, "accept", {"date": DAY})
    await _back_to(town, "proposals", late.partition("/")[2], "decided_at")
    refused = await town.act(late, "undo")
    assert (refused["code"], refused["params"]) == ("too-late-to-undo", {"hours": 24})
    async with town.as_role() as client:
        assert (await client.get(late)).json()["actions"] == []


async def test_undo_and_what_takes_the_place_at_once_only_one_counts(town: Town) -> None:
    path, mentor, family = await _drafted(town, "zugleich-zurueck")
    await town.act(path, "accept", {"date": DAY})
    answers = await asyncio.gather(*(town.act(path, "undo") for _ in range(5)))
    assert Counter(answer["status_code"] for answer in answers) == {200: 1, 409: 4}
    await town.act(path, "reject", {"reason": "other"})
    undo, other = await asyncio.gather(
        town.act(path, "undo"), town.pair(await town.mentor("zugleich-zurueck"), family, because="other")
    )
    assert other.status_code == 201
    reader = town.api.store.reader(town.city)
    live = await reader.count("proposals", {"participation": family.id, "state": "draft"})
    assert live == 0, "taken back before the tandem began, it expired with it; after it, it was refused"
    assert undo["status_code"] in (200, 409)
    places = await reader.one("places", {"_id": mentor.id})
    assert places is not None
    assert places["running"] == []


async def test_end_is_taken_back_for_fourteen_days_where_both_have_a_place(town: Town) -> None:
    slug = await town.programme("doch-kein-ende")
    mentor, family = await town.mentor(slug, clearance_until=LONG), await town.family(slug)
    tandem = (await town.pair(mentor, family)).json()
    path = f"tandems/{tandem['id']}"
    early = await town.act(path, "reopen", version=1)
    assert (early["status_code"], early["code"]) == (409, "not-ended")
    await town.act(path, "end", {"on": "2026-02-28", "reason": "no_contact"}, 1)
    lost = await town.act(path, "reopen", version=1)
    assert lost["status_code"] == 412
    back = await town.act(path, "reopen", version=2)
    assert (back["running"], back["phase"], back["side"]) == (True, "introduction", None)
    told = _last(await town.told("matching.tandems.v1", tandem["id"]))
    assert [(one.reason, one.ended_on) for one in told.versions] == [("ended", None), ("reopened", "2026-02-28")]
    assert told.ended_on is None
    await town.act(path, "end", {"on": "2026-02-28", "reason": "no_contact"}, 3)
    assert (await town.pair(mentor, await town.family(slug))).status_code == 201
    full = await town.act(path, "reopen", version=4)
    assert (full["status_code"], full["code"]) == (409, "places-full")
    await _back_to(town, "tandems", tandem["id"], "recorded_at")
    late = await town.act(path, "reopen", version=4)
    assert (late["status_code"], late["code"]) == (409, "too-late-to-undo")

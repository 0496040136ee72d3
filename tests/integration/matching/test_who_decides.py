"""Who may decide about a pair of two carriers, and many decisions in one request."""

from typing import Any

import pytest_asyncio

from shared.contracts.places import SiteV1
from shared.security.principals import COORDINATOR, Grant
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Answer, Town


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("vieraugenstadt")
    return Town(matching_api, "vieraugenstadt")


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
    await town.act(path, "propose")
    async with town.as_grants(Grant(COORDINATOR, town.city, carrier="volkshaus")) as client:
        foreign = await client.post(f"{path}:answer", json={"side": "family", "answer": "yes"})
        own = await client.post(f"{path}:answer", json={"side": "mentor", "answer": "yes"})
        no = await client.post(f"{path}:reject", json={"reason": "declined_by_mentor"})
    assert (foreign.status_code, own.status_code, no.status_code) == (404, 200, 200)
    assert mentor.id == no.json()["engagement"]
    undone: dict[str, Any] = {}
    for carrier in ("werkhaus", "volkshaus"):
        async with town.as_grants(Grant(COORDINATOR, town.city, carrier=carrier)) as client:
            read = await client.get(path)
            undone[carrier] = (read.json()["actions"], (await client.post(f"{path}:undo")).status_code)
    assert undone == {"werkhaus": ([], 404), "volkshaus": (["undo"], 200)}, "it was the mentor's no"


async def test_many_are_decided_each_by_itself(town: Town) -> None:
    slug = await town.programme("viele-auf-einmal")
    for _ in range(4):
        await town.mentor(slug, clearance_until="2100-01-01")
        await town.family(slug)
    drafts = [one["id"] for one in (await town.round(slug))["proposals"]]
    elsewhere, _, _ = await town.drafted("nicht-hier")
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

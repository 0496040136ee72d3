"""Certificates of good conduct and further proofs, over HTTP: what is kept, what it does to the pool, when it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest_asyncio

from services.registry.app import SERVICE
from services.registry.commands.proofs import forget_clearances, tell_proofs
from shared.kernel.clock import read_instant
from shared.kernel.ids import new_id
from shared.storage.jobs import Jobs
from shared.storage.leases import Leases
from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "nachweisstadt"
SEEN = {"issued_on": "2026-01-02", "seen_on": "2026-01-15"}
PLEDGE = {"kind": "confidentiality", "dated_on": "2026-01-10", "seen_on": "2026-01-15"}


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


@contextmanager
def at(town: Town, instant: str) -> Iterator[None]:
    """The service's clock stands."""
    store = town.api.store
    real = store.clock
    store.clock = lambda: read_instant(instant)
    try:
        yield
    finally:
        store.clock = real


async def test_of_the_certificate_two_days_are_kept_and_who_saw_it_and_nothing_else_by_any_way(town: Town) -> None:
    person = await town.person()
    engagement = await town.engagement(person)
    path = f"engagements/{engagement}:clear"
    encoded = "JVBERi0xLjQKJcOkw7zDtsOfCg=="
    for more, pointer in (
        ({"note": "keine Einträge"}, "/note"),
        ({"document": encoded}, "/document"),
        ({"seen_by": "jemand"}, "/seen_by"),
        ({"nothing_relevant": False}, "/nothing_relevant"),
        ({"nothing_relevant": encoded}, "/nothing_relevant"),
        ({"issued_on": f"2026-01-02{encoded}"}, "/issued_on"),
        ({"seen_on": "2026-01-15, ein Eintrag"}, "/seen_on"),
    ):
        refused = await town.post(path, {**SEEN, **more}, expect=422)
        assert [error["pointer"] for error in refused["errors"]] == [pointer], more
    body = {"person": person, "programme": "muetter", "role": "volunteer", "date": "2025-11-17", "clearance": SEEN}
    assert (await town.post("engagements", body, expect=422))["errors"][0]["pointer"] == "/clearance"
    change = f"/v1/cities/{CITY}/engagements/{engagement}"
    await town.ask("PATCH", change, {"clearance": SEEN}, headers={"If-Match": '"1"'}, expect=422)
    await town.post(f"people/{person}/proofs", {**PLEDGE, "kind": "clearance"}, expect=422)
    await town.post(f"people/{person}/proofs", {**PLEDGE, "file": encoded}, expect=422)

    async with town.api.client("coordinator", CITY) as client:
        upload = await client.post(f"/v1/cities/{CITY}/{path}", data=SEEN, files={"document": b"%PDF-1.4"})
    assert upload.status_code == 415

    seen = await town.post(path, SEEN, subject="sub-seen")
    kept = {**SEEN, "seen_by": "sub-seen", "nothing_relevant": True}
    assert seen["clearance"] == kept
    assert (await _document(town, engagement))["clearance"] == kept
    for_a_service = await town.get(f"engagements/{engagement}", role="service")
    assert (for_a_service["clearance"], for_a_service["proofs"]) == (None, [])
    told = (await town.told("engagements", engagement))[-1]
    assert (told.stage, told.clearance_until) == ("active", "2031-01-02")
    assert "2026-01-02" not in told.model_dump_json()


async def test_role_says_from_a_day_on_what_it_needs_and_a_proof_counts_for_all_engagements(town: Town) -> None:
    await _programmes(town, "lotsen", "paten-neu")
    person = await town.person()
    first, second = await town.engagement(person, "lotsen"), await town.engagement(person, "paten-neu", role="mentor")
    await town.post(f"engagements/{first}:clear", SEEN)
    rule = {"role": "volunteer", "since": "2026-01-01", "needs": [{"kind": "clearance"}, {"kind": "confidentiality"}]}
    with at(town, "2026-01-20T08:00:00Z"):
        await town.post("programmes/lotsen:require", rule)
    pledge = {"role": "mentor", "since": "2026-01-01", "needs": [{"kind": "confidentiality", "months": 12}]}
    with at(town, "2026-01-21T08:00:00Z"):
        await town.post("programmes/paten-neu:require", pledge)
        found = await town.get(f"engagements/{first}")
        assert (found["stage"], [proof["state"] for proof in found["proofs"]]) == ("interested", ["holds", "missing"])
        proof = await town.post(f"people/{person}/proofs", PLEDGE, subject="sub-seen")
        assert (proof["seen_by"], proof["version"]) == ("sub-seen", 1)
        stages = [(await town.told("engagements", key))[-1] for key in (first, second)]
        assert [(told.stage, told.clearance_until) for told in stages] == [
            ("active", "2031-01-02"),
            ("active", "2027-01-10"),
        ]
        later = await town.engagement(person, "lotsen", role="driver")
        assert (await _document(town, later))["proofs"] == [{"kind": "confidentiality", "dated_on": "2026-01-10"}]
        assert [row["id"] for row in (await town.get(f"people/{person}/proofs"))["items"]] == [proof["id"]]
        other = {"carrier": "insel", "expect": 404}
        await town.get(f"people/{person}/proofs", **other)
        await town.post(f"people/{person}/proofs", PLEDGE, **other)
        await town.post(f"people/{person}/proofs/{proof['id']}:withdraw", {}, **other)
        assert (await town.get(f"people/{person}/proofs/{proof['id']}"))["kind"] == "confidentiality"
        stranger = await town.person()
        await town.get(f"people/{stranger}/proofs/{proof['id']}", expect=404)
        await town.post(f"people/{stranger}/proofs/{proof['id']}:withdraw", {}, expect=404)
        await town.post(f"people/{person}/proofs/{proof['id']}:withdraw", {})
        assert (await town.get(f"engagements/{second}"))["stage"] == "interested"
        future = {**PLEDGE, "seen_on": "2026-01-22"}
        await town.post(f"people/{person}/proofs", future, expect=422)
        await town.post(f"people/{person}/proofs", {**PLEDGE, "dated_on": "2026-01-16"}, expect=422)


async def test_requirements_are_read_as_of_a_day_and_as_known_at_an_instant(town: Town) -> None:
    await _programmes(town, "fristen")
    path = "programmes/fristen/requirements"
    for moment, months in (("2026-01-10T08:00:00Z", 36), ("2026-01-12T08:00:00Z", 48)):
        with at(town, moment):
            needs = [{"kind": "clearance", "months": months}]
            await town.post("programmes/fristen:require", {"role": "mentor", "since": "2026-03-01", "needs": needs})
    known = {
        instant: (await town.get(f"{path}?on=2026-03-01&known_at={instant}"))["roles"]
        for instant in ("2026-01-09T00:00:00Z", "2026-01-11T00:00:00Z", "2026-01-12T08:00:00Z")
    }
    asked = [[role["needs"] for role in roles] for roles in known.values()]
    assert asked == [[], [[{"kind": "clearance", "months": 36}]], [[{"kind": "clearance", "months": 48}]]]
    (before,) = (await town.get(f"{path}?on=2026-02-28"))["roles"]
    assert (before["since"], before["needs"]) == (None, [{"kind": "clearance", "months": 60}])
    whole = await town.get(path)
    assert [rule["recorded_at"][:10] for rule in whole["rules"]] == ["2026-01-10", "2026-01-12"]
    twice = [{"kind": "measles"}, {"kind": "measles"}]
    body = {"role": "mentor", "since": "2026-03-01", "needs": twice}
    refused = await town.post("programmes/fristen:require", body, expect=422)
    assert refused["errors"][0]["pointer"] == "/needs/1/kind"
    await town.post("programmes/fristen:require", {**body, "needs": [{"kind": "blood"}]}, expect=422)
    await town.post("programmes/fristen:require", {**body, "needs": []}, programmes=["paten"], expect=403)
    stale = {"If-Match": '"1"'}
    await town.post("programmes/fristen:require", {**body, "needs": []}, headers=stale, expect=412)


async def test_proof_ends_at_midnight_in_germany_while_her_tandem_runs_on_as_a_task(town: Town) -> None:
    await _programmes(town, "nacht")
    engagement = await town.engagement(await town.person(), "nacht")
    await town.post(f"engagements/{engagement}:clear", {"issued_on": "2021-10-25", "seen_on": "2021-11-01"})
    tandem = {"_id": new_id("tan"), "programme": "nacht", "engagement": engagement, "ended_on": None, "erased": False}
    await town.api.store.mongo.city(CITY)["known_tandems"].insert_one({**tandem, "sequence": 1})
    # The night in which the clocks go back: midnight is 22:00 UTC, and two o'clock comes twice.
    with at(town, "2026-10-24T21:59:59.999Z"):
        assert (await town.get(f"engagements/{engagement}"))["stage"] == "active"
        assert [due["kind"] for due in await _due(town, engagement)] == ["proof-ends"]
        await tell_proofs(town.api.store)
        assert (await town.told("engagements", engagement))[-1].stage == "active"
        before = len(await town.told("engagements", engagement))
    with at(town, "2026-10-24T22:00:00.000Z"):
        assert (await town.get(f"engagements/{engagement}"))["stage"] == "interested"
        (due,) = await _due(town, engagement)
        assert (due["kind"], due["due_at"], due["actions"]) == ("tandem-without-proof", "2026-10-25", ["clear"])
        assert due["params"] == {"proof": "clearance", "until": "2026-10-25", "tandems": 1}
        await tell_proofs(town.api.store)
        await tell_proofs(town.api.store)
        states = await town.told("engagements", engagement)
        assert len(states) == before + 1
        assert (states[-1].stage, states[-1].clearance_until) == ("interested", "2026-10-25")
    running = {"_id": tandem["_id"], "ended_on": None}
    assert await town.api.store.mongo.city(CITY)["known_tandems"].count_documents(running) == 1


async def test_engagement_of_before_is_followed_at_the_next_start(town: Town) -> None:
    """It was kept when nobody wrote down yet what had been told of it."""
    await _programmes(town, "vorher")
    engagement = await town.engagement(await town.person(), "vorher")
    with at(town, "2026-01-20T09:00:00Z"):
        await town.post(f"engagements/{engagement}:clear", SEEN)
    engagements = town.api.store.mongo.city(CITY)["engagements"]
    since = {name: "" for name in ("told", "active_since", "proofs")}
    seen = {f"clearance.{name}": "" for name in ("seen_by", "nothing_relevant")}
    await engagements.update_one({"_id": engagement}, {"$unset": {**since, **seen}})
    with at(town, "2026-01-21T09:00:00Z"):
        assert (await town.get(f"engagements/{engagement}"))["stage"] == "active"
        await SERVICE.at_start["follow-proofs"](town.api.store)
    found = await _document(town, engagement)
    assert found["told"] == {"stage": "active", "until": "2031-01-02"}
    assert (found["active_since"], found["clearance"]["nothing_relevant"]) == ("2026-01-21", True)


async def test_note_of_a_certificate_of_which_nothing_came_goes_by_itself_at_night(town: Town) -> None:
    with at(town, "2026-01-15T09:00:00Z"):
        trainee = await town.engagement(await town.person(), "muetter")
        await town.post(f"engagements/{trainee}:clear", SEEN)
    with at(town, "2026-07-14T03:00:00Z"):
        await forget_clearances(town.api.store)
        assert (await _document(town, trainee))["clearance"] is not None
    with at(town, "2026-07-15T03:00:00Z"):
        await _night(town)
        assert (await _document(town, trainee))["clearance"] is None
        assert await forget_clearances(town.api.store) == 0
    await _is_forgotten(town, trainee)


async def test_notes_of_who_left_are_kept_for_the_months_that_the_programme_says_and_then_go(town: Town) -> None:
    await _programmes(town, "abschied")
    person = await town.person()
    engagement = await town.engagement(person, "abschied")
    with at(town, "2026-01-20T09:00:00Z"):
        await town.post(f"engagements/{engagement}:clear", SEEN)
        proof = (await town.post(f"people/{person}/proofs", PLEDGE))["id"]
        await town.post(f"engagements/{engagement}:leave", {"on": "2026-03-31", "reason": "moved_away"})
    path = f"/v1/cities/{CITY}/programmes/abschied/requirements"
    version = (await town.get("programmes/abschied/requirements"))["version"]
    await town.ask("PATCH", path, {"kept_months": 4}, expect=428)
    await town.ask("PATCH", path, {"kept_months": 400}, headers={"If-Match": f'"{version}"'}, expect=422)
    await town.ask("PATCH", path, {"kept_months": 4}, headers={"If-Match": f'"{version}"'})
    proofs = town.api.store.mongo.city(CITY)["proofs"]
    with at(town, "2026-07-30T03:00:00Z"):
        await forget_clearances(town.api.store)
        assert (await _document(town, engagement))["clearance"] is not None
        assert await proofs.find_one({"_id": proof}) is not None
    with at(town, "2026-07-31T03:00:00Z"):
        await forget_clearances(town.api.store)
    assert await proofs.find_one({"_id": proof}) is None
    assert (await _document(town, engagement))["proofs"] == []
    assert await _audited(town, proof) == {"proof.proof-recorded", "proof.proof-deleted"}
    await _is_forgotten(town, engagement)


async def test_erasure_takes_the_proofs_with_the_person(town: Town) -> None:
    await _programmes(town, "fort")
    person = await town.person()
    engagement = await town.engagement(person, "fort")
    await town.post(f"engagements/{engagement}:clear", SEEN)
    await town.post(f"people/{person}/proofs", PLEDGE)
    await town.post("erasures", {"subject": person})
    assert await town.api.store.mongo.city(CITY)["proofs"].count_documents({"person": person}) == 0
    left = await _document(town, engagement)
    assert (left["clearance"], left["proofs"], left["told"], left["active_since"]) == (None, [], None, None)
    assert (await town.told("engagements", engagement))[-1].clearance_until is None


async def _programmes(town: Town, *slugs: str) -> None:
    for slug in slugs:
        await town.post("programmes", {"slug": slug, "name": slug.title()}, role="city")


async def _document(town: Town, engagement: str) -> dict[str, Any]:
    found = await town.api.store.mongo.city(CITY)["engagements"].find_one({"_id": engagement})
    assert found is not None
    return found


async def _due(town: Town, engagement: str) -> list[dict[str, Any]]:
    items = (await town.get("due?limit=200"))["items"]
    return [due for due in items if due["subject"] == engagement]


async def _audited(town: Town, key: str) -> set[str]:
    rows = await town.api.store.mongo.city(CITY)["audit"].find({"object": key}).to_list(None)
    return {row["action"] for row in rows}


async def _night(town: Town) -> None:
    """What the service does at night, by itself."""
    store = town.api.store
    await store.mongo.runtime()["jobs"].delete_many({})
    leases = Leases(store.mongo, "night", 60_000)
    await Jobs(store, leases, nightly=SERVICE.nightly).round()
    await leases.release("jobs")
    done = await store.mongo.runtime()["jobs"].find({}).to_list(None)
    assert {row["_id"] for row in done} == {f"nightly:{name}" for name in SERVICE.nightly}


async def _is_forgotten(town: Town, engagement: str) -> None:
    """No day of it is left: not in the document, not in its versions, not in what is told of it from now on."""
    document = await _document(town, engagement)
    assert not {"2026-01-02", "2026-01-10", "2026-01-15", "2031-01-02"} & set(_values(document))
    newest = (await town.told("engagements", engagement))[-1]
    assert newest.clearance_until is None
    assert all("clearance" not in version.model_dump_json() for version in newest.versions)
    rows = await town.api.events(CITY, "registry.engagements.v1")
    (row,) = [one for one in rows if one["key"] == f"{CITY}/{engagement}"][-1:]
    assert row["erases"] is True
    assert "engagement.clearance-deleted" in await _audited(town, engagement)


def _values(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for value in found.values():
            yield from _values(value)
    elif isinstance(found, list):
        for value in found:
            yield from _values(value)
    else:
        yield str(found)

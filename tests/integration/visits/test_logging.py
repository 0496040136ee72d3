"""Visits over HTTP: whose they are, where they belong on their day, and how they are corrected."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from shared.contracts.reporting import PeriodV1
from shared.contracts.visits import VisitV1
from shared.kernel.ids import new_id
from shared.observability.metrics import VISITS_LOGGED
from tests.integration.api_parts import Api
from tests.integration.town_parts import RECORDED
from tests.integration.visits.town import PROGRAMME, Pair, Town, body


@pytest_asyncio.fixture(scope="module")
async def town(visits_api: Api) -> Town:
    await visits_api.store.serve_city("besuchsstadt")
    made = Town(visits_api, "besuchsstadt")
    await made.programme()
    return made


async def logged(town: Town, pair: Pair, **changes: Any) -> dict[str, Any]:
    async with town.as_mentor(pair) as mentor:
        answer = await mentor.post("visits", json=body(pair, **changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_mentor_logs_a_visit_and_the_world_hears_its_counted_fields(town: Town) -> None:
    pair = await town.pair()
    key = new_id("vis")
    async with town.as_mentor(pair) as mentor:
        answer = await mentor.post(
            "visits", json=body(pair, id=key, note="Sie sucht eine Hebamme.", started_at="14:30")
        )
    assert answer.status_code == 201, answer.text
    assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/v1/cities/{town.city}/visits/{key}")
    view = answer.json()
    assert (view["has_note"], view["warnings"]) == (True, [])
    assert view["actions"] == ["correct", "void", "open-note"]
    assert view["started"]["instant"] == "2026-01-15T13:30:00.000Z"
    [told] = await town.told("visits.visits.v1", key)
    assert isinstance(told, VisitV1)
    assert (told.tandem, told.engagement, told.participation) == (
        pair.tandem,
        pair.engagement.id,
        pair.participation.id,
    )
    assert (told.minutes, told.topics, told.language, told.programme) == (90, ("health",), "uk", PROGRAMME)
    rows = await town.api.events(town.city, "visits.visits.v1")
    assert not any(b"Hebamme" in row["value"] for row in rows)
    assert b"Hebamme" not in repr(await town.stored("visits", {"_id": key})).encode()


@pytest.mark.parametrize(
    ("day", "carrier", "district"),
    [
        ("2025-12-31", "volkshaus", "schmarl"),
        ("2026-01-31", "werkhaus", "schmarl"),
        ("2026-02-01", "werkhaus", "lichtenhagen"),
    ],
)
async def test_visit_belongs_where_its_own_day_was(town: Town, day: str, carrier: str, district: str) -> None:
    visit = await logged(town, await town.pair(), date=day)
    assert (visit["carrier"], visit["district"], visit["site"]) == (carrier, district, f"{PROGRAMME}-haus")


async def test_mentor_cannot_log_for_read_or_change_another_mentors_tandem(town: Town) -> None:
    own, other = await town.pair(), await town.pair()
    visit = await logged(town, other, note="Nur für mich.")
    path = f"visits/{visit['id']}"
    changed = {"If-Match": '"1"'}
    async with town.as_mentor(own) as mentor:
        answers = [
            await mentor.post("visits", json=body(other)),
            await mentor.get(path),
            await mentor.get(f"{path}/note", params={"purpose": "curiosity"}),
            await mentor.patch(path, json={"reason": "mine", "minutes": 1}, headers=changed),
            await mentor.post(f"{path}:void", json={"reason": "mine"}, headers=changed),
            await mentor.get(f"visits/{new_id('vis')}"),
        ]
    assert [answer.status_code for answer in answers] == [404] * 6
    assert {answer.json()["code"] for answer in answers} == {"not-found"}


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ({}, 201),
        ({"carrier": "werkhaus"}, 201),
        ({"carrier": "volkshaus"}, 404),
        ({"programmes": ["anderes"]}, 403),
        ({"sites": ["anderes-haus"]}, 403),
    ],
)
async def test_coordinator_logs_where_her_grants_reach(town: Town, limits: dict[str, Any], status: int) -> None:
    pair = await town.pair()
    async with town.as_role("coordinator", **limits) as client:
        assert (await client.post("visits", json=body(pair))).status_code == status


@pytest.mark.parametrize("role", ["city", "auditor", "association"])
async def test_others_log_nothing(town: Town, role: str) -> None:
    async with town.as_role(role) as client:
        assert (await client.post("visits", json=body(await town.pair()))).status_code == 403


async def test_tandem_that_has_not_arrived_is_not_yet_known(town: Town) -> None:
    pair = await town.pair(known=False)
    async with town.as_mentor(pair) as mentor:
        early = await mentor.post("visits", json=body(pair))
        await town.tell_tandem(pair)
        late = await mentor.post("visits", json=body(pair))
    assert (early.status_code, early.json()["code"], early.headers["retry-after"]) == (409, "not-yet-known", "1")
    assert late.status_code == 201


async def test_what_is_wrong_is_named_and_what_is_odd_is_stored(town: Town) -> None:
    pair = await town.pair(ended_on="2026-01-10")
    await town.tell(
        PeriodV1(id=new_id("prd"), programme=PROGRAMME, begin="2025-10-01", until="2025-10-02", closed_at=RECORDED)
    )
    async with town.as_mentor(pair) as mentor:
        wrong = await mentor.post("visits", json=body(pair, kind="party", topics=["health", "cars"], date="2099-01-01"))
        night = await mentor.post("visits", json=body(pair, date="2026-03-29", started_at="02:30"))
        odd = await mentor.post("visits", json=body(pair, date="2026-01-15"))
        early = await mentor.post("visits", json=body(pair, date="2025-09-30"))
        closed = await mentor.post("visits", json=body(pair, date="2025-10-01"))
    assert wrong.status_code == 422
    assert [(error["pointer"], error["code"]) for error in wrong.json()["errors"]] == [
        ("/date", "in-future"),
        ("/kind", "not-one-of"),
        ("/topics/1", "not-one-of"),
    ]
    assert wrong.json()["errors"][2]["expected"] == "health, education"
    assert [(e["pointer"], e["code"]) for e in night.json()["errors"]] == [("/started_at", "not-on-that-day")]
    assert (odd.status_code, odd.json()["warnings"]) == (201, ["after-tandem"])
    assert (early.status_code, early.json()["warnings"]) == (201, ["outside-period", "before-tandem"])
    assert (early.json()["status"], early.json()["date"]) == ("valid", "2025-09-30")
    assert closed.json()["warnings"] == ["period-closed", "before-tandem"]


async def test_same_request_again_is_the_same_visit_and_the_same_id_alone_is_refused(town: Town) -> None:
    pair = await town.pair()
    sent = body(pair, id=new_id("vis"))
    once = {"Idempotency-Key": new_id("key")}
    async with town.as_mentor(pair) as mentor:
        first = await mentor.post("visits", json=sent, headers=once)
        again = await mentor.post("visits", json=sent, headers=once)
        bare = await mentor.post("visits", json=sent)
    assert (first.status_code, again.status_code, bare.status_code) == (201, 201, 409)
    assert again.headers["idempotent-replayed"] == "true"
    assert bare.json()["code"] == "already-exists"
    assert len(await town.told("visits.visits.v1", sent["id"])) == 1


async def test_correction_keeps_the_former_version_and_moves_with_its_day(town: Town) -> None:
    pair = await town.pair()
    visit = await logged(town, pair, date="2026-02-10")
    path = f"visits/{visit['id']}"
    async with town.as_mentor(pair) as mentor:
        bare = await mentor.patch(path, json={"reason": "wrong_day", "date": "2025-12-10"})
        stale = await mentor.patch(path, json={"reason": "x1"}, headers={"If-Match": '"7"'})
        empty = await mentor.patch(path, json={"reason": "wrong_day", "date": None}, headers={"If-Match": '"1"'})
        done = await mentor.patch(
            path, json={"reason": "wrong_day", "date": "2025-12-10", "language": None}, headers={"If-Match": '"1"'}
        )
        nothing = await mentor.patch(path, json={"reason": "wrong_day", "minutes": 90}, headers={"If-Match": '"2"'})
        read = await mentor.get(path)
    assert (bare.status_code, stale.status_code, empty.status_code) == (428, 412, 422)
    assert stale.headers["etag"] == '"1"'
    assert [error["pointer"] for error in empty.json()["errors"]] == ["/date"]
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert nothing.headers["etag"] == '"2"', "a change of nothing is no version"
    view = read.json()
    assert (view["date"], view["district"], view["carrier"], view["language"]) == (
        "2025-12-10",
        "schmarl",
        "volkshaus",
        None,
    )
    [former] = view["versions"]
    assert (former["date"], former["district"], former["carrier"], former["reason"]) == (
        "2026-02-10",
        "lichtenhagen",
        "werkhaus",
        "wrong_day",
    )
    assert former["recorded_at"] == visit["recorded_at"] < view["recorded_at"]
    told = (await town.told("visits.visits.v1", visit["id"]))[-1]
    assert isinstance(told, VisitV1)
    assert told.versions[0].date == "2026-02-10"


async def test_two_corrections_of_one_version_give_one_version_lost(town: Town) -> None:
    pair = await town.pair()
    path = f"visits/{(await logged(town, pair))['id']}"

    async def correct(minutes: int) -> int:
        async with town.as_mentor(pair) as mentor:
            sent = {"reason": "wrong_time", "minutes": minutes}
            return (await mentor.patch(path, json=sent, headers={"If-Match": '"1"'})).status_code

    assert sorted(await asyncio.gather(correct(30), correct(60))) == [200, 412]


async def test_void_visit_is_told_as_void_and_cannot_be_voided_twice(town: Town) -> None:
    pair = await town.pair()
    visit = await logged(town, pair)
    path = f"visits/{visit['id']}"
    async with town.as_role() as client:
        bare = await client.post(f"{path}:void", json={"reason": "entered_twice"})
        done = await client.post(f"{path}:void", json={"reason": "entered_twice"}, headers={"If-Match": '"1"'})
        again = await client.post(f"{path}:void", json={"reason": "entered_twice"}, headers={"If-Match": '"2"'})
    assert (bare.status_code, done.status_code, again.status_code) == (428, 200, 409)
    assert (done.json()["status"], done.json()["actions"], again.json()["code"]) == ("void", [], "already-void")
    told = (await town.told("visits.visits.v1", visit["id"]))[-1]
    assert isinstance(told, VisitV1)
    assert (told.status, told.versions[0].status, told.versions[0].reason) == ("void", "valid", "entered_twice")


async def test_note_opens_for_a_purpose_and_the_reading_is_on_record(town: Town) -> None:
    pair = await town.pair()
    visit = await logged(town, pair, note="Sie sucht eine Hebamme.")
    without = await logged(town, pair)
    path = f"visits/{visit['id']}/note"
    async with town.as_mentor(pair) as mentor:
        bare = await mentor.get(path)
        opened = await mentor.get(path, params={"purpose": "next_visit"})
        none = await mentor.get(f"visits/{without['id']}/note", params={"purpose": "next_visit"})
    assert (bare.status_code, opened.json(), none.status_code) == (422, {"note": "Sie sucht eine Hebamme."}, 404)
    rows = await town.audited("sealed.read", pair.participation.id)
    assert [(row["purpose"], row["fields"]) for row in rows] == [("next_visit", ["note"])]


async def test_note_of_one_record_never_comes_with_another(town: Town) -> None:
    pair = await town.pair()
    first = await logged(town, pair, note="Alte Notiz.")
    second = await logged(town, pair, note="Neue Notiz.")
    async with town.as_mentor(pair) as mentor:
        path = f"visits/{second['id']}"
        kept = await mentor.patch(path, json={"reason": "wrong_time", "minutes": 5}, headers={"If-Match": '"1"'})
        note = await mentor.get(f"{path}/note", params={"purpose": "check"})
        gone = await mentor.patch(path, json={"reason": "not_needed", "note": None}, headers={"If-Match": '"2"'})
        other = await mentor.get(f"visits/{first['id']}/note", params={"purpose": "check"})
    assert (kept.json()["has_note"], note.json()) == (True, {"note": "Neue Notiz."})
    assert (gone.json()["has_note"], other.json()) == (False, {"note": "Alte Notiz."})


async def test_list_is_newest_first_and_a_mentor_sees_only_her_own(town: Town) -> None:
    pair, other = await town.pair(), await town.pair()
    days = ["2026-01-05", "2026-01-07", "2026-01-06", "2026-01-07"]
    own = [await logged(town, pair, date=day) for day in days]
    await logged(town, other)
    async with town.as_mentor(pair) as mentor:
        first = (await mentor.get("visits", params={"limit": 3})).json()
        rest = (await mentor.get("visits", params={"limit": 3, "cursor": first["next"]})).json()
        part = (await mentor.get("visits", params={"from": "2026-01-06", "until": "2026-01-07"})).json()
        forged = await mentor.get("visits", params={"limit": 3, "from": "2026-01-01", "cursor": first["next"]})
    shown = [visit["date"] for visit in first["items"] + rest["items"]]
    assert shown == sorted(days, reverse=True)
    assert {visit["id"] for visit in first["items"] + rest["items"]} == {visit["id"] for visit in own}
    assert (rest["next"], [visit["date"] for visit in part["items"]]) == (None, ["2026-01-06"])
    assert forged.status_code == 400


async def test_list_shows_a_coordinator_what_her_grants_reach(town: Town) -> None:
    slug = await town.programme("leselotsen")
    pair = await town.pair(slug)
    before, after = await logged(town, pair, date="2025-12-10"), await logged(town, pair, date="2026-01-10")

    async def shown(**limits: Any) -> set[str]:
        async with town.as_role("coordinator", **limits) as client:
            items = (await client.get("visits", params={"programme": slug})).json()["items"]
        return {visit["id"] for visit in items}

    assert await shown() == {before["id"], after["id"]}
    assert await shown(carrier="volkshaus") == {before["id"]}
    assert await shown(programmes=[PROGRAMME]) == set()
    assert await shown(sites=["anderes-haus"]) == set()


async def test_visits_logged_are_counted_by_kind(town: Town) -> None:
    pair = await town.pair()
    once = {"Idempotency-Key": new_id("key")}

    def counted() -> float:
        labels = {"service": "visits", "city": town.city, "kind": "telephone"}
        return town.api.metrics.registry.get_sample_value(VISITS_LOGGED.name, labels) or 0.0

    before = counted()
    sent = body(pair, kind="telephone")
    async with town.as_mentor(pair) as mentor:
        for _ in range(2):
            assert (await mentor.post("visits", json=sent, headers=once)).status_code == 201
    assert counted() == before + 1

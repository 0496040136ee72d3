"""Requests, activities and what is due, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest_asyncio

from shared.contracts.visits import ActivityV1, RequestV1
from shared.kernel.ids import new_id
from shared.security.principals import CITY, COORDINATOR, Grant
from tests.integration.api_parts import Api
from tests.integration.visits.town import Town, body

SLUG = "offizielle-nachbarin"
SITE = f"{SLUG}-haus"


@pytest_asyncio.fixture(scope="module")
async def town(visits_api: Api) -> Town:
    await visits_api.store.serve_city("anfragestadt")
    made = Town(visits_api, "anfragestadt")
    await made.programme(SLUG, services=["child_care", "way_to_school"])
    return made


def asked(**changes: Any) -> dict[str, Any]:
    return {"programme": SLUG, "service": "child_care", "date": "2026-01-15", "how_often": "weekly", **changes}


async def test_request_brokered_to_a_partner_counts_as_the_partners(town: Town) -> None:
    async with town.as_role() as client:
        made = (await client.post("requests", json=asked(site=SITE))).json()
        path = f"requests/{made['id']}"
        early = await client.post(f"{path}:fulfil", json={"on": "2026-01-20"})
        lost = await client.post(f"{path}:broker", json={"by": "own"}, headers={"If-Match": '"2"'})
        await client.post(f"{path}:broker", json={"by": "partner"}, headers={"If-Match": '"1"'})
        done = await client.post(f"{path}:fulfil", json={"on": "2026-01-20"})
        after = await client.post(f"{path}:close", json={"reason": "moved_away"})
        read = await client.get(path)
    assert (made["carrier"], made["district"], made["actions"]) == ("werkhaus", "schmarl", ["broker", "close"])
    assert (early.status_code, early.json()["code"], after.status_code) == (409, "not-in-this-state", 409)
    assert (lost.status_code, lost.json()["params"]) == (412, {"version": 1})
    assert (done.json()["state"], read.json()["actions"]) == ("fulfilled", [])
    told = await town.told("visits.requests.v1", made["id"])
    last = told[-1]
    assert isinstance(last, RequestV1)
    assert (last.by, last.fulfilled_on, [version.state for version in last.versions]) == (
        "partner",
        "2026-01-20",
        ["open", "brokered"],
    )


async def test_city_sees_no_request_beyond_what_its_other_grants_reach(town: Town) -> None:
    async with town.as_role() as client:
        made = (await client.post("requests", json=asked(site=SITE))).json()
    city = Grant(CITY, town.city)
    for grants, status, actions in (
        ((city,), 403, None),
        ((city, Grant(COORDINATOR, town.city, carrier="volkshaus")), 404, None),
        ((city, Grant(COORDINATOR, town.city, carrier="werkhaus")), 200, ["broker", "close"]),
    ):
        async with town.as_grants(*grants) as client:
            seen = await client.get(f"requests/{made['id']}")
            assert (seen.status_code, seen.json().get("actions")) == (status, actions)
            answer = await client.post(f"requests/{made['id']}:close", json={"reason": "moved_away"})
            assert answer.status_code == status


async def test_request_takes_its_place_from_its_participation(town: Town) -> None:
    pair = await town.pair(SLUG)
    async with town.as_role() as client:
        made = (
            await client.post("requests", json=asked(participation=pair.participation.id, date="2026-02-03"))
        ).json()
        unknown = await client.post("requests", json=asked(participation=new_id("ptc")))
    assert (made["site"], made["district"], made["carrier"]) == (SITE, "lichtenhagen", "werkhaus")
    assert unknown.json()["code"] == "not-yet-known"


async def test_request_names_a_volunteer_of_its_own_programme(town: Town) -> None:
    other = await town.programme("leselotsen")
    own, foreign = await town.pair(SLUG), await town.pair(other)
    async with town.as_role() as client:
        path = f"requests/{(await client.post('requests', json=asked())).json()['id']}:broker"
        wrong = await client.post(path, json={"by": "volunteer", "engagement": foreign.engagement.id})
        unknown = await client.post(path, json={"by": "volunteer", "engagement": new_id("eng")})
        right = await client.post(path, json={"by": "volunteer", "engagement": own.engagement.id})
    assert [(error["pointer"], error["code"]) for error in wrong.json()["errors"]] == [
        ("/engagement", "another-programme")
    ]
    assert (unknown.json()["code"], right.json()["engagement"]) == ("not-yet-known", own.engagement.id)


async def test_request_outside_the_catalogue_is_refused_and_outside_the_period_stored(town: Town) -> None:
    async with town.as_role() as client:
        wrong = await client.post("requests", json=asked(service="car_repair"))
        early = await client.post("requests", json=asked(date="2025-09-30"))
    assert wrong.json()["errors"] == [
        {"pointer": "/service", "code": "not-one-of", "expected": "child_care, way_to_school"}
    ]
    assert (early.status_code, early.json()["warnings"], early.json()["status"]) == (201, ["outside-period"], "valid")


async def test_service_can_be_asked_for_from_the_day_on_that_it_is_in_the_catalogue(town: Town) -> None:
    first = {"from": "0001-01-01", "services": ["child_care"]}
    added = {
        "from": "2026-01-10",
        "services": ["child_care", "meal_delivery"],
        "recorded_at": "2026-01-05T08:00:00.000Z",
    }
    slug = await town.programme("waechst", services=["child_care", "meal_delivery"], terms=[first, added])
    async with town.as_role() as client:
        days = ("2026-01-09", "2026-01-10")
        answers = [
            await client.post("requests", json=asked(programme=slug, service="meal_delivery", date=day)) for day in days
        ]
    assert [answer.status_code for answer in answers] == [422, 201]
    assert answers[0].json()["errors"] == [{"pointer": "/service", "code": "not-one-of", "expected": "child_care"}]


async def test_requests_are_listed_by_state_within_reach(town: Town) -> None:
    slug = await town.programme("mit-liste")
    async with town.as_role() as client:
        made = [(await client.post("requests", json=asked(programme=slug))).json()["id"] for _ in range(3)]
        await client.post(f"requests/{made[0]}:close", json={"reason": "not_needed"})
        listed = (await client.get("requests", params={"programme": slug, "state": "open"})).json()["items"]
    async with town.as_role("coordinator", programmes=[SLUG]) as stranger:
        nothing = (await stranger.get("requests", params={"programme": slug})).json()["items"]
        foreign = await stranger.get(f"requests/{made[0]}")
        broker = await stranger.post(f"requests/{made[1]}:broker", json={"by": "own"})
    async with town.as_role("mentor", person=new_id("per")) as mentor:
        assert (await mentor.get("requests")).status_code == 403
    assert {row["id"] for row in listed} == set(made[1:])
    assert (nothing, foreign.status_code, broker.status_code) == ([], 403, 403)


async def test_activity_counts_heads_and_is_corrected_with_its_history(town: Town) -> None:
    sent = {"programme": SLUG, "kind": "group_meeting", "date": "2025-12-03", "participants": 12, "site": SITE}
    async with town.as_role() as client:
        made = (await client.post("activities", json={**sent, "about": True, "sessions": 9})).json()
        path = f"activities/{made['id']}"
        moved = {"reason": "wrong_day", "date": "2026-01-07", "participants": 14}
        bare = await client.patch(path, json=moved)
        done = (await client.patch(path, json=moved, headers={"If-Match": '"1"'})).json()
        named = await client.post("activities", json={**sent, "names": ["Erika Beispiel"]})
        void = await client.post(f"{path}:void", json={"reason": "twice"}, headers={"If-Match": '"2"'})
        listed = (await client.get("activities", params={"programme": SLUG, "kind": "group_meeting"})).json()["items"]
    assert (made["carrier"], made["district"], made["about"], made["sessions"]) == ("volkshaus", "schmarl", True, 9)
    assert (bare.status_code, done["participants"], done["carrier"]) == (428, 14, "werkhaus")
    assert (named.status_code, named.json()["errors"][0]["code"]) == (422, "unknown-field")
    assert (void.json()["status"], [row["id"] for row in listed]) == ("void", [made["id"]])
    told = (await town.told("visits.activities.v1", made["id"]))[-1]
    assert isinstance(told, ActivityV1)
    assert [(version.participants, version.date, version.status) for version in told.versions] == [
        (12, "2025-12-03", "valid"),
        (14, "2026-01-07", "valid"),
    ]


async def test_tandem_without_visits_is_due_until_one_is_logged(town: Town) -> None:
    quiet, ended = await town.pair(SLUG), await town.pair(SLUG, ended_on="2026-01-01")
    day = town.api.store.clock().date()
    fresh = await town.pair(SLUG, date=(day - timedelta(days=3)).isoformat())

    async with town.as_mentor(quiet) as mentor:
        [due] = (await mentor.get("due", params={"role": "mentor"})).json()["items"]
        assert (due["kind"], due["subject"], due["since"], due["due_at"]) == (
            "visit-overdue",
            quiet.tandem,
            "2025-11-01",
            "2025-11-22",
        )
        old = (day - timedelta(days=60)).isoformat()
        await mentor.post("visits", json=body(quiet, date=old))
        [still] = (await mentor.get("due")).json()["items"]
        assert still["since"] == old
        await mentor.post("visits", json=body(quiet, date=(day - timedelta(days=2)).isoformat()))
        assert (await mentor.get("due")).json()["items"] == []
    async with town.as_role() as client:
        subjects = {one["subject"] for one in (await client.get("due", params={"limit": 200})).json()["items"]}
    assert not subjects & {quiet.tandem, ended.tandem, fresh.tandem}


async def test_due_things_come_in_pages_longest_due_first(town: Town) -> None:
    slug = await town.programme("viele-stille")
    pairs = [await town.pair(slug, date=f"2025-11-{day:02d}") for day in (20, 10, 15)]
    async with town.as_role("coordinator", programmes=[slug]) as client:
        first = (await client.get("due", params={"limit": 2})).json()
        rest = (await client.get("due", params={"limit": 2, "cursor": first["next"]})).json()
    subjects = [one["subject"] for one in first["items"] + rest["items"]]
    assert subjects == [pairs[1].tandem, pairs[2].tandem, pairs[0].tandem]
    assert rest["next"] is None

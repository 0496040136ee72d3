"""Places in cohorts and the waiting list, what is made up, and group meetings, over HTTP."""

from typing import Any

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import Town

CITY = "platzstadt"
PLAN = [
    {
        "code": "health",
        "minutes": 540,
        "partner": "Hebamme",
        "sessions": [{"date": "2025-11-20", "begin": "09:00", "until": "12:00", "place": "Haus Awo, Raum 2"}],
    }
]


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def _cohort(town: Town, **fields: Any) -> str:
    body = {"programme": "muetter", "name": "2025/26", "opened_on": "2025-11-17", **fields}
    return str((await town.post("cohorts", body))["id"])


async def _trainees(town: Town, number: int) -> list[str]:
    return [await town.engagement(await town.person(), "muetter") for _ in range(number)]


async def _enrol(town: Town, cohort: str, *engagements: str) -> Any:
    answer = None
    for engagement in engagements:
        answer = await town.post(f"cohorts/{cohort}:enrol", {"engagement": engagement})
    return answer


async def _audited(town: Town, *objects: str) -> set[tuple[str, str]]:
    rows = await town.api.store.mongo.city(CITY)["audit"].find({"object": {"$in": list(objects)}}).to_list(None)
    return {(row["action"], row["object"]) for row in rows}


async def test_cohort_says_what_it_teaches_where_and_when(town: Town) -> None:
    cohort = await _cohort(town, plan=PLAN, places=12)
    seen = await town.get(f"cohorts/{cohort}")
    health, violence = seen["modules"]
    assert (health["partner"], health["minutes"], health["required"]) == ("Hebamme", 540, True)
    assert health["sessions"] == PLAN[0]["sessions"]
    assert (violence["sessions"], violence["minutes"]) == ([], None)
    assert (seen["places"], seen["free"], seen["waiting"]) == (12, 12, [])
    wrong = [{**PLAN[0], "sessions": [{"date": "2025-11-01"}]}]
    path = f"/v1/cities/{CITY}/cohorts/{cohort}"
    refused = await town.ask("PATCH", path, {"plan": wrong}, headers={"If-Match": '"1"'}, expect=422)
    assert refused["errors"][0]["pointer"] == "/plan/0/sessions/0/date"
    next_year = {"programme": "muetter", "name": "2026/27", "opened_on": "2026-11-16", "like": cohort}
    cloned = await town.post("cohorts", next_year)
    assert (cloned["places"], cloned["modules"][0]["minutes"], cloned["modules"][0]["sessions"]) == (12, 540, [])
    stranger = {**next_year, "programme": "paten"}
    assert (await town.post("cohorts", stranger, expect=422))["errors"][0]["pointer"] == "/like"
    (told,) = await town.told("cohorts", cohort)
    assert [module.partner for module in told.modules] == ["Hebamme", None]


async def test_next_one_moves_up_when_a_place_is_free_and_answer_and_audit_say_so(town: Town) -> None:
    cohort = await _cohort(town, places=2)
    first, second, third, fourth = trainees = await _trainees(town, 4)
    full = await _enrol(town, cohort, *trainees)
    assert (full["enrolled"], full["free"], full["waiting"], full["seated"]) == (2, 0, [third, fourth], [])
    again = await town.post(f"cohorts/{cohort}:enrol", {"engagement": third}, expect=409)
    assert again["code"] == "already-waiting"
    assert (await town.get(f"engagements/{third}"))["cohort"] is None

    left = await town.post(f"cohorts/{cohort}:leave", {"engagement": first})
    assert (left["enrolled"], left["waiting"], left["seated"]) == (2, [fourth], [third])
    assert (await town.get(f"engagements/{third}"))["stage"] == "in_qualification"
    assert (await town.get(f"engagements/{first}"))["cohort"] is None
    assert await _audited(town, third) >= {("cohort.waiting", third), ("engagement.engagement-moved-up", third)}
    outside = await town.post(f"cohorts/{cohort}:leave", {"engagement": first}, expect=409)
    assert outside["code"] == "not-in-cohort"

    path, seen = f"/v1/cities/{CITY}/cohorts/{cohort}", left["version"]
    few = await town.ask("PATCH", path, {"places": 1}, headers={"If-Match": f'"{seen}"'}, expect=422)
    assert few["errors"][0]["expected"] == ">= 2"
    more = await town.ask("PATCH", path, {"places": 5}, headers={"If-Match": f'"{seen}"'})
    assert (more["seated"], more["enrolled"], more["free"]) == ([fourth], 3, 2)
    newest = (await town.told("cohorts", cohort))[-1]
    assert (newest.places, newest.enrolled, newest.waiting) == (5, 3, 0)
    assert second in {row["id"] for row in (await town.get(f"engagements?cohort={cohort}"))["items"]}


async def test_end_of_an_engagement_and_an_erasure_free_the_place_too(town: Town) -> None:
    cohort, other = await _cohort(town, places=1), await _cohort(town)
    person = await town.person("Wanda Beispiel")
    seated = await town.engagement(person, "muetter")
    leaves, erased, waits, elsewhere = await _trainees(town, 4)
    person_erased = (await town.get(f"engagements/{erased}"))["person"]
    await _enrol(town, cohort, seated, leaves, erased, elsewhere, waits)
    await town.post(f"engagements/{leaves}:leave", {"on": "2025-11-20", "reason": "moved_away"})
    await town.post("erasures", {"subject": person_erased}, role="city")
    await _enrol(town, other, elsewhere)
    assert (await town.get(f"cohorts/{cohort}"))["waiting"] == [waits]
    await town.post("erasures", {"subject": person}, role="city")
    seen = await town.get(f"cohorts/{cohort}")
    assert (seen["enrolled"], seen["waiting"]) == (1, [])
    assert (await town.get(f"engagements/{waits}"))["cohort"] == cohort


async def test_coordinator_of_another_carrier_takes_nobody_out_and_sees_only_how_many_wait(town: Town) -> None:
    cohort = await _cohort(town, places=1)
    trainee, waits = await _trainees(town, 2)
    await _enrol(town, cohort, trainee, waits)
    await town.post(f"cohorts/{cohort}:leave", {"engagement": trainee}, carrier="insel", expect=422)
    seen = await town.get(f"cohorts/{cohort}", carrier="insel")
    assert (seen["waits"], seen["waiting"]) == (1, [])
    assert (await town.get(f"cohorts/{cohort}", carrier="awo"))["waiting"] == [waits]


async def test_each_carrier_keeps_its_own_part_of_who_came(town: Town) -> None:
    (ours,) = await _trainees(town, 1)
    theirs = await town.engagement(await town.person(), "muetter", site="haus-insel")
    series = await town.post("meeting-series", {"programme": "muetter", "name": "Alle", "first_on": "2025-11-10"})
    path = f"meeting-series/{series['id']}/meetings"
    both = [{"engagement": key, "state": "present"} for key in (ours, theirs)]
    await town.post(path, {"date": "2025-11-17", "attended": both}, carrier="awo", expect=422)
    meeting = await town.post(path, {"date": "2025-11-17", "attended": both})
    where, change = f"{path}/{meeting['id']}", {"reason": "entered_wrongly", "attended": []}
    seen = await town.get(where, carrier="awo")
    assert (seen["attended"], seen["present"]) == (both[:1], 2)
    whole = f"/v1/cities/{CITY}/{where}"
    corrected = await town.ask("PATCH", whole, change, headers={"If-Match": '"1"'}, carrier="awo")
    assert (corrected["attended"], corrected["present"]) == ([], 1)
    assert (await town.get(where))["attended"] == both[1:]


async def test_module_made_up_later_counts_from_that_day(town: Town) -> None:
    cohort = await _cohort(town)
    (trainee,) = await _trainees(town, 1)
    await _enrol(town, cohort, trainee)
    body = {"cohort": cohort, "engagement": trainee, "module": "health", "date": "2025-11-20", "state": "absent"}
    missed = await town.post("attendances", body)
    await town.post("attendances", {**body, "module": "violence", "date": "2025-11-21", "state": "present"})
    assert (await town.get(f"engagements/{trainee}"))["modules_missing"] == ["health"]
    path, change = f"/v1/cities/{CITY}/attendances/{missed['id']}", {"reason": "made_up", "state": "made_up"}
    early = {**change, "made_up_on": "2025-11-19"}
    refused = await town.ask("PATCH", path, early, headers={"If-Match": '"1"'}, expect=422)
    assert refused["errors"][0]["pointer"] == "/made_up_on"
    made_up = await town.ask("PATCH", path, {**change, "made_up_on": "2025-11-24"}, headers={"If-Match": '"1"'})
    assert (made_up["date"], made_up["made_up_on"]) == ("2025-11-20", "2025-11-24")
    due = {row["subject"]: row for row in (await town.get("due"))["items"]}
    assert due[trainee]["since"] == "2025-11-24"
    told = (await town.told("attendances", missed["id"]))[-1]
    assert (told.made_up_on, told.versions[0].state) == ("2025-11-24", "absent")


async def test_group_meets_week_by_week_and_nothing_of_it_passes_a_module(town: Town) -> None:
    cohort = await _cohort(town)
    one, two = await _trainees(town, 2)
    await _enrol(town, cohort, one, two)
    body = {"programme": "muetter", "cohort": cohort, "name": "Gruppentreffen", "first_on": "2025-11-10", "minutes": 90}
    series = await town.post("meeting-series", body)
    assert series["days"][:2] == ["2025-11-10", "2025-11-17"]
    came = [{"engagement": one, "state": "present"}, {"engagement": two, "state": "excused"}]
    path = f"meeting-series/{series['id']}/meetings"
    meeting = await town.post(path, {"date": "2025-11-17", "attended": came})
    assert (meeting["present"], meeting["minutes"], meeting["attended"]) == (1, 90, came)
    twice = await town.post(path, {"date": "2025-11-17"}, expect=409)
    assert twice["code"] == "already-exists"
    double = {"date": "2025-11-18", "attended": [*came, came[0]]}
    assert (await town.post(path, double, expect=422))["errors"][0]["pointer"] == "/attended/2/engagement"
    stranger = {"engagement": await town.engagement(await town.person()), "state": "present"}
    refused = await town.post(path, {"date": "2025-11-18", "attended": [*came, stranger]}, expect=422)
    assert refused["errors"][0]["pointer"] == "/attended/2/engagement"
    assert (await town.get(f"engagements/{one}"))["modules_missing"] == ["health", "violence"]

    change = {"reason": "entered_wrongly", "attended": [{"engagement": two, "state": "present"}]}
    where = f"/v1/cities/{CITY}/{path}/{meeting['id']}"
    await town.ask("PATCH", where, change, expect=428)
    corrected = await town.ask("PATCH", where, change, headers={"If-Match": '"1"'})
    assert (corrected["attended"], corrected["versions"][0]["attended"]) == (change["attended"], came)
    await town.ask("GET", where, expect=403, role="coordinator", programmes=["paten"])
    ended = f"/v1/cities/{CITY}/meeting-series/{series['id']}"
    await town.ask("PATCH", ended, {"until": "2025-11-17"}, headers={"If-Match": '"1"'}, expect=422)
    assert (await town.ask("PATCH", ended, {"until": "2025-11-18"}, headers={"If-Match": '"1"'}))["next_on"] is None
    assert [row["date"] for row in (await town.get(path))["items"]] == ["2025-11-17"]

"""From interest to certified and active, over HTTP; and what of it is told."""

import pytest_asyncio

from tests.integration.api_parts import Api
from tests.integration.registry.town import Town


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, "engagierstadt")
    await made.build()
    return made


async def test_trainee_becomes_active_and_her_past_stays_readable(town: Town) -> None:
    cohort = (await town.post("cohorts", {"programme": "muetter", "name": "2025/26", "opened_on": "2025-11-17"}))["id"]
    engagement = await town.engagement(await town.person(), "muetter", languages={"uk": "native", "de": "B1"})
    await town.post(f"cohorts/{cohort}:enrol", {"engagement": engagement})
    await _attend(town, cohort, engagement, "health", "2025-11-20")
    refused = await town.post(f"engagements/{engagement}:certify", {"on": "2025-11-24"}, expect=422)
    assert refused["code"] == "qualification"
    assert "violence" in str(refused["params"])
    await _attend(town, cohort, engagement, "violence", "2025-11-21")
    assert (await town.get(f"engagements/{engagement}"))["stage"] == "qualified"
    await town.post(f"engagements/{engagement}:certify", {"on": "2025-11-24"})
    assert (await town.get(f"engagements/{engagement}"))["stage"] == "certified"
    await town.post(f"engagements/{engagement}:clear", {"issued_on": "2025-10-30", "seen_on": "2025-11-20"})

    states = await town.told("engagements", engagement)
    assert states[0].stage == "interested"
    assert {state.qualified for state in states[:-2]} == {()}
    newest = states[-1]
    assert (newest.stage, newest.qualified) == ("active", ("health", "upbringing"))
    assert (newest.site, newest.carrier, newest.district) == ("haus-awo", "awo", "nordufer")
    assert newest.clearance_until == "2030-10-30"
    assert [version.certified_on for version in newest.versions] == [None]
    assert newest.versions[0].recorded_at == states[0].recorded_at < newest.recorded_at


async def test_old_certificate_of_good_conduct_is_refused(town: Town) -> None:
    engagement = await town.engagement(await town.person())
    body = {"issued_on": "2025-07-01", "seen_on": "2025-11-20"}
    await town.post(f"engagements/{engagement}:clear", body, expect=422)


async def test_attendance_and_outcome_carry_the_place_of_their_own_day(town: Town) -> None:
    engagement = await town.engagement(await town.person(), "muetter")
    cohort = (await town.post("cohorts", {"programme": "muetter", "name": "B", "opened_on": "2025-11-17"}))["id"]
    await town.post(f"cohorts/{cohort}:enrol", {"engagement": engagement})
    attendance = await _attend(town, cohort, engagement, "health", "2025-11-20")
    body = {"engagement": engagement, "kind": "self_employment", "date": "2025-11-22"}
    outcome = (await town.post("outcomes", body))["id"]
    for topic, key in (("attendances", attendance), ("outcomes", outcome)):
        state = (await town.told(topic, key))[-1]
        assert (state.site, state.carrier, state.district) == ("haus-awo", "awo", "nordufer"), topic


async def test_second_engagement_is_not_the_first_and_ended_programmes_take_late_entries_only(town: Town) -> None:
    person = await town.person()
    first = await town.engagement(person)
    await town.post(f"engagements/{first}:leave", {"on": "2025-11-20", "reason": "moved_away"})
    second = await town.engagement(person)
    assert [(await town.told("engagements", key))[0].first for key in (first, second)] == [True, False]
    await town.engagement(person, "nachbarin", date="2010-05-01")
    body = {"person": person, "programme": "nachbarin", "role": "volunteer", "date": "2011-01-01"}
    assert (await town.post("engagements", body, expect=422))["code"] == "outside-programme"


async def test_outcome_is_corrected_and_what_was_known_stays(town: Town) -> None:
    participation = await town.participation(await town.family(await town.person()))
    body = {"participation": participation, "kind": "training", "date": "2025-11-22"}
    made = await town.post("outcomes", body)
    path = f"/v1/cities/{town.city}/outcomes/{made['id']}"
    change = {"reason": "entered_wrongly", "kind": "job"}
    await town.ask("PATCH", path, change, expect=428)
    await town.ask("PATCH", path, change, headers={"If-Match": '"1"'}, carrier="insel", expect=404)
    await town.ask("PATCH", path, {**change, "date": "2099-01-01"}, headers={"If-Match": '"1"'}, expect=422)
    corrected = await town.ask("PATCH", path, change, headers={"If-Match": '"1"'})
    assert (corrected["kind"], [version["kind"] for version in corrected["versions"]]) == ("job", ["training"])
    await town.ask("PATCH", path, change, headers={"If-Match": '"1"'}, expect=412)
    withdrawn = {"reason": "not_hers", "status": "withdrawn"}
    await town.ask("PATCH", path, withdrawn, headers={"If-Match": '"2"'})

    before, _, after = await town.told("outcomes", made["id"])
    assert (after.kind, after.status, after.district) == ("job", "withdrawn", before.district)
    assert [(old.kind, old.status, old.reason) for old in after.versions] == [
        ("training", "valid", "entered_wrongly"),
        ("job", "valid", "not_hers"),
    ]
    assert after.versions[0].recorded_at == before.recorded_at < after.recorded_at
    (listed,) = (await town.get("outcomes", carrier="awo", programmes=["paten"]))["items"]
    assert (listed["version"], listed["actions"]) == (3, ["correct"])


async def test_coordinator_of_another_carrier_sees_and_changes_nothing(town: Town) -> None:
    person = await town.person()
    engagement = await town.engagement(person)
    other = {"carrier": "insel", "expect": 404}
    await town.get(f"engagements/{engagement}", **other)
    await town.post(f"engagements/{engagement}:leave", {"on": "2025-11-20", "reason": "moved_away"}, **other)
    await town.post(f"engagements/{engagement}:certify", {"on": "2025-11-20"}, **other)
    await town.post(f"engagements/{engagement}:clear", {"issued_on": "2025-11-01", "seen_on": "2025-11-20"}, **other)
    await town.get(f"people/{person}?purpose=contact", **other)
    names = await town.post("people:names", {"ids": [person]}, carrier="insel")
    assert names["names"] == {}
    assert (await town.post("people:names", {"ids": [person]}, carrier="awo"))["names"] == {person: "Oksana Beispiel"}


async def _attend(town: Town, cohort: str, engagement: str, module: str, date: str) -> str:
    body = {"cohort": cohort, "engagement": engagement, "module": module, "date": date, "state": "present"}
    return str((await town.post("attendances", {**body, "minutes": 180}))["id"])

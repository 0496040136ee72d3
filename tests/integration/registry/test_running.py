"""Programmes that end, corrections, what is due, what a mentor sees, revocations, completed erasures."""

from typing import Any

import pytest_asyncio

from services.registry.commands.erasures import complete_erasure
from services.registry.commands.programmes import end_programme, settle_programme
from services.registry.projections.confirmations import reactions_of
from services.registry.projections.tandems import settles
from shared.kernel.ids import new_id
from shared.messaging.reactions import Ask
from shared.security.principals import Actor
from shared.storage.work import Once
from tests.integration.api_parts import Api
from tests.integration.registry.town import MODULES, Town

CITY = "laufstadt"


@pytest_asyncio.fixture(scope="module")
async def town(api: Api) -> Town:
    made = Town(api, CITY)
    await made.build()
    return made


async def test_programme_is_ending_while_a_tandem_is_open_and_then_ended(town: Town) -> None:
    await town.post("programmes", {"slug": "kurz", "name": "Kurz"}, role="city")
    tandem = {"_id": new_id("tan"), "programme": "kurz", "ended_on": None, "erased": False, "sequence": 1}
    known = town.api.store.mongo.city(CITY)["known_tandems"]
    await known.insert_one(dict(tandem))
    assert (await town.post("programmes/kurz:end", {}))["state"] == "ending"
    body = {"person": await town.person(), "programme": "kurz", "role": "volunteer", "date": "2099-01-01"}
    assert (await town.post("engagements", body, expect=422))["code"] == "outside-programme"
    ended = {**tandem, "ended_on": "2025-11-20", "sequence": 2}
    await known.replace_one({"_id": tandem["_id"]}, ended)
    (reaction,) = settles(tandem, ended)
    assert settles(ended, ended) == ()
    await settle_programme(_ask(town, reaction.payload))
    assert (await town.get("programmes/kurz"))["state"] == "ended"
    assert [state.state for state in await town.told("programmes", "kurz")] == ["running", "ending", "ended"]
    await town.post("programmes/kurz:end", {}, expect=409)


async def test_programme_ends_although_its_last_tandem_ended_at_the_same_moment(town: Town) -> None:
    """While one looks for open tandems, the last of them ends, and what its end asks for looks at the programme."""
    await town.post("programmes", {"slug": "zugleich", "name": "Zugleich"}, role="city")
    tandem = {"_id": new_id("tan"), "programme": "zugleich", "ended_on": None, "erased": False, "sequence": 1}
    known = town.api.store.mongo.city(CITY)["known_tandems"]
    await known.insert_one(dict(tandem))

    async def last_one_ends() -> None:
        await known.replace_one({"_id": tandem["_id"]}, {**tandem, "ended_on": "2025-11-20", "sequence": 2})
        await settle_programme(_ask(town, {"programme": "zugleich"}))

    await town.at_the_same_moment(lambda work: end_programme(work, "zugleich", None, ()), last_one_ends)
    assert (await town.get("programmes/zugleich"))["state"] == "ended"


async def test_programme_with_a_decision_for_every_open_case_has_ended(town: Town) -> None:
    await town.post("programmes", {"slug": "rodefa", "name": "RoDeFa"}, role="city")
    tandem = new_id("tan")
    row = {"_id": tandem, "programme": "rodefa", "ended_on": None, "erased": False, "sequence": 1}
    await town.api.store.mongo.city(CITY)["known_tandems"].insert_one(row)
    body = {"decisions": [{"case": tandem, "reason": "handed_over"}]}
    assert (await town.post("programmes/rodefa:end", body))["state"] == "ended"


async def test_change_needs_the_version_that_was_seen(town: Town) -> None:
    path = f"/v1/cities/{CITY}/programmes/paten"
    patch = {"targets": [{"indicator": "volunteers_won", "at_least": 8}]}
    await town.ask("PATCH", path, patch, expect=428)
    await town.ask("PATCH", path, patch, headers={"If-Match": '"1"'})
    await town.ask("PATCH", path, patch, headers={"If-Match": '"1"'}, expect=412)
    (_, newest) = await town.told("programmes", "paten")
    assert [(target.indicator, target.at_least) for target in newest.targets] == [("volunteers_won", 8)]
    assert newest.topics == ("authorities", "flat_search")


async def test_correction_keeps_what_was_known_and_takes_the_module_back(town: Town) -> None:
    cohort, engagement = await _trainee(town, "muetter")
    attendance = await _attend(town, cohort, engagement, "health")
    path = f"/v1/cities/{CITY}/attendances/{attendance}"
    patch = {"state": "absent", "reason": "entered_wrongly"}
    await town.ask("PATCH", path, patch, headers={"If-Match": '"1"'})
    before, after = await town.told("attendances", attendance)
    assert (after.state, [version.state for version in after.versions]) == ("absent", ["present"])
    assert (after.versions[0].reason, after.versions[0].recorded_at) == ("entered_wrongly", before.recorded_at)
    assert (await town.get(f"engagements/{engagement}"))["modules_missing"] == ["health", "violence"]
    await town.post("attendances", _attendance(cohort, engagement, "health"), expect=409)


async def test_complete_trainee_is_due_until_she_is_certified(town: Town) -> None:
    cohort, engagement = await _trainee(town, "muetter")
    await _attend(town, cohort, engagement, "health")
    assert engagement not in await _due(town)
    await _attend(town, cohort, engagement, "violence")
    assert engagement in await _due(town)
    assert engagement not in await _due(town, programmes=["paten"])
    await town.post(f"engagements/{engagement}:certify", {"on": "2025-11-24"})
    assert engagement not in await _due(town)


async def test_automatic_programme_certifies_with_the_last_module(town: Town) -> None:
    body = {"slug": "selbst", "name": "Selbst", "modules": MODULES, "certification": "automatic"}
    await town.post("programmes", body, role="city")
    cohort, engagement = await _trainee(town, "selbst")
    await _attend(town, cohort, engagement, "health")
    assert (await town.get(f"engagements/{engagement}"))["certified_on"] is None
    await _attend(town, cohort, engagement, "violence")
    assert (await town.get(f"engagements/{engagement}"))["certified_on"] == "2025-11-20"


async def test_pause_and_resume(town: Town) -> None:
    engagement = await town.engagement(await town.person())
    assert (await town.post(f"engagements/{engagement}:pause", {}))["stage"] == "paused"
    assert (await town.post(f"engagements/{engagement}:resume", {}))["stage"] == "interested"
    await town.post(f"engagements/{engagement}:resume", {}, expect=409)


async def test_mentor_sees_her_own_engagement_only(town: Town) -> None:
    own, other = await town.person(), await town.person()
    mine, hers = await town.engagement(own), await town.engagement(other)
    assert (await town.get(f"engagements/{mine}", role="mentor", person=own))["actions"] == []
    await town.get(f"engagements/{hers}", role="mentor", person=own, expect=404)
    listed = await town.get("engagements", role="mentor", person=own)
    assert [row["id"] for row in listed["items"]] == [mine]
    await town.get(f"people/{own}?purpose=contact", role="mentor", person=own, expect=403)


async def test_lists_are_paged_and_show_what_is_in_reach(town: Town) -> None:
    families = {await town.family() for _ in range(3)}
    for family in families:
        await town.participation(family, site="haus-insel")
    found: set[str] = set()
    path = "participations?limit=2"
    while path:
        page = await town.get(path, carrier="insel")
        found |= {row["family"] for row in page["items"]}
        path = page["next"] and f"participations?limit=2&cursor={page['next']}"
    assert found == families
    seen = await town.get("families?limit=200", carrier="insel")
    assert {row["id"] for row in seen["items"]} == families


async def test_repeated_change_of_an_identity_is_answered_as_before(town: Town) -> None:
    path = f"/v1/cities/{CITY}/people/{await town.person()}"
    headers = {"If-Match": '"1"', "Idempotency-Key": "identity-0001"}
    for _ in range(2):
        view = await town.ask("PATCH", path, {"call_name": "Oksa"}, headers=headers, subject="sub-1")
        assert view["version"] == 2
    await town.ask("PATCH", path, {"call_name": "O"}, headers={"If-Match": '"1"'}, expect=412)
    await town.ask("PATCH", path, {"as_documented": None}, headers={"If-Match": '"3"'}, expect=412)


async def test_revocation_is_told(town: Town) -> None:
    body = {"subject": "sub-1", "issued_before": "2025-11-20T08:00:00.000Z"}
    revocation = await town.post("revocations", body, role="city")
    assert (await town.told("revocations", revocation["id"]))[0].subject == "sub-1"
    await town.post("revocations", {"subject": "sub-1"}, role="city", expect=422)
    await town.post("revocations", body, expect=403)


async def test_erasure_is_complete_when_all_three_have_confirmed(town: Town) -> None:
    erasure = (await town.post("erasures", {"subject": await town.person()}))["id"]
    (reaction,) = reactions_of(None, {"_id": erasure})
    for number, service in enumerate(("visits", "matching", "reporting")):
        assert (await town.get(f"erasures/{erasure}"))["completed_at"] is None, number
        row = {"_id": erasure, "erasure": erasure, "erased": False, "sequence": 1}
        await town.api.store.mongo.city(CITY)[f"known_{service}_confirmations"].insert_one(row)
        await complete_erasure(_ask(town, reaction.payload))
    assert (await town.get(f"erasures/{erasure}"))["completed_at"] is not None
    assert (await town.told("erasures", erasure))[-1].completed_at is not None


async def _trainee(town: Town, programme: str) -> tuple[str, str]:
    cohort = (await town.post("cohorts", {"programme": programme, "name": "C", "opened_on": "2025-11-17"}))["id"]
    return cohort, await town.engagement(await town.person(), programme, cohort=cohort)


async def _attend(town: Town, cohort: str, engagement: str, module: str) -> str:
    return str((await town.post("attendances", _attendance(cohort, engagement, module)))["id"])


def _attendance(cohort: str, engagement: str, module: str) -> dict[str, object]:
    head = {"cohort": cohort, "engagement": engagement, "module": module}
    return {**head, "date": "2025-11-20", "state": "present", "minutes": 180}


async def _due(town: Town, **limits: Any) -> set[str]:
    page = await town.get("due?role=coordinator&limit=200", **limits)
    return {row["subject"] for row in page["items"] if row["kind"] == "certification"}


def _ask(town: Town, payload: Any) -> Ask:
    once = Once(new_id("onc"), "reaction")
    return Ask(town.api.store, CITY, payload, Actor("service/registry", "service", "reaction-1"), once)


async def test_outcome_has_evidence_as_a_kind_and_the_day_it_was_seen(town: Town) -> None:
    engagement = await town.engagement(await town.person())
    body = {"engagement": engagement, "kind": "job", "date": "2025-11-20", "evidence": "contract"}
    refused = await town.post("outcomes", body, expect=422)
    assert refused["errors"][0]["pointer"] == "/evidence_seen_on"
    made = await town.post("outcomes", {**body, "evidence_seen_on": "2025-11-21"})
    assert (made["evidence"], made["evidence_seen_on"]) == ("contract", "2025-11-21")
    told = (await town.told("outcomes", made["id"]))[-1]
    assert "contract" not in told.model_dump_json()


async def test_erasure_is_read_by_who_asked_for_it_and_by_the_whole_city(town: Town) -> None:
    person = await town.person()
    await town.engagement(person)
    erasure = await town.post("erasures", {"subject": person}, subject="usr-asked", programmes=["paten"])
    path = f"erasures/{erasure['id']}"
    await town.get(path, subject="usr-asked", programmes=["paten"])
    await town.get(path, role="city")
    await town.get(path, subject="usr-other", programmes=["paten"], expect=404)


async def test_exclusions_are_shown_to_who_may_change_them(town: Town) -> None:
    participation = await town.participation(await town.family(await town.person()))
    engagement = await town.engagement(await town.person(), excluded=[participation])
    assert (await town.get(f"engagements/{engagement}"))["excluded"] == [participation]
    assert (await town.get(f"engagements/{engagement}", role="service"))["excluded"] == []

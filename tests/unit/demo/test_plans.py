"""What the demo plans: the same in every run, taken by the services' own bodies, true to the reference data."""

import json
import unicodedata
from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest

from deploy.demo.activities import plan_activities
from deploy.demo.cohort import PROGRAMME, Cohort, plan_cohort
from deploy.demo.data import read_reference
from deploy.demo.days import Days
from deploy.demo.nachbarin import Project, plan_project
from deploy.demo.neighbours import plan_guests, plan_helpers
from deploy.demo.people import People
from deploy.demo.register import GuestPlan, HelperPlan
from deploy.demo.script import Script
from deploy.demo.visits import WANTED, plan_visits
from deploy.demo.world import FORMER, Tandem
from services.registry.api.consents import ConsentBody
from services.registry.api.contacts import ContactBody
from services.registry.api.engagements import ClearanceBody, EngagementBody
from services.registry.api.families import FamilyBody
from services.registry.api.participations import ParticipationBody
from services.registry.api.people import PersonBody
from services.registry.api.places import CityBody, OrganisationBody, SiteBody
from services.registry.api.programmes import ProgrammeBody
from services.visits.api.bodies import ActivityBody, LoggedBody, RequestBody
from shared.kernel.languages import level_at_least

TODAY = date(2026, 11, 25)


def _script(today: date = TODAY) -> Script:
    return Script(People.of_seed(), Days(today), read_reference())


def _plans(script: Script) -> tuple[Cohort, Project, list[HelperPlan], list[GuestPlan]]:
    cohort, project, helpers = plan_cohort(script), plan_project(script), plan_helpers(script)
    everybody = [plan.helper for plan in (*cohort.mothers, *helpers)]
    return cohort, project, helpers, plan_guests(script, everybody)


def test_reference_data_are_what_registry_takes() -> None:
    reference = read_reference()
    for city in reference.cities:
        names = ("slug", "name", "state", "licence", "districts", "model_regions")
        CityBody.model_validate({name: city[name] for name in names})
        for kind, body in (("organisations", OrganisationBody), ("sites", SiteBody), ("programmes", ProgrammeBody)):
            for row in city[kind]:
                body.model_validate(row)


def test_neighbouring_districts_name_each_other() -> None:
    for city in read_reference().cities:
        pairs = {(row["slug"], other) for row in city["districts"] for other in row["neighbours"]}
        assert pairs == {(two, one) for one, two in pairs}


def test_plans_are_the_same_in_every_run() -> None:
    first, second = (json.dumps([_dicts(plans) for plans in _plans(_script())], sort_keys=True) for _ in range(2))
    assert first == second


def test_every_body_is_what_the_services_take() -> None:
    cohort, project, helpers, guests = _plans(_script())
    for plan in (*cohort.mothers, *project.volunteers, *helpers):
        PersonBody.model_validate(plan.person)
        EngagementBody.model_validate(plan.helper.body)
        if plan.clearance is not None:
            ClearanceBody.model_validate(plan.clearance)
    for guest in guests:
        PersonBody.model_validate(guest.person)
        ParticipationBody.model_validate(guest.guest.body)
        if guest.household is not None:
            FamilyBody.model_validate(guest.household)
            ContactBody.model_validate(guest.contact)
    for consent in _consents(cohort, helpers, guests):
        ConsentBody.model_validate(consent)
    for meeting in project.meetings:
        ActivityBody.model_validate(meeting)
    for wish in project.wishes:
        RequestBody.model_validate(wish.body)


def test_numbers_are_those_of_the_programmes() -> None:
    script = _script()
    cohort, project, helpers, guests = _plans(script)
    told = script.reference.cohort
    assert (len(cohort.mothers), len(cohort.modules)) == (11, 6)
    spoken = {language for plan in cohort.mothers for language in plan.helper.body["languages"]}
    assert set(told["languages"]) | {"de"} == spoken
    assert {home for plan in cohort.mothers for home in plan.helper.body["reach"]} == set(told["districts"])
    assert len(project.volunteers) == 18
    assert Counter(outcome["kind"] for outcome in project.outcomes) == {"self_employment": 2}
    assert len(helpers) == 13
    families = [plan for plan in guests if plan.household is not None]
    assert len(families) == 40
    assert {plan.guest.city for plan in families} == {"rostock", "wismar", "salzgitter", "stuttgart"}


def test_project_of_2010_lies_inside_its_period() -> None:
    script = _script()
    programme = script.reference.programme(FORMER)
    project = plan_project(script)
    days = [plan.helper.body["date"] for plan in project.volunteers]
    days += [row["date"] for row in (*project.meetings, *project.outcomes)]
    days += [day for wish in project.wishes for day in (wish.body["date"], wish.fulfilled_on) if day]
    assert all(programme["begin"] <= day < programme["until"] for day in days)
    assert all(wish.fulfilled_on is None or wish.body["date"] <= wish.fulfilled_on for wish in project.wishes)


@pytest.mark.parametrize("today", [date(2025, 12, 1), TODAY, date(2031, 2, 28)])
def test_nothing_of_today_is_in_the_future_or_before_its_programme_whenever_it_runs(today: date) -> None:
    script = _script(today)
    cohort, _, helpers, guests = _plans(script)
    bodies = [plan.helper.body for plan in (*cohort.mothers, *helpers)] + [plan.guest.body for plan in guests]
    for body in bodies:
        begin = script.reference.programme(body["programme"]).get("begin", "")
        assert begin <= body["date"] <= today.isoformat()
    consents = _consents(cohort, helpers, guests)
    assert all(consent["given_on"] <= today.isoformat() for consent in consents)


def test_only_those_who_have_everything_are_ready() -> None:
    cohort, *_ = _plans(_script())
    ready = [plan for plan in cohort.mothers if plan.helper.ready]
    assert len(ready) == 8
    assert all(plan.clearance is not None for plan in ready)


def test_special_topic_is_only_asked_for_with_both_consents() -> None:
    _, _, helpers, guests = _plans(_script())
    sides = [(plan.helper.body, plan.consents) for plan in helpers] + [(g.guest.body, g.consents) for g in guests]
    special = [consents for body, consents in sides if "disability" in body["topics"]]
    assert len(special) == 2
    assert all({one["purpose"] for one in consents} == {"matching", "special_category"} for consents in special)


def test_most_guests_share_a_language_a_district_and_a_slot_with_somebody_ready() -> None:
    cohort, _, helpers, guests = _plans(_script())
    ready = [plan.helper for plan in (*cohort.mothers, *helpers) if plan.helper.ready]
    fitting = [plan for plan in guests if any(_fits(helper.body, plan) for helper in ready)]
    assert len(guests) - len(fitting) == 5  # the sixth odd one only lacks a consent


def test_open_hours_are_recorded_by_the_rooms_own_coordinators() -> None:
    planned = plan_activities(_script())
    rooms = [(caller, body) for caller, body in planned if body["programme"] == "willkommensraeume"]
    assert len({body["site"] for _, body in rooms}) == 5
    assert all(caller.site == body["site"] and caller.carrier for caller, body in rooms)
    for _, body in planned:
        ActivityBody.model_validate(body)


def test_visits_are_about_the_tandems_of_their_mentors() -> None:
    script = _script()
    cohort, _, helpers, guests = _plans(script)
    pairs = list(zip([plan.helper for plan in (*cohort.mothers, *helpers)], guests, strict=False))
    tandems = [
        Tandem(script.people.id("tan"), helper, plan.guest, script.days.at(0.56)) for helper, plan in pairs
    ]  # fmt: skip
    phones = plan_visits(script, tandems)
    entries = [entry for phone in phones for entry in phone.entries]
    assert len(entries) == len({entry["id"] for entry in entries}) == WANTED
    assert 0 < sum(len(phone.entries) for phone in phones if phone.offline) < WANTED
    owners = {tandem.id: tandem.helper.person for tandem in tandems}
    for phone in phones:
        for entry in phone.entries:
            LoggedBody.model_validate(entry)
            assert owners[entry["tandem"]] == phone.person
            assert script.days.at(0.56) <= entry["date"] <= TODAY.isoformat()


def test_cohort_belongs_to_the_programme_with_modules() -> None:
    cohort, *_ = _plans(_script())
    assert cohort.body["programme"] == PROGRAMME
    assert all(plan.helper.body["cohort"] == cohort.body["id"] for plan in cohort.mothers)


def test_who_gets_a_certificate_in_arabic_has_her_name_in_its_script() -> None:
    for plan in plan_cohort(_script()).mothers:
        told: str | None = plan.person.get("own_script")
        if "ar" in plan.helper.body["languages"]:
            assert told is not None
            assert len(told.split()) == len(plan.person["as_documented"].split())
            assert all("ARABIC" in unicodedata.name(letter) for letter in told.replace(" ", ""))
        else:
            assert told is None


def _consents(cohort: Cohort, helpers: list[HelperPlan], guests: list[GuestPlan]) -> list[dict[str, Any]]:
    given = [plan.consents for plan in (*cohort.mothers, *helpers)] + [plan.consents for plan in guests]
    return [consent for consents in given for consent in consents]


def _fits(mentor: dict[str, Any], plan: GuestPlan) -> bool:
    family, place = plan.guest.body, plan.household or plan.guest.body
    spoken = {one for one, level in place["languages"].items() if level_at_least(level, "B1")}
    return bool(
        mentor["programme"] == family["programme"]
        and spoken & set(mentor["languages"])
        and set(family["topics"]) <= set(mentor["topics"])
        and place["district"] in mentor["reach"]
        and set(family["slots"]) & set(mentor["slots"])
    )


def _dicts(plans: Any) -> Any:
    return [asdict(plan) for plan in plans] if isinstance(plans, list) else asdict(plans)

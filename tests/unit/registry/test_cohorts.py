"""Cohorts, what was made up, and group meetings: their rules one by one."""

from dataclasses import replace

import pytest

from services.registry.domain.cohorts import Cohort, ModulePlan, Session
from services.registry.domain.meetings import MOST_VERSIONS, Meeting, Series
from services.registry.domain.modules import Module
from services.registry.domain.outcomes import Attendance, days_passed, modules_passed
from services.registry.domain.places import Programme
from services.registry.publishing import cohort as told_cohort
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import new_id

PROGRAMME = Programme(
    "mothers",
    "P",
    "2025-10-01",
    "2026-10-01",
    modules=(Module("health", "Gesundheit", "Hebamme"), Module("rest", "Ruhe")),
)
COHORT = Cohort("coh_1", "mothers", "2025/26", "2025-10-08", places=2)
TODAY = "2026-03-20"
MISSED = Attendance("att_1", "coh_1", "eng_1", "p", "health", "2026-01-07", "absent")
SERIES = Series("ser_1", "p", "Gruppentreffen", "2026-01-05", until="2026-03-01")
MEETING = Meeting("mtg_1", "ser_1", "", "2026-01-12", "held", 90, {"eng_1": "present", "eng_2": "excused"})


def test_who_comes_when_all_places_are_taken_waits_and_moves_up_in_turn() -> None:
    cohort = COHORT
    for engagement in ("eng_1", "eng_2", "eng_3", "eng_4"):
        cohort = cohort.joined(engagement).cohort
    assert (cohort.enrolled, cohort.free, cohort.waiting) == (2, 0, ("eng_3", "eng_4"))
    with pytest.raises(Conflict, match="already-waiting"):
        cohort.joined("eng_4")
    after = cohort.vacated()
    assert (after.seated, after.cohort.enrolled, after.cohort.waiting) == (("eng_3",), 2, ("eng_4",))
    more = after.cohort.with_places(None)
    assert (more.seated, more.cohort.enrolled, more.cohort.free, more.cohort.waiting) == (("eng_4",), 3, None, ())
    with pytest.raises(Refused) as refusal:
        more.cohort.with_places(2)
    assert refusal.value.findings[0].expected == ">= 3"
    with pytest.raises(Conflict, match="not-in-cohort"):
        more.cohort.no_longer_waiting("eng_4")


@pytest.mark.parametrize(
    ("plan", "pointer"),
    [
        ((ModulePlan("other"),), "/plan/0/code"),
        ((ModulePlan("rest"), ModulePlan("rest")), "/plan/1/code"),
        ((ModulePlan("rest", sessions=(Session("2026-10-01"),)),), "/plan/0/sessions/0/date"),
        ((ModulePlan("rest", sessions=(Session("2025-10-07"),)),), "/plan/0/sessions/0/date"),
        ((ModulePlan("rest", sessions=(Session("2026-01-07", "12:00", "09:00"),)),), "/plan/0/sessions/0/until"),
    ],
)
def test_plan_that_does_not_fit_is_refused_where_it_is_wrong(plan: tuple[ModulePlan, ...], pointer: str) -> None:
    with pytest.raises(Refused) as refusal:
        replace(COHORT, plan=plan).require_plan(PROGRAMME)
    assert refusal.value.findings[0].pointer == pointer


def test_cohort_tells_its_own_partners_and_how_many_wait_but_not_who() -> None:
    plan = (ModulePlan("rest", 540, "Trainerin", (Session("2026-01-07", "09:00", "12:00", "Raum 2"),)),)
    cohort = replace(COHORT, id=new_id("coh"), plan=plan, waiting=(new_id("eng"),))
    cohort.require_plan(PROGRAMME)
    told = told_cohort(cohort, PROGRAMME)
    assert [module.partner for module in told.modules] == ["Hebamme", "Trainerin"]
    assert (told.places, told.waiting) == (2, 1)


def test_cohort_of_the_next_year_is_taught_like_the_former_one_on_days_of_its_own() -> None:
    former = replace(COHORT, plan=(ModulePlan("rest", 540, "Trainerin", (Session("2026-01-07"),)),), waiting=("eng_1",))
    after = Cohort("coh_2", "mothers", "2026/27", "2026-09-01").after(former)
    assert (after.places, after.plan, after.waiting) == (2, (ModulePlan("rest", 540, "Trainerin"),), ())
    own = replace(after, places=9, plan=(ModulePlan("health"),))
    assert own.after(former) == own


def test_what_was_made_up_counts_from_the_day_on_which_it_was() -> None:
    made_up = MISSED.corrected({"state": "made_up", "made_up_on": "2026-02-04"}, TODAY)
    early = replace(MISSED, id="att_2", module="rest", date="2026-01-21", state="present")
    assert days_passed([made_up, early]) == {"rest": "2026-01-21", "health": "2026-02-04"}
    assert modules_passed([made_up, early]) == ("rest", "health")
    assert MISSED.corrected({"state": "made_up"}, TODAY).passed_on == "2026-01-07"
    assert made_up.corrected({"state": "absent"}, TODAY).made_up_on is None


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"state": "made_up", "made_up_on": "2026-01-06"}, "/made_up_on"),
        ({"state": "made_up", "made_up_on": "2026-03-21"}, "/made_up_on"),
        ({"state": "present", "made_up_on": "2026-02-04"}, "/made_up_on"),
        ({"date": "2026-03-21"}, "/date"),
    ],
)
def test_day_of_making_up_that_cannot_be_is_refused(values: dict[str, str], pointer: str) -> None:
    with pytest.raises(Refused) as refusal:
        MISSED.corrected(values, TODAY)
    assert refusal.value.findings[0].pointer == pointer


def test_series_names_its_days_week_by_week_up_to_its_end() -> None:
    assert SERIES.days("2026-01-20") == ("2026-01-05", "2026-01-12", "2026-01-19")
    assert SERIES.days("2026-01-04") == ()
    assert (SERIES.days("2026-12-31")[-1], len(SERIES.days("2026-12-31"))) == ("2026-02-23", 8)
    nexts = [SERIES.next_after(day) for day in ("2026-01-01", "2026-01-05", "2026-01-20", "2026-02-23")]
    assert nexts == ["2026-01-05", "2026-01-12", "2026-01-26", None]
    fortnightly = replace(SERIES, weeks=2, until=None)
    assert fortnightly.days("2026-02-03") == ("2026-01-05", "2026-01-19", "2026-02-02")
    assert len(fortnightly.days("2036-01-01")) == 60
    with pytest.raises(Refused):
        SERIES.ending("2026-01-05")


def test_meeting_is_held_on_a_day_of_the_series_that_has_come() -> None:
    held = MEETING.of(SERIES, TODAY, "now")
    assert (held.programme, held.present, held.recorded_at) == ("p", 1, "now")
    for wrong, pointer in (
        (replace(MEETING, date="2026-01-04"), "/date"),
        (replace(MEETING, date="2026-03-01"), "/date"),
        (replace(MEETING, state="cancelled"), "/attended"),
    ):
        with pytest.raises(Refused) as refusal:
            wrong.of(SERIES, TODAY, "now")
        assert refusal.value.findings[0].pointer == pointer
    with pytest.raises(Refused):
        MEETING.of(SERIES, "2026-01-11", "now")


def test_corrected_meeting_keeps_what_was_known_and_a_cancelled_one_had_nobody() -> None:
    corrected = MEETING.of(SERIES, TODAY, "t1").corrected({"state": "cancelled"}, "t2", "not_held")
    assert (corrected.attended, corrected.minutes, corrected.recorded_at) == ({}, 0, "t2")
    before = {"state": "held", "minutes": 90, "attended": MEETING.attended, "recorded_at": "t1", "reason": "not_held"}
    assert corrected.versions == (before,)
    with pytest.raises(Conflict, match="too-many-versions"):
        replace(corrected, versions=(before,) * MOST_VERSIONS).corrected({"minutes": 1}, "t3", "again")

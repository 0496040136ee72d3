"""What can be written down of a contact, what is only remarked upon, and what stays when it is corrected."""

from dataclasses import replace
from typing import Any

import pytest

from services.visits.domain.history import MOST_VERSIONS
from services.visits.domain.known import Moment, Place, Programme, Setting
from services.visits.domain.visits import Entry, Visit, log
from services.visits.domain.wall_clock import WallClock
from services.visits.publishing import visit as told
from shared.kernel.dates import Period
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.ids import new_id
from shared.kernel.sealed import Sealed

PROGRAMME = Programme("stadtteilmuetter", Period("2025-10-01", "2026-07-01"), topics=("health", "education"))
SETTING = Setting(
    tandem=new_id("tan"),
    engagement=new_id("eng"),
    participation=new_id("ptc"),
    person=new_id("per"),
    begun_on="2025-11-01",
    ended_on="2026-06-15",
    programme=PROGRAMME,
    place=Place("haus", "volkshaus", "schmarl"),
)
NOW = Moment("2026-03-02T09:00:00.000Z", "2026-03-02")
LATER = Moment("2026-03-05T09:00:00.000Z", "2026-03-05")
NOTE = Sealed(SETTING.participation, b"sealed")


def entry(**changes: Any) -> Entry:
    plain = Entry(new_id("vis"), SETTING.tandem, "home_visit", "2026-03-01", 90, ("health",), "uk")
    return replace(plain, **changes)


def logged(setting: Setting = SETTING, *, content: str = "first", **changes: Any) -> Visit:
    return replace(log(entry(**changes), setting, NOW, note=NOTE, content=content), version=1)


def faults(**changes: Any) -> tuple[Finding, ...]:
    with pytest.raises(Refused) as refusal:
        logged(**changes)
    return refusal.value.findings


def test_visit_carries_the_dimensions_that_it_was_given() -> None:
    visit = logged()
    assert (visit.site, visit.carrier, visit.district) == ("haus", "volkshaus", "schmarl")
    assert (visit.programme, visit.recorded_at, visit.warnings) == ("stadtteilmuetter", NOW.now, ())


@pytest.mark.parametrize(
    ("day", "warnings"),
    [
        ("2025-10-31", ("before-tandem",)),
        ("2025-11-01", ()),
        ("2025-09-30", ("outside-period", "before-tandem")),
        ("2026-03-03", ()),
    ],
)
def test_day_that_is_odd_is_stored_and_remarked_upon(day: str, warnings: tuple[str, ...]) -> None:
    visit = logged(date=day)
    assert visit.warnings == warnings
    assert visit.status == "valid"


def test_last_day_of_a_tandem_is_still_its_own_and_the_next_is_not() -> None:
    ended = replace(SETTING, ended_on="2026-02-10")
    assert logged(ended, date="2026-02-10").warnings == ()
    assert logged(ended, date="2026-02-11").warnings == ("after-tandem",)


def test_first_day_after_the_period_is_outside_and_a_closed_period_is_only_a_hint() -> None:
    short = replace(PROGRAMME, period=Period("2025-10-01", "2026-02-01"), closed=(Period("2025-10-01", "2026-01-01"),))
    setting = replace(SETTING, programme=short)
    assert logged(setting, date="2026-01-31").warnings == ()
    assert logged(setting, date="2026-02-01").warnings == ("outside-period",)
    assert logged(setting, date="2025-12-31").warnings == ("period-closed",)


def test_tomorrow_is_taken_for_a_wrong_clock_and_the_day_after_refused() -> None:
    assert logged(date="2026-03-03").date == "2026-03-03"
    assert faults(date="2026-03-04") == (Finding("/date", "in-future", "<= 2026-03-03"),)


def test_every_fault_is_named_at_once_with_what_would_be_right() -> None:
    kinds = "home_visit, accompaniment, offer, meeting, telephone"
    assert faults(kind="party", topics=("health", "cars")) == (
        Finding("/kind", "not-one-of", kinds),
        Finding("/topics/1", "not-one-of", "health, education"),
    )


def test_kinds_are_the_programmes_own_where_it_lists_some() -> None:
    own = replace(SETTING, programme=replace(PROGRAMME, activities=("walk",)))
    assert logged(own, kind="walk").kind == "walk"
    with pytest.raises(Refused):
        logged(own, kind="home_visit")


def test_programme_without_topics_takes_any() -> None:
    free = replace(SETTING, programme=replace(PROGRAMME, topics=()))
    assert logged(free, topics=("cars", "cars", "health")).topics == ("cars", "health")


def test_correction_keeps_what_was_counted_with_its_reason_and_its_time() -> None:
    visit = logged()
    moved = replace(SETTING, place=Place("hof", "werk", "lichtenhagen"))
    changed = visit.corrected(replace(visit.entry, minutes=60, topics=()), moved, LATER, "wrong_time", note=visit.note)
    assert (changed.minutes, changed.topics, changed.carrier, changed.recorded_at) == (60, (), "werk", LATER.now)
    contract = told(changed)
    former = contract.versions[0]
    assert (former.minutes, former.topics, former.carrier, former.district) == (90, ("health",), "volkshaus", "schmarl")
    assert (former.recorded_at, former.reason) == (NOW.now, "wrong_time")
    assert changed.note == visit.note


def test_correction_of_what_is_not_counted_leaves_the_history_alone() -> None:
    visit = logged()
    started = replace(visit.entry, started=WallClock("14:30"))
    changed = visit.corrected(started, SETTING, LATER, "forgotten", note=None)
    assert (changed.versions, changed.recorded_at) == ((), NOW.now)
    assert (changed.started, changed.note) == (WallClock("14:30"), None)


def test_void_visit_keeps_its_valid_version_and_changes_no_more() -> None:
    void = logged().voided(LATER, "entered_twice")
    assert told(void).versions[0].status == "valid"
    assert told(void).status == "void"
    with pytest.raises(Conflict, match="already-void"):
        void.voided(LATER, "again")
    with pytest.raises(Conflict, match="already-void"):
        void.corrected(void.entry, SETTING, LATER, "again", note=None)


def test_fifty_corrections_are_kept_and_the_next_is_refused() -> None:
    visit = logged()
    for minutes in range(MOST_VERSIONS):
        visit = visit.corrected(replace(visit.entry, minutes=minutes), SETTING, LATER, "again", note=None)
    assert len(told(visit).versions) == MOST_VERSIONS
    with pytest.raises(Conflict, match="too-many-versions"):
        visit.corrected(replace(visit.entry, minutes=99), SETTING, LATER, "again", note=None)


def test_same_content_is_a_duplicate_and_another_one_a_conflict() -> None:
    visit = logged(content="first")
    assert visit.fate_of("first", None) == "duplicate"
    assert visit.fate_of("other", None) == "conflict"
    assert visit.fate_of("other", 1) == "corrected"
    assert visit.fate_of("other", 7) == "conflict"


def test_device_that_missed_a_correction_repeats_no_conflict() -> None:
    corrected = replace(
        logged(content="first").corrected(entry(minutes=60), SETTING, LATER, "correction", note=None, content="second"),
        version=2,
    )
    assert corrected.fate_of("second", 1) == "duplicate"
    assert corrected.fate_of("first", None) == "duplicate"
    assert corrected.fate_of("first", 2) == "corrected"
    assert corrected.fate_of("third", 1) == "conflict"


def test_content_that_a_correction_in_the_office_changed_can_be_sent_again_as_a_correction() -> None:
    visit = logged(content="first")
    patched = replace(visit.corrected(entry(minutes=60), SETTING, LATER, "wrong", note=None), version=2)
    assert patched.fate_of("first", None) == "duplicate"
    assert patched.fate_of("first", 2) == "corrected"


def test_erased_family_gets_no_note_and_nothing_that_could_be_compared() -> None:
    visit = logged(replace(SETTING, forgotten=True))
    assert (visit.note, visit.contents) == (None, ())
    assert visit.warnings == ("note-not-kept",)
    assert visit.fate_of("anything", None) == "duplicate"


def test_event_of_a_visit_holds_nothing_of_the_note() -> None:
    told_fields = told(logged()).model_dump()
    assert not {"note", "contents", "started", "warnings"} & set(told_fields)

"""Modules on two time axes: a qualification is judged by those of the day on which its cohort began."""

from dataclasses import replace
from typing import Any

import pytest

from services.registry import publishing
from services.registry.domain.certificates import require_certified
from services.registry.domain.cohorts import Cohort
from services.registry.domain.engagements import Engagement
from services.registry.domain.modules import Module, require_modules
from services.registry.domain.places import Programme
from services.registry.domain.terms import Terms
from shared.kernel.errors import Refused
from shared.storage.documents import from_document, to_document

EARLY, LATER = "2025-01-10T08:00:00.000Z", "2026-02-01T08:00:00.000Z"
HEALTH, LAW = Module("health", "Gesundheit", topics=("health",), special=("token",)), Module("law", "Recht")
OLD = replace(Programme("muetter", "Stadtteilmütter", modules=(HEALTH,)).provided(EARLY), version=1)
TRAINEE = Engagement(
    "eng_1", "per_1", "muetter", "mother", "2025-01-15", first=True, passed=("health",), judged_on="2025-10-01"
)
CERTIFIED = TRAINEE.certified("2025-12-01", OLD)


def changed(since: str, *modules: Module) -> Programme:
    """The programme with other modules from a day on, saved."""
    return replace(OLD.agreed(Terms(modules=modules), since, LATER), version=2)


def test_modules_hold_from_a_day_on_as_they_were_known() -> None:
    new = changed("2026-01-01", HEALTH, LAW)
    days = ("2025-12-31", "2026-01-01")
    assert [new.on(day).modules for day in days] == [(HEALTH,), (HEALTH, LAW)]
    assert new.on("2026-01-01", EARLY).modules == (HEALTH,)
    assert new.teaching("2026-01-01", 1).modules == (HEALTH,)
    told = publishing.programme_on(new, "2026-01-01")
    assert told.terms[1].modules == told.modules
    assert "token" not in told.model_dump_json()


@pytest.mark.parametrize(("since", "missing"), [("2025-10-02", ()), ("2025-10-01", ("law",))])
def test_cohort_and_its_trainees_are_judged_by_the_day_on_which_it_began(since: str, missing: tuple[str, ...]) -> None:
    new, cohort = changed(since, HEALTH, LAW), Cohort(f"coh_{'0' * 26}", "muetter", "A", "2025-10-01")
    assert TRAINEE.missing(new) == missing
    assert TRAINEE.stage(new, "2026-03-01") == ("interested" if missing else "qualified")
    assert [module.code for module in publishing.cohort(cohort, new).modules] == ["health", *missing]


@pytest.mark.parametrize("since", ["0001-01-01", "2025-10-01", "2026-01-01"])
def test_what_is_recorded_later_takes_no_certification_away(since: str) -> None:
    new = changed(since, replace(HEALTH, title="Anders"), LAW)
    assert (CERTIFIED.missing(new), require_certified(CERTIFIED, new)) == ((), "2025-12-01")
    assert CERTIFIED.judged(new).modules == (HEALTH,)
    assert CERTIFIED.stage(new, "2026-03-01") == CERTIFIED.stage(OLD, "2026-03-01")
    with pytest.raises(Refused, match="qualification"):
        replace(TRAINEE, judged_on="2026-02-01").certified("2026-02-02", new)


def test_map_to_topics_is_put_right_for_those_who_are_certified_too() -> None:
    more = replace(HEALTH, topics=("health", "birth"), special=())
    assert CERTIFIED.qualified(changed("2026-01-01", more)) == ("health",)
    corrected, offering = changed("2025-10-01", more), replace(CERTIFIED, special=("token",), tells_special=True)
    assert CERTIFIED.qualified(corrected) == ("health", "birth")
    assert (offering.told_special(OLD), offering.told_special(corrected)) == (("token",), ())


def test_who_began_without_modules_goes_on_without_a_certificate() -> None:
    bare = replace(Programme("paten", "Paten").provided(EARLY), version=1)
    new = replace(bare.agreed(Terms(modules=(HEALTH,)), "2026-01-01", LATER), version=2)
    volunteer = Engagement("eng_2", "per_2", "paten", "volunteer", "2025-03-01", first=True, topics=("kita",))
    assert (volunteer.needs_certificate(new), volunteer.qualified(new)) == (False, ("kita",))
    assert not replace(volunteer, cohort="coh_1", judged_on="2026-01-01").needs_certificate(new)
    assert replace(volunteer, date="2026-01-01").needs_certificate(new)


def test_programme_stored_before_keeps_its_modules_and_whom_it_certified() -> None:
    document: dict[str, Any] = to_document(OLD)
    del document["terms"][0]["value"]["modules"]
    read = from_document(Programme, document)
    assert (read.on("2025-01-01", EARLY).modules, read.terms[0].value.modules) == ((HEALTH,), None)
    new = read.agreed(Terms(modules=(LAW,)), "2026-01-01", LATER)
    assert [new.on(day).modules for day in ("2025-12-31", "2026-01-01")] == [(HEALTH,), (LAW,)]
    assert (new.terms[0].at, new.terms[0].version) == (EARLY, 1)
    before = replace(CERTIFIED, judged_on=None, judged_in=0)
    assert before.missing(read.agreed(Terms(modules=(LAW,)), "0001-01-01", LATER)) == ()


def test_code_is_used_once() -> None:
    with pytest.raises(Refused) as refusal:
        require_modules((HEALTH, LAW, HEALTH))
    assert refusal.value.findings[0].pointer == "/modules/2/code"

"""Counted facts: what closed days keep, whatever is corrected and closed later."""

from typing import Any

import pytest

from services.reporting.domain.facts import Closing, Fact, as_counted
from services.reporting.domain.figures import count, figures_hash
from shared.kernel.canonical import content_hash
from shared.kernel.dates import Period

NAMES = ("date", "minutes")
MARCH, APRIL = Period("2026-03-01", "2026-04-01"), Period("2026-04-01", "2026-05-01")
IN_MARCH, IN_APRIL, IN_MAY = "2026-03-10", "2026-04-10", "2026-05-10"
NOW = "2026-12-01T00:00:00.000Z"


def _at(day: int) -> str:
    return f"2026-06-{day:02d}T08:00:00.000Z"


def _recorded(*versions: tuple[int, str, int]) -> dict[str, Any]:
    """Per version the day of June on which it was recorded, the fact's date and its minutes; the last one stands."""
    rows = [{"recorded_at": _at(day), "date": date, "minutes": minutes} for day, date, minutes in versions]
    return {**rows[-1], "versions": rows[:-1]}


def _counted(record: dict[str, Any], *closings: Closing, cut: str = NOW) -> tuple[str, int] | None:
    counted, _ = as_counted(record, NAMES, cut, closings)
    return None if counted is None else (counted["date"], counted["minutes"])


def test_what_is_corrected_after_the_closing_is_known_and_not_counted() -> None:
    counted, known = as_counted(_recorded((1, IN_MARCH, 30), (3, IN_MARCH, 90)), NAMES, NOW, [Closing(MARCH, _at(2))])
    assert counted is not None
    assert known is not None
    assert (counted["minutes"], known["minutes"]) == (30, 90)


def test_what_is_recorded_in_the_instant_of_the_closing_is_in_time() -> None:
    assert _counted(_recorded((1, IN_MARCH, 30), (2, IN_MARCH, 90)), Closing(MARCH, _at(2))) == (IN_MARCH, 90)


def test_what_comes_only_after_the_closing_is_not_counted() -> None:
    assert _counted(_recorded((3, IN_MARCH, 30)), Closing(MARCH, _at(2))) is None


def test_past_is_counted_without_what_was_closed_or_recorded_later() -> None:
    record = _recorded((1, IN_MARCH, 30), (3, IN_MARCH, 90))
    assert _counted(record, Closing(MARCH, _at(2)), cut=_at(1)) == (IN_MARCH, 30)
    assert _counted(record, cut=_at(3)) == (IN_MARCH, 90)
    assert _counted(_recorded((5, IN_MARCH, 30)), cut=_at(4)) is None


@pytest.mark.parametrize("turned", [False, True])
def test_closing_other_days_later_takes_nothing_out_of_days_that_were_closed(*, turned: bool) -> None:
    record = _recorded((1, IN_APRIL, 30), (3, IN_MARCH, 30))
    closings = [Closing(MARCH, _at(4)), Closing(APRIL, _at(2))]
    assert _counted(record, *(reversed(closings) if turned else closings)) == (IN_APRIL, 30)


def test_closing_other_days_later_brings_nothing_into_days_that_were_closed() -> None:
    record = _recorded((1, IN_MAY, 30), (3, IN_MARCH, 30), (5, IN_APRIL, 30))
    assert _counted(record, Closing(MARCH, _at(2)), Closing(APRIL, _at(4))) == (IN_MAY, 30)


def test_fact_that_only_passed_by_closed_days_goes_on_being_counted() -> None:
    record = _recorded((1, IN_MAY, 30), (3, IN_MARCH, 30), (4, IN_MAY, 60))
    assert _counted(record, Closing(MARCH, _at(2))) == (IN_MAY, 60)


def test_reports_sealed_before_matching_told_of_gaps_keep_their_hash() -> None:
    fields = {"date": "2026-01-15", "programme": "p", "district": "nord", "languages": ["fa"], "topics": ["health"]}
    before = count([Fact("waiting", "ptc_1", fields)], Period("2025-01-01", "2027-01-01"))
    told = count([Fact("waiting", "ptc_1", {**fields, "lacks": ["language"]})], Period("2025-01-01", "2027-01-01"))
    assert (before.language_gap, before.waiting_topics) == ({}, {})
    assert (told.language_gap, told.waiting_topics) == ({("fa", "nord"): 1}, {"health": 1})
    tables = [[*key, dict(values)] for key, values in sorted(before.by.items())]
    waiting = [[*key, number] for key, number in before.waiting.items()]
    assert figures_hash(before) == content_hash([dict(before.totals), tables, waiting])
    assert figures_hash(told) != figures_hash(before)

"""Nights in which clocks change: what the clock on the wall said stays what it said."""

import pytest

from services.visits.domain.wall_clock import WallClock, faults_of

BACK, FORWARD, PLAIN = "2026-10-25", "2026-03-29", "2026-01-15"


@pytest.mark.parametrize(
    ("day", "clock", "instant"),
    [
        (PLAIN, WallClock("14:30"), "2026-01-15T13:30:00.000Z"),
        (BACK, WallClock("02:30", 0), "2026-10-25T00:30:00.000Z"),
        (BACK, WallClock("02:30", 1), "2026-10-25T01:30:00.000Z"),
        (BACK, WallClock("03:00"), "2026-10-25T02:00:00.000Z"),
        (FORWARD, WallClock("01:59"), "2026-03-29T00:59:00.000Z"),
        (FORWARD, WallClock("03:00"), "2026-03-29T01:00:00.000Z"),
    ],
)
def test_wall_clock_names_one_instant(day: str, clock: WallClock, instant: str) -> None:
    assert faults_of(day, clock) == ()
    assert clock.instant(day) == instant


def test_hour_that_clocks_skip_is_refused() -> None:
    assert [fault.code for fault in faults_of(FORWARD, WallClock("02:30"))] == ["not-on-that-day"]
    assert [fault.code for fault in faults_of(FORWARD, WallClock("02:30", 1))] == ["not-on-that-day"]


def test_second_of_two_hours_is_refused_where_there_is_one() -> None:
    assert [(fault.pointer, fault.code) for fault in faults_of(PLAIN, WallClock("02:30", 1))] == [
        ("/fold", "not-twice")
    ]
    assert [(fault.pointer, fault.code) for fault in faults_of(BACK, WallClock("03:00", 1))] == [("/fold", "not-twice")]

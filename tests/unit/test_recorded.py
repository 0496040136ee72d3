"""Two time axes: what was known at an instant about a day, against a plain search through all that was entered."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.dates import value_on
from shared.kernel.recorded import Recorded, known, valid, with_recorded

DAYS = [f"2024-01-0{number}" for number in range(1, 8)]
INSTANTS = [f"2024-02-0{number}T08:00:00.000Z" for number in range(1, 8)]
VALUES = st.sampled_from("abc")
ENTERED = st.lists(st.tuples(st.sampled_from(DAYS), VALUES, st.sampled_from(INSTANTS)), max_size=8)

Entries = tuple[Recorded[str], ...]


def entered(rows: list[tuple[str, str, str]]) -> Entries:
    entries: Entries = ()
    for number, (since, value, at) in enumerate(rows, 1):
        entries = with_recorded(entries, since, value, at=at, version=number)
    return entries


def searched(entries: Entries, day: str, at: str | None) -> str | None:
    """Of what was known: the latest begin that is not after the day, else the earliest; of equals the last entered."""
    there = [(entry.since, number, entry.value) for number, entry in enumerate(entries) if at is None or entry.at <= at]
    begun = [row for row in there if row[0] <= day]
    if begun:
        return max(begun)[2]
    first = min((since for since, _, _ in there), default=None)
    return max((row for row in there if row[0] == first), default=("", 0, None))[2]


@given(ENTERED, st.sampled_from(DAYS), st.sampled_from([None, *INSTANTS]))
def test_what_was_known_about_a_day_is_what_a_search_finds(
    rows: list[tuple[str, str, str]], day: str, at: str | None
) -> None:
    entries = entered(rows)
    assert valid(entries, day, at) == value_on(known(entries, at), day) == searched(entries, day, at)


@given(ENTERED, ENTERED)
def test_what_is_entered_later_changes_no_earlier_knowledge(
    rows: list[tuple[str, str, str]], more: list[tuple[str, str, str]]
) -> None:
    before, after = entered(rows), entered([*rows, *more])
    assert after[: len(before)] == before
    for instant in INSTANTS:
        later = [entry for entry in after[len(before) :] if entry.at <= instant]
        if not later:
            assert known(after, instant) == known(before, instant)


@given(ENTERED)
def test_known_list_is_sorted_and_names_each_day_and_each_change_once(rows: list[tuple[str, str, str]]) -> None:
    history = known(entered(rows))
    days = [entry.since for entry in history]
    assert days == sorted(set(days))
    assert all(one.value != other.value for one, other in pairwise(history))


def test_correction_of_today_changes_what_is_known_of_then_and_not_what_was_known() -> None:
    first: Entries = with_recorded((), "2020-01-01", "haus", at="2024-01-10T00:00:00.000Z", version=1)
    moved = with_recorded(first, "2025-01-01", "werk", at="2024-12-01T00:00:00.000Z", version=2)
    corrected = with_recorded(moved, "2024-06-01", "werk", at="2026-03-01T09:00:00.000Z", version=3)
    assert (valid(moved, "2024-12-31"), valid(moved, "2025-01-01")) == ("haus", "werk")
    assert valid(corrected, "2024-12-31") == "werk"
    assert valid(corrected, "2024-12-31", "2026-03-01T08:59:59.999Z") == "haus"
    assert valid(corrected, "2024-12-31", "2026-03-01T09:00:00.000Z") == "werk"
    assert [entry.since for entry in known(corrected)] == ["2020-01-01", "2024-06-01"]


def test_entry_that_was_wrong_is_taken_back_by_what_held_before() -> None:
    wrong = with_recorded(entered([("2024-01-01", "a", INSTANTS[0])]), "2024-01-05", "b", at=INSTANTS[1], version=2)
    right = with_recorded(wrong, "2024-01-05", "a", at=INSTANTS[2], version=3)
    assert [entry.value for entry in known(right)] == ["a"]
    assert valid(right, "2024-01-06", INSTANTS[1]) == "b"


def test_what_was_stored_before_recorded_time_is_known_ever_since_and_clocks_do_not_run_back() -> None:
    old = (Recorded("2020-01-01", "a"),)
    assert valid(old, "2019-01-01", "1900-01-01T00:00:00.000Z") == "a"
    ahead = with_recorded(old, "2021-01-01", "b", at=INSTANTS[4], version=2)
    assert with_recorded(ahead, "2022-01-01", "c", at=INSTANTS[0], version=3)[-1].at == INSTANTS[4]
    assert valid((), "2020-01-01") is None

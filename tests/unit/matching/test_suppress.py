"""What the city may see of a round's groups: never a small count, nor what gives one away."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.suppress import LEAST, suppressed

Row = dict[str, Any]


def group(value: str, families: int, matchable: int, matched: int) -> Row:
    return {"value": value, "families": families, "matchable": matchable, "matched": matched, "rate": None}


DAYS = {"p50": 12, "p95": 40, "max": 51}


def shown(*rows: Row, families: int = 90, matchable: int = 70, matched: int = 50, **causes: int) -> dict[str, Any]:
    ways = {"greedy": matched, "first_come": matchable - 2}
    return suppressed(
        {
            "families": families,
            "urgent": 3,
            "matchable": matchable,
            "matched": matched,
            "without_candidate": causes,
            "waiting_days": DAYS,
            "waiting_days_matchable": DAYS,
            "order_violations": 0,
            "rates": {"language": {"groups": list(rows), "least_over_most": None}},
            "load": {"mentors": 20, "idle": 2, "full": 0, "gini": 3},
            "blocking_pairs": 4,
            "compared": {
                way: {"matched": count, "urgent": 1, "fit": 9_000, "waiting_days_matchable": DAYS}
                for way, count in ways.items()
            },
        }
    )


def values(report: dict[str, Any]) -> list[str]:
    return [row["value"] for row in report["rates"]["language"]["groups"] if row["families"] is not None]


def test_large_groups_are_shown_and_zero_is_no_secret() -> None:
    rows = [group("ar", 40, 30, 20), group("fa", 20, 10, 0)]
    assert values(shown(*rows)) == ["ar", "fa"]


def test_small_groups_are_hidden_and_so_is_what_is_left_of_large_ones() -> None:
    rows = [group("ar", 40, 30, 20), group("fa", 4, 0, 0), group("ru", 40, 38, 20), group("uk", 40, 40, 37)]
    assert values(shown(*rows)) == ["ar"]


def test_line_hidden_alone_takes_the_smallest_other_with_it() -> None:
    rows = [group("ar", 40, 30, 20), group("fa", 3, 0, 0), group("uk", 20, 10, 5)]
    assert values(shown(*rows)) == ["ar"]
    assert shown(language=3, district=30, topic=10)["without_candidate"] == {
        "language": None,
        "district": 30,
        "topic": None,
    }


def test_totals_are_one_line_and_nobody_s_own_wait_is_told() -> None:
    report = shown()
    assert (report["families"], report["matchable"], report["matched"], report["urgent"]) == (90, 70, 50, None)
    assert report["waiting_days"] == {"p50": 12, "p95": 40}
    assert report["load"] == {"mentors": 20, "idle": None, "full": 0, "gini": 3}
    assert report["blocking_pairs"] is None
    assert report["compared"]["greedy"]["matched"] == 50
    assert report["compared"]["first_come"] == {
        "matched": None,
        "urgent": None,
        "fit": None,
        "waiting_days_matchable": {},
    }


@pytest.mark.parametrize("counts", [(90, 70, 67), (90, 88, 50), (4, 0, 0), (60, 10, 3)])
def test_totals_that_give_few_away_are_hidden_together(counts: tuple[int, int, int]) -> None:
    families, matchable, matched = counts
    report = shown(families=families, matchable=matchable, matched=matched)
    assert (report["families"], report["matchable"], report["matched"]) == (None, None, None)
    if matchable - matched < LEAST:
        assert report["waiting_days_matchable"] == {}


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 3), max_size=6))
def test_no_small_count_can_be_read_or_worked_out_in_a_line(sizes: list[tuple[int, int, int]]) -> None:
    rows = [group(str(n), *sorted(counts, reverse=True)) for n, counts in enumerate(sizes)]
    for row in shown(*rows)["rates"]["language"]["groups"]:
        if row["families"] is None:
            assert (row["matchable"], row["matched"], row["rate"]) == (None, None, None)
            continue
        parts = row["families"], row["families"] - row["matchable"], row["matchable"] - row["matched"], row["matched"]
        assert not any(0 < part < LEAST for part in parts)

"""What the city may see of a round's groups: never a small count, nor what gives one away."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.suppress import LEAST, suppressed

Row = dict[str, Any]


def group(value: str, families: int, matchable: int, matched: int) -> Row:
    return {"value": value, "families": families, "matchable": matchable, "matched": matched, "rate": None}


def shown(*rows: Row, **causes: int) -> dict[str, Any]:
    report = {"without_candidate": causes, "rates": {"language": {"groups": list(rows), "least_over_most": None}}}
    return suppressed(report)


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


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 3), max_size=6))
def test_no_small_count_can_be_read_or_worked_out_in_a_line(sizes: list[tuple[int, int, int]]) -> None:
    rows = [group(str(n), *sorted(counts, reverse=True)) for n, counts in enumerate(sizes)]
    for row in shown(*rows)["rates"]["language"]["groups"]:
        if row["families"] is None:
            assert (row["matchable"], row["matched"], row["rate"]) == (None, None, None)
            continue
        parts = row["families"], row["families"] - row["matchable"], row["matchable"] - row["matched"], row["matched"]
        assert not any(0 < part < LEAST for part in parts)

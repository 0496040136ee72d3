"""A benchmark measures both sides in turns, and judges the ratio of their medians."""

from pathlib import Path
from typing import Any

import pytest

from deploy.bench.harness import BENCHMARKS, Bench, Direction, Measure, Pair, Run, all_benchmarks, benchmark
from deploy.bench.page import page_of
from deploy.bench.picture import growth_svg, number


@pytest.fixture(autouse=True)
def _none_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    all_benchmarks()
    for name in list(BENCHMARKS):
        monkeypatch.delitem(BENCHMARKS, name)


def figures(calls: list[str], side: str, *values: float) -> Measure:
    rest = list(values)

    async def measure(_: float) -> float:
        calls.append(side)
        return rest.pop(0)

    return measure


async def measured(
    folder: Path, points: dict[int, Pair], *, goal: float | None = 1.0, direction: Direction = "at_least"
) -> dict[str, Any]:
    @benchmark(
        name="try", what="ours", baseline="theirs", unit="things/s", goal=goal, direction=direction, notes="Notes."
    )
    async def run(bench: Bench) -> None:
        await bench.grows("clients", points, at=max(points), warm=0)

    return await Run(folder, rounds=3, say=lambda text: None).measure(BENCHMARKS["try"])


async def test_both_sides_are_measured_in_turns_and_each_begins_in_turn(tmp_path: Path) -> None:
    calls: list[str] = []
    pair = Pair(figures(calls, "ours", 10, 30, 20), figures(calls, "bare", 10, 12, 2))
    result = await measured(tmp_path, {8: pair})
    assert calls == ["ours", "bare", "bare", "ours", "ours", "bare"]
    assert (result["value"], result["baseline"]["value"], result["ratio"]) == (20, 10, 2.0)
    assert result["conditions"]["ratios_of_rounds"] == [1.0, 2.5, 10.0]
    assert set(result) == {
        "name", "what", "unit", "value", "baseline", "ratio", "goal", "direction", "met", "conditions",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("goal", "direction", "met"),
    [(1.9, "at_least", True), (2.1, "at_least", False), (1.9, "at_most", False), (2.1, "at_most", True)],
)
async def test_goal_is_met_when_the_ratio_is_on_its_side(
    tmp_path: Path, goal: float, direction: Direction, met: bool
) -> None:
    pair = Pair(figures([], "", 2, 2, 2), figures([], "", 1, 1, 1))
    assert (await measured(tmp_path, {1: pair}, goal=goal, direction=direction))["met"] is met


async def test_what_is_only_reported_has_no_goal_to_miss(tmp_path: Path) -> None:
    pair = Pair(figures([], "", 1, 1, 1), figures([], "", 9, 9, 9))
    result = await measured(tmp_path, {1: pair}, goal=None)
    assert (result["goal"], result["met"]) == (None, True)


async def test_page_and_picture_show_how_it_grows(tmp_path: Path) -> None:
    points = {
        1: Pair(figures([], "", 5, 5, 5), figures([], "", 4, 4, 4)),
        32: Pair(figures([], "", 1900, 1900, 1900), figures([], "", 2000, 2000, 2000)),
    }
    result = await measured(tmp_path, points)
    page = page_of([result], {"try": "Notes."})
    assert "| [try](#try) | 1,900 | 2,000 | things/s | 0.95 | ≥ 1 | **no** |" in page
    assert "| 1 | 5 | 4 | 1.25 |" in page
    assert "| 32 | 1,900 | 2,000 | 0.95 |" in page
    assert page.endswith("\nNotes.\n")
    picture = growth_svg(result)
    assert picture.count("<polyline") == 2
    assert picture.count("<circle") == 4


@pytest.mark.parametrize(
    ("value", "written"), [(0.00328, "0.00328"), (67.5, "67.5"), (750, "750"), (22_500, "22,500"), (30_000, "30,000")]
)
def test_numbers_are_written_out(value: float, written: str) -> None:
    assert number(value) == written


async def test_a_short_run_is_a_try_only(tmp_path: Path) -> None:
    assert Run(tmp_path).counts
    assert not Run(tmp_path, rounds=1).counts
    assert not Run(tmp_path, seconds=1).counts


def test_two_benchmarks_of_one_name_are_refused() -> None:
    named = benchmark(name="twice", what="", baseline="", unit="", goal=None, direction="at_most")

    async def run(bench: Bench) -> None: ...

    named(run)
    with pytest.raises(ValueError, match="twice"):
        named(run)

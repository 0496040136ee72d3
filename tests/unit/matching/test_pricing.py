"""Pairs that are priced instead of kept: the same result in every word, whatever few pairs it begins with."""

from typing import Any

import pytest

from deploy.bench.match_towns import crowd, town
from services.matching.commands.solve_instance import solve_instance
from services.matching.solver import pricing
from tests.unit.matching.build import family, instance, mentor, random_instance

Row = dict[str, Any]


def solved(data: Row) -> Row:
    return solve_instance(data, None, lambda: 0.0)


def priced(data: Row, monkeypatch: pytest.MonkeyPatch, per_family: int) -> Row:
    with monkeypatch.context() as patch:
        patch.setattr(pricing, "FROM_EDGES", -1)
        patch.setattr(pricing, "PER_FAMILY", per_family)
        return solved(data)


@pytest.mark.parametrize("per_family", [1, 3])
def test_pricing_gives_what_all_pairs_give(per_family: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(40):
        data = random_instance(seed, 5 + seed % 20, 10 + seed % 50, 2 + seed % 5)
        assert priced(data, monkeypatch, per_family) == solved(data), f"seed {seed}"


def test_pricing_gives_the_same_where_hundreds_of_choices_are_equally_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    data = crowd(120, 80)
    assert priced(data, monkeypatch, 2) == solved(data)


def test_pricing_works_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    (data,) = town("S")
    monkeypatch.setattr(pricing, "_BLOCK", 64 * 7)
    assert priced(data, monkeypatch, 2) == solved(data)


def test_few_pairs_are_looked_at_and_far_fewer_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []

    def noted(self: pricing._All, some: pricing._Some) -> Any:
        kept.append(len(some.keys))
        return among(self, some)

    among = pricing._All.among
    monkeypatch.setattr(pricing._All, "among", noted)
    assert len(priced(crowd(150, 150), monkeypatch, 10)["pairs"]) == 150
    assert max(kept) < 150 * 150 / 2


def test_pricing_knows_empty_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (instance([], []), instance([mentor(gender="m")], [family(gender_wish="f")])):
        assert priced(data, monkeypatch, 1) == solved(data)


def test_rounds_are_priced_from_some_number_of_pairs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    (data,) = town("S")
    asked: list[int] = []
    original = pricing.solve_by_price

    def noted(*arguments: Any) -> Any:
        asked.append(1)
        return original(*arguments)

    monkeypatch.setattr("services.matching.commands.solve_instance.solve_by_price", noted)
    solved(data)
    assert not asked
    monkeypatch.setattr(pricing, "FROM_EDGES", 700)
    solved(data)
    assert asked

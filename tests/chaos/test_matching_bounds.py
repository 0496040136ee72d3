"""Second opinions on whole cities: what no choice can exceed, and that pairs may be priced instead of kept."""

import pytest

from deploy.bench.match_towns import instances, town
from services.matching.commands.solve_instance import solve_instance
from services.matching.solver import pricing
from tests.unit.matching.test_solvers_agree import lp_bound, scipy_weight, weighed


@pytest.mark.long
@pytest.mark.parametrize("number", range(4))
def test_no_choice_in_a_large_city_exceeds_ours(number: int) -> None:
    problem, weights, ours = weighed(instances("L")[number])
    assert lp_bound(problem, weights) == ours
    assert scipy_weight(problem, weights) == ours


@pytest.mark.long
def test_pricing_gives_what_all_pairs_give_in_a_large_city(monkeypatch: pytest.MonkeyPatch) -> None:
    (data,) = town("C5")
    expected = solve_instance(data, None, lambda: 0.0)
    monkeypatch.setattr(pricing, "FROM_EDGES", 0)
    assert solve_instance(data, None, lambda: 0.0) == expected

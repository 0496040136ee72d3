"""The solver against trying everything, against its own proof, and against a shuffled input."""

import random
from collections import Counter
from typing import Any
from unittest.mock import Mock

import pytest

from services.matching import solver
from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.certificate import check_prices
from services.matching.solver import flow
from tests.unit.matching.build import family, instance, mentor, random_instance
from tests.unit.matching.oracle import band, best_vector, edges_of, failing, points


def solved(data: dict[str, Any], policy: dict[str, Any] | None = None) -> dict[str, Any]:
    return solve_instance(data, policy, lambda: 0.0)


def vector(result: dict[str, Any]) -> tuple[int, int, tuple[int, ...], int]:
    objective = result["objective"]
    per_band = tuple(matched for _, matched in objective["wait_bands"])
    return objective["urgent"], objective["matched"], per_band, objective["fit"]


def with_frozen(seed: int, data: dict[str, Any]) -> dict[str, Any]:
    """Freeze one pair where a mentor has a place: frozen pairs need to pass no rule."""
    able = [row["id"] for row in data["mentors"] if row["capacity"]]
    if seed % 3 or not able:
        return data
    return {**data, "frozen": [[able[seed % len(able)], data["families"][0]["id"]]]}


@pytest.mark.parametrize("block", range(8))
def test_solver_reaches_the_whole_vector_that_brute_force_finds(block: int) -> None:
    matched = fully_served = 0
    for seed in range(block * 60, block * 60 + 60):
        data = with_frozen(seed, random_instance(seed, mentors=2 + seed % 4, families=3 + seed % 5))
        result = solved(data)
        assert vector(result) == best_vector(data), f"seed {seed}"
        check_choice(data, result)
        matched += result["objective"]["matched"]
        fully_served += not result["waiting"]
    assert matched > 30, "instances without matches prove nothing"
    assert fully_served < 30, "instances without scarcity prove nothing"


def check_choice(data: dict[str, Any], result: dict[str, Any]) -> None:
    """Pairs pass the rules and places, the objective is that of the pairs, and everybody is accounted for."""
    edges = edges_of(data)
    rows = {row["id"]: row for row in data["families"]}
    chosen = {(pair["mentor"], pair["family"]): pair["fit"]["total"] for pair in result["pairs"]}
    used = Counter([pair[0] for pair in data.get("frozen", [])] + [mentor for mentor, _ in chosen])
    assert all(edges[pair] == total for pair, total in chosen.items())
    assert all(used[row["id"]] <= row["capacity"] for row in data["mentors"])
    bands = Counter(band(data, rows[identity]) for _, identity in chosen)
    assert {number: count for number, count in result["objective"]["wait_bands"] if count} == bands
    settled = [pair[1] for pair in data.get("frozen", [])]
    waiting = [one["family"] for one in result["waiting"]]
    assert sorted(settled + [identity for _, identity in chosen] + waiting) == sorted(rows)
    for one in result["waiting"]:
        reasons = [failing(row, rows[one["family"]], row["capacity"] - used[row["id"]]) for row in data["mentors"]]
        assert one["first_failed"] == Counter(broken[0] for broken in reasons)
        single = Counter(broken[0] for broken in reasons if len(broken) == 1)
        assert {help_["rule"]: help_["mentors"] for help_ in one["would_help"]} == single
    check_proof(data, result, edges)


def check_proof(data: dict[str, Any], result: dict[str, Any], edges: dict[tuple[str, str], int]) -> None:
    """Prices prove the choice, by additions alone, with ranks and unit worked out here again."""
    settled = {pair[1] for pair in data.get("frozen", [])}
    taken = Counter(pair[0] for pair in data.get("frozen", []))
    open_rows = [row for row in data["families"] if row["id"] not in settled]
    classes = sorted({(row.get("urgent", False), band(data, row)) for row in open_rows})
    rank = {row["id"]: 1 + classes.index((row.get("urgent", False), band(data, row))) for row in open_rows}
    places = {row["id"]: row["capacity"] - taken[row["id"]] for row in data["mentors"]}
    unit = min(len(open_rows), sum(places.values())) * 880 + 1
    p, q = (result["certificate"]["prices"][side] for side in ("mentors", "families"))
    worth = sum(unit * rank[pair["family"]] + pair["fit"]["total"] for pair in result["pairs"])
    assert p.keys() == places.keys()
    assert q.keys() == rank.keys()
    assert min([0, *p.values(), *q.values()]) == 0
    assert all(p[one] + q[other] >= unit * rank[other] + fit for (one, other), fit in edges.items())
    assert sum(q.values()) + sum(places[one] * price for one, price in p.items()) == worth
    assert result["certificate"]["dual_gap"] == result["certificate"]["violations"] == 0


def test_medium_round_is_proved_and_nobody_waits_beside_a_free_mentor() -> None:
    data = random_instance(7, mentors=60, families=200, spread=5)
    result = solved(data)
    check_choice(data, result)
    assert 20 < result["objective"]["matched"] < 180


def test_shuffled_input_changes_nothing() -> None:
    data = random_instance(3, mentors=30, families=90)
    expected = solved(data)
    draw = random.Random(1)
    for _ in range(5):
        shuffled = shuffle(data, draw)
        assert shuffled != data
        assert solved(shuffled) == expected


def shuffle(value: Any, draw: random.Random) -> Any:
    """Every list in another order, but pairs, whose order has a meaning; keys of objects too."""
    if isinstance(value, dict):
        items = [
            (key, [*draw.sample(list_, len(list_))] if key in ("frozen", "drafts") else shuffle(list_, draw))
            for key, list_ in value.items()
        ]
        draw.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return draw.sample([shuffle(member, draw) for member in value], len(value))
    return value


def test_stages_reach_the_same_choice_when_weights_leave_the_range(monkeypatch: pytest.MonkeyPatch) -> None:
    datas = [random_instance(seed, mentors=12, families=40) for seed in range(20)]
    expected = [solved(data) for data in datas]
    module = "services.matching.commands.solve_instance.solve"
    monkeypatch.setattr(module, lambda problem: solver.solve(problem, cost_range=1))
    monkeypatch.setattr(flow, "_in_stages", counted := Mock(wraps=flow._in_stages))
    assert [solved(data) for data in datas] == expected
    assert counted.call_count == 20


def test_rank_is_worth_more_than_all_fits_that_it_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    # Mentor 0 fits families 0 and 2, mentor 1 families 1 and 2. To help family 0 and not family 1, who ranks behind
    # her, costs both good fits: more than one rank is worth in the weights that are tried first.
    problem = solver.Problem(
        places=(1, 1),
        ranks=(2, 1, 2),
        unit=3 * 880 + 1,
        edge_mentors=(0, 0, 1, 1),
        edge_families=(0, 2, 1, 2),
        fits=(0, 880, 880, 0),
        mentor_salts=(1, 2),
        family_salts=(3, 4, 5),
    )
    monkeypatch.setattr(flow, "_settled", tried := Mock(wraps=flow._settled))
    assert solver.solve(problem).chosen == (0, 3)
    assert tried.call_count == 2


def test_weights_beyond_64_bits_are_still_exact() -> None:
    problem = solver.Problem(
        places=(1, 1),
        ranks=(1, 2, 3),
        unit=1 << 70,
        edge_mentors=(0, 0, 1, 1),
        edge_families=(0, 1, 1, 2),
        fits=(9, 5, 3, 1),
        mentor_salts=(1, 2),
        family_salts=(3, 4, 5),
    )
    solution = solver.solve(problem)
    assert solution.chosen == (1, 3)
    weights = [problem.unit * rank + fit for rank, fit in ((1, 9), (2, 5), (2, 3), (3, 1))]
    edges = list(zip(problem.edge_mentors, problem.edge_families, weights, strict=True))
    prices = (solution.mentor_prices, solution.family_prices)
    assert check_prices(edges, solution.chosen, problem.places, *prices) == (0, 0)


def test_engine_keeps_its_range_along_very_long_paths() -> None:
    count = 1500
    stairs = [(place, family_) for family_ in range(count) for place in (family_ - 1, family_) if place >= 0]
    edges = sorted((place, family_) for place, family_ in stairs if place < count - 1)
    draw = random.Random(5)
    problem = solver.Problem(
        places=(1,) * (count - 1),
        ranks=[1 + draw.randrange(60) for _ in range(count)],
        unit=count * 880 + 1,
        edge_mentors=[place for place, _ in edges],
        edge_families=[family_ for _, family_ in edges],
        fits=[draw.randrange(880) for _ in edges],
        mentor_salts=[draw.getrandbits(64) for _ in range(count - 1)],
        family_salts=[draw.getrandbits(64) for _ in range(count)],
    )
    solution = solver.solve(problem)
    weights = [problem.unit * problem.ranks[edge[1]] + fit for edge, fit in zip(edges, problem.fits, strict=True)]
    weighted = [(*edge, weight) for edge, weight in zip(edges, weights, strict=True)]
    prices = (solution.mentor_prices, solution.family_prices)
    assert check_prices(weighted, solution.chosen, problem.places, *prices) == (0, 0)
    assert len(solution.chosen) == count - 1
    left = set(range(count)) - {edges[number][1] for number in solution.chosen}
    assert [problem.ranks[family_] for family_ in left] == [1]


def test_ties_are_broken_by_ids_and_not_by_place() -> None:
    pairs = set()
    for number in range(12):
        twins = [mentor(f"m{number}a"), mentor(f"m{number}b")]
        result = solved(instance(twins, [family()]))
        pairs.add(result["pairs"][0]["mentor"][-1])
    assert pairs == {"a", "b"}


def test_check_of_prices_sees_every_broken_condition() -> None:
    edges = [(0, 0, 10), (0, 1, 8), (1, 1, 4)]
    assert check_prices(edges, [0, 2], [1, 1], [4, 0], [6, 4]) == (0, 0)
    assert check_prices(edges, [0, 2], [1, 1], [5, 0], [6, 4]) == (1, 0)
    assert check_prices(edges, [0, 2], [1, 1], [3, 0], [7, 4]) == (0, 1)
    assert check_prices(edges, [0, 2], [1, 1], [-1, 0], [11, 9]) == (5, 1)
    assert check_prices(edges, [0, 2], [1, 1], [9, 5], [1, -1]) == (0, 1)
    assert check_prices(edges, [0, 1], [1, 1], [8, 4], [2, 0]) == (-4, 1)
    assert check_prices(edges, [1, 2], [1, 1], [8, 0], [2, 4])[1] == 1


def test_oracle_knows_the_points_of_a_pair() -> None:
    row = family(wishes=["health", "school"], slots=["wed-pm", "mon-am"])
    assert points(mentor(), row, draft=True) == 300 + 200 + 90 + 25 + 100

"""Second opinions: thousands of small rounds against trying everything, a city against scipy and against HiGHS."""

from functools import cache
from typing import Any

import highspy
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from deploy.bench.match_towns import town
from services.matching.commands.solve_instance import problem_of, solve_instance
from services.matching.domain.instance import Instance
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy
from services.matching.solver import Problem, columns_of, solve
from services.matching.solver.flow import weights_of
from tests.unit.matching.build import random_instance
from tests.unit.matching.oracle import best_vector

BLOCKS, IN_BLOCK = 4, 500


@pytest.mark.parametrize("block", range(BLOCKS))
def test_thousands_of_small_rounds_reach_what_trying_everything_finds(block: int) -> None:
    matched = 0
    for seed in range(10_000 + block * IN_BLOCK, 10_000 + (block + 1) * IN_BLOCK):
        data = random_instance(seed, mentors=1 + seed % 3, families=1 + seed % 5)
        reached = solve_instance(data, None, lambda: 0.0)["objective"]
        per_band = tuple(count for _, count in reached["wait_bands"])
        assert (reached["urgent"], reached["matched"], per_band, reached["fit"]) == best_vector(data), f"seed {seed}"
        matched += reached["matched"]
    assert matched > IN_BLOCK / 2


@cache
def city() -> tuple[Problem, NDArray[np.int64], int]:
    """2,000 families and 500 mentors."""
    return weighed(read_instance(town("M")[0]))


def weighed(instance: Instance) -> tuple[Problem, NDArray[np.int64], int]:
    """The problem, the weights of its edges, and what our choice weighs."""
    problem = problem_of(instance, Policy(), columns_of(instance))
    weights: NDArray[np.int64] = weights_of(problem)
    return problem, weights, int(weights[list(solve(problem).chosen)].sum())


def test_scipy_finds_no_heavier_choice() -> None:
    problem, weights, ours = city()
    assert scipy_weight(problem, weights) == ours


def test_the_linear_programme_has_no_better_bound() -> None:
    problem, weights, ours = city()
    assert lp_bound(problem, weights) == ours


def scipy_weight(problem: Problem, weights: NDArray[np.int64]) -> int:
    """Each place is a mentor of its own, and each family has a place of its own where she waits, at no gain."""
    mentors, families = np.asarray(problem.edge_mentors), np.asarray(problem.edge_families)
    places, count = np.asarray(problem.places), len(problem.ranks)
    first = np.cumsum(places) - places
    times = places[mentors]
    edge = np.repeat(np.arange(len(weights)), times)
    within = np.arange(len(edge)) - np.repeat(np.cumsum(times) - times, times)
    rows = np.concatenate([families[edge], np.arange(count)])
    columns = np.concatenate([first[mentors[edge]] + within, places.sum() + np.arange(count)])
    # scipy takes a 0 for an edge that is not there, and floats, exact below 2 ** 53.
    shifted = np.concatenate([weights[edge], np.zeros(count, dtype=np.int64)]) + 1
    graph = coo_array((shifted.astype(float), (rows, columns)), shape=(count, int(places.sum()) + count))
    chosen = min_weight_full_bipartite_matching(graph.tocsr(), maximize=True)
    return int(graph.tocsr()[chosen].sum()) - count


def lp_bound(problem: Problem, weights: NDArray[np.int64]) -> int:
    """What no choice can exceed, whole or in parts: each family once, each mentor as often as she has places."""
    mentors, families = np.asarray(problem.edge_mentors), np.asarray(problem.edge_families)
    edges, rows = len(weights), len(problem.ranks) + len(problem.places)
    model: Any = highspy.HighsLp()
    model.num_col_, model.num_row_, model.sense_ = edges, rows, highspy.ObjSense.kMaximize
    model.col_cost_ = weights.astype(float)
    model.col_lower_, model.col_upper_ = np.zeros(edges), np.full(edges, highspy.kHighsInf)
    model.row_lower_ = np.full(rows, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([np.ones(len(problem.ranks)), np.asarray(problem.places, dtype=float)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, 2 * edges + 1, 2)
    model.a_matrix_.index_ = np.stack([families, len(problem.ranks) + mentors], axis=1).ravel()
    model.a_matrix_.value_ = np.ones(2 * edges)
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    # Ranks are a million times as heavy as fits: the simplex method takes ten seconds for it, interior points one.
    solver.setOptionValue("solver", "ipm")
    solver.passModel(model)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    bound: float = solver.getInfo().objective_function_value
    return round(bound)

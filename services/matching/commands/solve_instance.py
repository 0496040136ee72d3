"""Solve one matching file: the same function for the command line and for a stored round. No I/O, no clock."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from services.matching.domain.certificate import Certificate
from services.matching.domain.explanation import Waiting, waiting_of, why_pair
from services.matching.domain.fit import fit_of
from services.matching.domain.instance import Family, Instance, input_sha256
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy, read_policy
from services.matching.domain.result import Proposal, RoundResult, result_document
from services.matching.domain.tiers import family_ranks, objective_of, unit_of
from services.matching.solver import (
    Columns,
    Problem,
    Solution,
    SolverFailed,
    check,
    columns_of,
    count_waiting,
    engine_name,
    find_edges,
    solve,
    solve_by_price,
    too_many,
)

NO_ENGINE = "none"
"""What stands for the engine where no pair passes the rules, and nothing was to be solved."""


def solve_instance(instance: object, policy: object | None, clock: Callable[[], float]) -> dict[str, Any]:
    """The result document of an instance and a policy (default without one), both as JSON gives them.

    ``clock`` answers seconds from any fixed beginning. Raises ``Refused`` with every fault of the input.
    """
    begun = clock()
    rules = Policy() if policy is None else read_policy(policy)
    result = solve_round(read_instance(instance), rules)
    return result_document(result, round(clock() - begun, 3))


def solve_round(instance: Instance, policy: Policy) -> RoundResult:
    """The best round of a checked instance. Raises ``SolverFailed`` rather than answer without a valid proof."""
    columns, families = columns_of(instance), instance.open_families()
    problem, solution = _solved(instance, policy, columns)
    certificate = _certificate(instance, problem, solution)
    proposals = _proposals(instance, policy, problem, solution)
    matched = {pair.family: pair.fit.total for pair in proposals}
    return RoundResult(
        pairs=proposals,
        waiting=_waiting(columns, families, problem, solution),
        objective=objective_of(instance, policy, matched),
        certificate=certificate,
        input_sha256=input_sha256(instance),
        engine=engine_name() if len(problem.fits) else NO_ENGINE,
        policy=policy.version,
    )


def problem_of(instance: Instance, policy: Policy, columns: Columns) -> Problem:
    """What is solved: places, ranks, and every pair that passes the rules with its fit."""
    problem = _without_edges(instance, policy)
    edges = find_edges(columns, problem.places, instance.draft_places(), policy.weights)
    return replace(problem, edge_mentors=edges.mentors, edge_families=edges.families, fits=edges.fits)


def _solved(instance: Instance, policy: Policy, columns: Columns) -> tuple[Problem, Solution]:
    """The solution, and the problem with at least those pairs that prove it."""
    if too_many(columns, instance.free_places()):
        return solve_by_price(columns, _without_edges(instance, policy), instance.draft_places(), policy.weights)
    problem = problem_of(instance, policy, columns)
    return problem, solve(problem)


def _without_edges(instance: Instance, policy: Policy) -> Problem:
    families, ranks = instance.open_families(), family_ranks(instance, policy)
    return Problem(
        places=instance.free_places(),
        ranks=[ranks[family.id] for family in families],
        unit=unit_of(instance, policy),
        edge_mentors=(),
        edge_families=(),
        fits=(),
        mentor_salts=[_salt(mentor.id) for mentor in instance.mentors],
        family_salts=[_salt(family.id) for family in families],
    )


def _salt(identity: str) -> int:
    """64 bits from an id: the tie-break is nobody's favour, and the same from day to day."""
    return int.from_bytes(blake2b(identity.encode(), digest_size=8).digest(), "big")


def _certificate(instance: Instance, problem: Problem, solution: Solution) -> Certificate:
    gap, violations = check(problem, solution)
    if gap or violations:
        raise SolverFailed(f"no proof: gap {gap}, {violations} violations")
    return Certificate(
        dual_gap=gap,
        violations=violations,
        mentor_prices=_by_id([mentor.id for mentor in instance.mentors], solution.mentor_prices),
        family_prices=_by_id([family.id for family in instance.open_families()], solution.family_prices),
    )


def _by_id(ids: list[str], prices: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(ids, prices, strict=True))


def _proposals(instance: Instance, policy: Policy, problem: Problem, solution: Solution) -> tuple[Proposal, ...]:
    families, drafts = instance.open_families(), frozenset(instance.drafts)
    proposals: list[Proposal] = []
    for number in solution.chosen:
        mentor, family = instance.mentors[problem.edge_mentors[number]], families[problem.edge_families[number]]
        is_draft = (mentor.id, family.id) in drafts
        fit = fit_of(mentor, family, is_draft, policy.weights)
        if fit.total != problem.fits[number]:
            raise SolverFailed(f"a pair was weighed with {problem.fits[number]} points and has {fit.total}")
        proposals.append(Proposal(mentor.id, family.id, fit, why_pair(instance, mentor, family, is_draft, policy)))
    return tuple(proposals)


def _waiting(columns: Columns, families: Sequence[Family], problem: Problem, solution: Solution) -> tuple[Waiting, ...]:
    """Whoever was not chosen, and why, when this round's places are taken."""
    left, helped = list(problem.places), set[int]()
    for number in solution.chosen:
        left[problem.edge_mentors[number]] -= 1
        helped.add(int(problem.edge_families[number]))
    waiting = [number for number in range(len(families)) if number not in helped]
    counted = zip(waiting, count_waiting(columns, waiting, left), strict=True)
    return tuple(waiting_of(families[number], failed, single) for number, (failed, single) in counted)

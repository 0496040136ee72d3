"""Solve one matching file: the same function for the command line and for a stored round. No I/O, no clock."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from services.matching.domain.certificate import Certificate, check_prices
from services.matching.domain.explanation import why_pair, why_waiting
from services.matching.domain.fit import Fit, fit_of
from services.matching.domain.instance import Family, Instance, Mentor, input_sha256
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy, read_policy
from services.matching.domain.result import Proposal, RoundResult, result_document
from services.matching.domain.rules import MentorSets, members, places_mask
from services.matching.domain.tiers import family_ranks, objective_of, unit_of
from services.matching.solver import Problem, Solution, SolverFailed, engine_name, solve


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A pair that passes every rule, by position of mentor and open family."""

    mentor: int
    family: int
    fit: Fit


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
    sets, families, places = MentorSets.of(instance), instance.open_families(), instance.free_places()
    candidates = _candidates(instance, sets, policy)
    problem = _problem(instance, policy, candidates)
    solution = solve(problem)
    certificate = _certificate(instance, problem, solution)
    proposals = _proposals(instance, policy, [candidates[number] for number in solution.chosen])
    left = list(places)
    for number in solution.chosen:
        left[candidates[number].mentor] -= 1
    matched = {pair.family: pair.fit.total for pair in proposals}
    with_places = places_mask(left)
    return RoundResult(
        pairs=proposals,
        waiting=tuple(why_waiting(sets, family, with_places) for family in families if family.id not in matched),
        objective=objective_of(instance, policy, matched),
        certificate=certificate,
        input_sha256=input_sha256(instance),
        engine=engine_name(),
        policy=policy.version,
    )


def _candidates(instance: Instance, sets: MentorSets, policy: Policy) -> list[_Candidate]:
    """Every pair that passes the rules, sorted by mentor, then family, as the solver wants them."""
    with_places, drafts = places_mask(instance.free_places()), frozenset(instance.drafts)
    found = [
        _Candidate(number, place, _fit(instance.mentors[number], family, drafts, policy))
        for place, family in enumerate(instance.open_families())
        for number in members(sets.candidates(family, with_places))
    ]
    return sorted(found, key=lambda candidate: (candidate.mentor, candidate.family))


def _fit(mentor: Mentor, family: Family, drafts: frozenset[tuple[str, str]], policy: Policy) -> Fit:
    return fit_of(mentor, family, (mentor.id, family.id) in drafts, policy.weights)


def _problem(instance: Instance, policy: Policy, candidates: list[_Candidate]) -> Problem:
    families, ranks = instance.open_families(), family_ranks(instance, policy)
    return Problem(
        places=instance.free_places(),
        ranks=[ranks[family.id] for family in families],
        unit=unit_of(instance, policy),
        edge_mentors=[candidate.mentor for candidate in candidates],
        edge_families=[candidate.family for candidate in candidates],
        fits=[candidate.fit.total for candidate in candidates],
        mentor_salts=[_salt(mentor.id) for mentor in instance.mentors],
        family_salts=[_salt(family.id) for family in families],
    )


def _salt(identity: str) -> int:
    """64 bits from an id: the tie-break is nobody's favour, and the same from day to day."""
    return int.from_bytes(blake2b(identity.encode(), digest_size=8).digest(), "big")


def _certificate(instance: Instance, problem: Problem, solution: Solution) -> Certificate:
    edges = [
        (mentor, family, problem.unit * problem.ranks[family] + fit)
        for mentor, family, fit in zip(problem.edge_mentors, problem.edge_families, problem.fits, strict=True)
    ]
    gap, violations = check_prices(
        edges, solution.chosen, problem.places, solution.mentor_prices, solution.family_prices
    )
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


def _proposals(instance: Instance, policy: Policy, chosen: list[_Candidate]) -> tuple[Proposal, ...]:
    families, drafts = instance.open_families(), frozenset(instance.drafts)
    proposals: list[Proposal] = []
    for candidate in chosen:
        mentor, family = instance.mentors[candidate.mentor], families[candidate.family]
        why = why_pair(instance, mentor, family, (mentor.id, family.id) in drafts, policy)
        proposals.append(Proposal(mentor.id, family.id, candidate.fit, why))
    return tuple(proposals)

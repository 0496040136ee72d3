"""What a round is compared with: greedy by weight, and first come first served. Neither moves anybody again."""

from collections.abc import Iterable, Mapping, Sequence

from services.matching.domain.fit import fit_of
from services.matching.domain.instance import Instance
from services.matching.domain.policy import Policy
from services.matching.domain.rules import MentorSets, members, places_mask

Edge = tuple[int, int, int]
"""A mentor's position, an open family's position, and the pair's fit in points."""

Choice = dict[int, tuple[int, int]]
"""For each family that gets somebody, by position: the mentor's position and the fit."""


def every_edge(instance: Instance, policy: Policy) -> list[Edge]:
    """Every pair that passes the rules at the beginning of the round, family by family."""
    sets, drafts = MentorSets.of(instance), frozenset(instance.drafts)
    with_places = places_mask(instance.free_places())
    return [
        (number, place, fit_of(mentor, family, (mentor.id, family.id) in drafts, policy.weights).total)
        for place, family in enumerate(instance.open_families())
        for number in members(sets.candidates(family, with_places))
        for mentor in (instance.mentors[number],)
    ]


def greedy(edges: Iterable[Edge], ranks: Sequence[int], places: Sequence[int]) -> Choice:
    """The best pair first, by rank and then fit, as long as both are free: also what deferred acceptance gives here.

    Both sides order pairs by the same weight, so no pair that it leaves would rather be together.
    """
    return _taken_in_turn(sorted(edges, key=lambda edge: (-ranks[edge[1]], -edge[2], edge[1], edge[0])), places)


def first_come(edges: Iterable[Edge], waiting_since: Sequence[str], places: Sequence[int]) -> Choice:
    """Who has waited longest chooses first, and takes the free mentor that fits best; urgency counts for nothing."""
    return _taken_in_turn(sorted(edges, key=lambda edge: (waiting_since[edge[1]], edge[1], -edge[2], edge[0])), places)


def _taken_in_turn(edges: Iterable[Edge], places: Sequence[int]) -> Choice:
    left, chosen = list(places), {}
    for mentor, family, fit in edges:
        if left[mentor] > 0 and family not in chosen:
            left[mentor] -= 1
            chosen[family] = (mentor, fit)
    return chosen


def blocking_pairs(edges: Iterable[Edge], ranks: Sequence[int], places: Sequence[int], chosen: Choice) -> int:
    """How many pairs would rather be together than as the round has them; reported, never minimised.

    Nobody can leave past the coordinator, and families helped count for more than envy.
    """
    left, worst = list(places), _least_wanted(chosen, ranks)
    for mentor, _ in chosen.values():
        left[mentor] -= 1
    count = 0
    for mentor, family, fit in edges:
        weight = (ranks[family], fit)
        has = chosen.get(family)
        family_would = has is None or has[1] < fit
        count += family_would and (left[mentor] > 0 or (mentor in worst and worst[mentor] < weight))
    return count


def _least_wanted(chosen: Choice, ranks: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    worst: dict[int, tuple[int, int]] = {}
    for family, (mentor, fit) in chosen.items():
        weight = (ranks[family], fit)
        worst[mentor] = min(worst.get(mentor, weight), weight)
    return worst

"""What it costs to make room for one more pair in a solved round, along the cheapest chain of moves."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from services.matching.domain.instance import Family, Mentor
from services.matching.domain.rules import members
from services.matching.domain.solved import SolvedRound

PATIENCE: Final = 500
"""So many families may be asked to move before the search is given up."""
_LIST: Final = ""
"""The waiting list, among mentors: from it somebody may come in, to it somebody may go."""


class _GivenUp(Exception):  # an answer, not a fault
    """Too many families would have to be looked at."""


@dataclass(frozen=True, slots=True)
class Detour:
    """What the chain costs, and the ranks that it loses: of whoever waits instead, less those of whoever comes in."""

    cost: int
    ranks: int


def least_detour(solved: SolvedRound, mentor: Mentor, family: Family, patience: int = PATIENCE) -> Detour | None:
    """What the best round with this pair costs above the pair's own gap; ``None`` where the search is given up.

    Somebody whom the mentor has makes room and goes to another mentor, who may have to make room in turn, until a
    free place is reached, or the one that ``family`` leaves, or somebody waits instead. Each step costs what its
    prices exceed its weight by, which is never negative; so the cheapest chain is found as a shortest way.
    """
    goal = solved.chosen.get(family.id, _LIST)
    search = _Search(solved, family.id, patience)
    costs, queue = {mentor.id: 0}, [(0, mentor.id, 0)]
    try:
        while queue:
            cost, place, ranks = heapq.heappop(queue)
            if place == goal:
                return Detour(cost, ranks)
            if cost > costs[place]:
                continue
            for further, step, lost in search.steps(place):
                if cost + step < costs.get(further, cost + step + 1):
                    costs[further] = cost + step
                    heapq.heappush(queue, (cost + step, further, ranks + lost))
    except _GivenUp:
        return None
    raise AssertionError("somebody can always wait instead")


@dataclass(slots=True)
class _Search:
    """From a mentor with one family too many, or the list with one more than before, where one can go instead."""

    solved: SolvedRound
    family: str
    patience: int
    asked: set[str] = field(default_factory=set)

    def steps(self, place: str) -> Iterator[tuple[str, int, int]]:
        """Where it can go on from there, what that costs, and the rank that is lost by it."""
        solved = self.solved
        if place == _LIST:
            # A place that nobody takes any more costs what it was worth; or somebody else comes in.
            yield from ((mentor, solved.mentor_prices.get(mentor, 0), 0) for mentor in solved.given)
            for key, rank in solved.ranks.items():
                if key not in solved.chosen and key != self.family:
                    yield from ((mentor, step, -rank) for mentor, step in self._ways(key, place))
            return
        if solved.left[solved.sets.position[place]] > 0:
            yield _LIST, 0, 0
        for key in solved.given.get(place, ()):
            if key != self.family:
                yield _LIST, solved.family_prices.get(key, 0), solved.ranks[key]
                yield from ((mentor, step, 0) for mentor, step in self._ways(key, place))

    def _ways(self, key: str, away_from: str) -> Iterator[tuple[str, int]]:
        """The other mentors that a family could go to, and what each costs."""
        self.asked.add(key)
        if len(self.asked) > self.patience:
            raise _GivenUp
        solved = self.solved
        family, price = solved.families[key], solved.family_prices.get(key, 0)
        for number in members(solved.sets.candidates(family, solved.with_places)):
            mentor = solved.instance.mentors[number]
            if mentor.id != away_from:
                yield mentor.id, price + solved.mentor_prices.get(mentor.id, 0) - solved.weight(mentor, family)

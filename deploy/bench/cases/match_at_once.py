"""Matching at once: candidates with reasons over HTTP, and families taken in one by one."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from deploy.bench.candidates_scene import CandidatesScene
from deploy.bench.harness import Bench, Pair, Run, benchmark
from deploy.bench.match_towns import SIZES, city
from deploy.bench.round_scene import round_scene
from services.matching.commands.solve_instance import solve_round
from services.matching.domain.instance import Instance
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy
from services.matching.domain.rules import MentorSets
from services.matching.domain.swap import Drafts

CANDIDATES_NOTES: Final = """
The goal is at most 10 ms more than an empty authorised request of the same service, so the second side is the empty
request (a list in which nobody is) with 10 ms added, and the goal a ratio of 1; the plain ratio of the two requests
stands in the conditions. An answer has every candidate with points, price and reasons as sentences, 200 of the others
with the rule that each fails at first, all of the others counted, and what would help.

Between two requests the process keeps the mentors of the programme as sets of bits, for as long as one statement finds
their versions, the rounds and the tandems unchanged; the same statement reads the family's consents, its rejections
and its place, which are never kept. Most of the rest is Python making sentences and JSON.
"""
_MORE_MS: Final = 10.0
_OTHERS: Final = 100
_MENTORS: Final = (100, 1_000)
_QUICK: Final = (100,)


@asynccontextmanager
async def candidates_scene(run: Run) -> AsyncIterator[CandidatesScene]:
    """On the same service and towns as the rounds."""
    yield CandidatesScene(await run.shared(round_scene))


@benchmark(
    name="match-candidates",
    what="GET …/candidates: 99 of 100 are answered within; every candidate with reasons, one client",
    baseline="an empty authorised request of the same service, and 10 ms",
    unit="ms",
    goal=1.0,
    direction="at_most",
    notes=CANDIDATES_NOTES,
)
async def match_candidates(bench: Bench) -> None:
    """A thousand mentors; a hundred show how it grows."""
    scene = await bench.shared(candidates_scene)
    sizes = _QUICK if bench.quick else _MENTORS
    pairs = {mentors: Pair(partial(scene.ours, mentors), partial(_with_allowance, scene, mentors)) for mentors in sizes}
    await bench.grows("mentors", pairs, at=sizes[-1])
    ours, empty = scene.latest["candidates"], scene.latest["empty"]
    bench.condition(empty_ms=round(empty, 2), more_ms=round(ours - empty, 2), plain_ratio=round(ours / empty, 2))
    medians = {name: round(value, 2) for name, value in scene.medians.items()}
    bench.condition(medians_ms=medians, bytes_answered=scene.bytes_answered)


async def _with_allowance(scene: CandidatesScene, mentors: int, seconds: float) -> float:
    return _MORE_MS + await scene.empty(mentors, seconds)


INSERT_NOTES: Final = """
Every city is another one, of 2,000 families and 500 mentors with about three places for four families. The families
come one by one, longest waiting first, and nobody knows who comes next: each gets a free place, by fit less the price
that the mentor had in an earlier round with other families; or one draft moves to another free place for it. Who has
been told of a proposal is never moved. Without prices it is 0.990 to 0.997, with twice as many moves.
"""


@benchmark(
    name="match-insert",
    what="families matched when they come one by one and at most one draft moves for each",
    baseline="families matched by the exact round of all of them",
    unit="families",
    goal=0.995,
    direction="at_least",
    notes=INSERT_NOTES,
)
async def match_insert(bench: Bench) -> None:
    """The same cities in the same order on both sides."""
    ours, exact = Arrivals(), Arrivals()
    await bench.in_turns(ours.one_by_one, exact.all_at_once, warm=0)
    bench.condition(families=SIZES["M"].families, mentors=SIZES["M"].mentors, moved=ours.moved, slowest_ms=ours.slowest)


@dataclass(slots=True)
class Arrivals:
    """One city after the other, from the same seeds."""

    seed: int = 0
    moved: list[int] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    """Of each city the milliseconds within which 99 of 100 families had their answer."""

    async def one_by_one(self, _: float) -> float:
        """How many get a mentor as they come."""
        instance = self._next()
        drafts = _drafts(instance, self._earlier())
        matched, moved, times = 0, 0, []
        for family in sorted(instance.open_families(), key=lambda one: (one.waiting_since, one.id)):
            began = time.perf_counter()
            move = drafts.find(family)
            times.append(time.perf_counter() - began)
            if move is not None:
                drafts.take(family, move)
                matched, moved = matched + 1, moved + (move.moved is not None)
        self.moved.append(moved)
        self.slowest.append(round(1_000 * sorted(times)[len(times) * 99 // 100], 2))
        return matched

    async def all_at_once(self, _: float) -> float:
        """How many get a mentor in one round."""
        return len(solve_round(self._next(), Policy()).pairs)

    def _next(self) -> Instance:
        self.seed += 1
        return read_instance(_city(self.seed))

    def _earlier(self) -> Instance:
        """The same mentors with other families."""
        return read_instance({**_city(self.seed), "families": _city(self.seed + _OTHERS)["families"]})


def _city(seed: int) -> dict[str, Any]:
    return city(SIZES["M"].families, SIZES["M"].mentors, seed)


def _drafts(instance: Instance, earlier: Instance) -> Drafts:
    prices = solve_round(earlier, Policy()).certificate.mentor_prices
    return Drafts(instance.mentors, MentorSets.of(instance), list(instance.free_places()), Policy(), prices)

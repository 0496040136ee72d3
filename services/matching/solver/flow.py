"""The heaviest choice of pairs and the prices that prove it.

Heaviest assignment with capacities as a min-cost flow family -> mentor -> sink, with a free arc for waiting. It is
solved twice: by weight, and then, among all the heaviest, by a hash of the pair. The second makes the answer unique
for practical purposes, so neither the order of input nor a new version of the engine can change it.
"""

from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from services.matching.solver.problem import Problem, Solution, SolverFailed

COST_RANGE = 1 << 60
"""Bound for |cost| * (nodes + 3) ** 2 and for a single weight.

The engine (ortools 9.15) scales costs by the number of nodes, and its potentials may then grow along a path of as many
nodes, all in int64: within |cost| * nodes alone, 6,000 nodes were answered with BAD_COST_RANGE.
"""

PATIENCE = 50
"""Prices of a choice that is the heaviest settle in a dozen rounds; those of another never do."""

Numbers = NDArray[np.int64]
Places = NDArray[np.signedinteger[Any]]
Ints = NDArray[Any]
"""int64, or Python's integers (dtype object) where int64 is too small."""


@dataclass(frozen=True, slots=True)
class Face:
    """All optimal choices: the edges that may be used, the families that may wait, the mentors that may stay free."""

    edges: NDArray[np.bool_]
    may_wait: NDArray[np.bool_]
    may_stay_free: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Network:
    """Edges by position, and each mentor's places."""

    mentors: Numbers
    families: Numbers
    places: Numbers
    family_count: int

    @property
    def nodes(self) -> int:
        """Families, mentors and the sink."""
        return self.family_count + len(self.places) + 1

    @property
    def hash_bits(self) -> int:
        """Of a number that breaks ties."""
        return self.highest_cost().bit_length() - 1

    def highest_cost(self, cost_range: int = COST_RANGE) -> int:
        """What one edge may cost at most."""
        return (cost_range - 1) // (self.nodes + 3) ** 2


@dataclass(frozen=True, slots=True)
class Best:
    """The chosen edges as a mask, what each edge weighs, and the prices."""

    chosen: NDArray[np.bool_]
    weights: Ints
    mentor_prices: Ints
    family_prices: Ints


def engine_name() -> str:
    """Engine, its version and its method, as results name it."""
    release = ".".join(version("ortools").split(".")[:2])
    return f"ortools-{release}/min-cost-flow"


def solve(problem: Problem, cost_range: int = COST_RANGE) -> Solution:
    """The heaviest choice with prices. Raises ``SolverFailed``; ``cost_range`` is smaller in tests only.

    Where the weights do not fit, ranks and fits are solved one after the other on the face of optimal choices.
    """
    if len(problem.edge_mentors) == 0:
        return Solution((), (0,) * len(problem.places), (0,) * len(problem.ranks))
    network = network_of(problem)
    best = heaviest(problem, network, cost_range)
    face = face_of(network, best.weights, best.mentor_prices, best.family_prices)
    hashes = np.zeros(len(network.mentors), dtype=np.int64)
    hashes[face.edges] = pair_hashes(problem, network, network.mentors[face.edges], network.families[face.edges])
    chosen = flow(network, hashes, face)
    return Solution(
        chosen=tuple(np.flatnonzero(chosen).tolist()),
        mentor_prices=tuple(best.mentor_prices.tolist()),
        family_prices=tuple(best.family_prices.tolist()),
    )


def network_of(problem: Problem) -> Network:
    """The problem's edges and places in arrays; more places than families would be of no use to anybody."""
    count = len(problem.ranks)
    return Network(
        mentors=np.asarray(problem.edge_mentors, dtype=np.int64),
        families=np.asarray(problem.edge_families, dtype=np.int64),
        places=np.asarray([min(places, count) for places in problem.places], dtype=np.int64),
        family_count=count,
    )


def heaviest(problem: Problem, network: Network, cost_range: int = COST_RANGE) -> Best:
    """One heaviest choice of a problem with edges, and the lowest mentor prices that prove it."""
    exact = weights_of(problem, cost_range)
    found = _quickly(problem, network, exact, cost_range)
    if found is not None:
        return found
    if int(exact.max()) <= network.highest_cost(cost_range):
        chosen = flow(network, exact, everything(network))
    else:
        ranks = np.asarray(problem.ranks, dtype=np.int64)[network.families]
        chosen = _in_stages(network, ranks, np.asarray(problem.fits, dtype=np.int64))
    return Best(chosen, exact, *prices_of(network, exact, chosen))


def _quickly(problem: Problem, network: Network, exact: Ints, cost_range: int) -> Best | None:
    """The same from smaller weights, if it proves to be: the engine needs a third less time for them.

    A rank is worth one best fit and not all fits together. That is nearly always enough; prices under the exact weights
    say whether it was.
    """
    unit = int(np.asarray(problem.fits).max()) + 1
    gains = weights_of(replace(problem, unit=unit), cost_range) if unit < problem.unit else exact
    if gains is exact or int(gains.max()) > network.highest_cost(cost_range):
        return None
    chosen = flow(network, gains, everything(network))
    prices = _settled(network, exact, chosen, PATIENCE)
    if prices is None or not _supports(network, chosen, *prices):
        return None
    return Best(chosen, exact, *prices)


def _supports(network: Network, chosen: NDArray[np.bool_], mentor_prices: Ints, family_prices: Ints) -> bool:
    """Whether settled prices prove the choice: nobody's is negative, and a place that is free costs nothing."""
    taken = np.bincount(network.mentors[chosen], minlength=len(network.places))
    return bool((family_prices >= 0).all()) and not bool(mentor_prices[taken < network.places].any())


def weights_of(problem: Problem, cost_range: int = COST_RANGE) -> Ints:
    """What each edge weighs, exactly."""
    families, fits = np.asarray(problem.edge_families, dtype=np.int64), np.asarray(problem.fits, dtype=np.int64)
    most = problem.unit * max(problem.ranks, default=0) + int(fits.max(initial=0))
    kind = np.int64 if most < cost_range else object
    weights: Ints = np.asarray(problem.ranks, dtype=kind)[families] * problem.unit + fits.astype(kind)
    return weights


def check(problem: Problem, solution: Solution) -> tuple[int, int]:
    """Gap and violations of prices and choice, in exact arithmetic, as ``domain/certificate.py`` counts them."""
    weights = weights_of(problem)
    mentors, families = (np.asarray(some, dtype=np.int64) for some in (problem.edge_mentors, problem.edge_families))
    chosen = np.asarray(solution.chosen, dtype=np.int64)
    mentor_prices, family_prices = (
        np.asarray(prices, dtype=weights.dtype) for prices in (solution.mentor_prices, solution.family_prices)
    )
    taken = np.bincount(mentors[chosen], minlength=len(problem.places)) if len(chosen) else 0
    given = np.bincount(families[chosen], minlength=len(problem.ranks)) if len(chosen) else 0
    broken = (
        np.count_nonzero(mentor_prices < 0) + np.count_nonzero(family_prices < 0)
        + np.count_nonzero(mentor_prices[mentors] + family_prices[families] < weights)
        + np.count_nonzero(taken > np.asarray(problem.places)) + np.count_nonzero(np.asarray(given) > 1)
    )  # fmt: skip
    # Sums of many 64-bit numbers need more than 64 bits.
    total = sum(solution.family_prices) + sum(
        count * price for count, price in zip(problem.places, solution.mentor_prices, strict=True)
    )
    return total - sum(weights[chosen].tolist()), int(broken)


def _in_stages(network: Network, ranks: Ints, fits: Ints) -> NDArray[np.bool_]:
    by_rank = flow(network, ranks, everything(network))
    return flow(network, fits, face_of(network, ranks, *prices_of(network, ranks, by_rank)))


def everything(network: Network) -> Face:
    """No edge, no family and no mentor is bound."""
    return Face(
        edges=np.ones(len(network.mentors), dtype=np.bool_),
        may_wait=np.ones(network.family_count, dtype=np.bool_),
        may_stay_free=np.ones(len(network.places), dtype=np.bool_),
    )


def flow(network: Network, gains: Ints, face: Face) -> NDArray[np.bool_]:
    """The choice within ``face`` that gains most, as a mask over all edges."""
    if int(np.abs(gains[face.edges]).max(initial=0)) > network.highest_cost():
        raise SolverFailed("costs are out of the engine's range")
    count, sink = network.family_count, network.nodes - 1
    edges = np.flatnonzero(face.edges)
    # Whoever nobody fits waits anyway: a node without arcs is no work for the engine.
    asking = np.zeros(count, dtype=np.bool_)
    asking[network.families[edges]] = True
    waiting = np.flatnonzero(face.may_wait & asking)
    free = np.flatnonzero(face.may_stay_free)
    # A mentor who must be full takes in exactly the places; nothing flows on to the sink.
    supplies = np.concatenate([asking.astype(np.int64), np.where(face.may_stay_free, 0, -network.places), [0]])
    supplies[sink] = -supplies.sum()
    engine = min_cost_flow.SimpleMinCostFlow()
    arcs = engine.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([network.families[edges], waiting, count + free]),
        np.concatenate([count + network.mentors[edges], np.full(len(waiting) + len(free), sink)]),
        np.concatenate([np.ones(len(edges) + len(waiting), dtype=np.int64), network.places[free]]),
        np.concatenate([-gains[edges], np.zeros(len(waiting) + len(free), dtype=np.int64)]),
    )
    engine.set_nodes_supplies(np.arange(sink + 1), supplies)
    status = engine.solve()
    if status != engine.OPTIMAL:
        raise SolverFailed(f"status {status}")
    chosen = np.zeros(len(network.mentors), dtype=np.bool_)
    chosen[edges] = engine.flows(arcs[: len(edges)]) == 1
    return chosen


def prices_of(network: Network, weights: Ints, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The lowest mentor prices that support the choice, and the families' prices with them."""
    prices = _settled(network, weights, chosen, len(network.places) + 2)
    if prices is None:
        raise SolverFailed("prices do not settle: the choice is not optimal")
    return prices


def _settled(network: Network, weights: Ints, chosen: NDArray[np.bool_], rounds: int) -> tuple[Ints, Ints] | None:
    """Longest alternating paths from the waiting families; ``None`` where they still grow after so many rounds."""
    mentor_prices: Ints = np.zeros(len(network.places), dtype=weights.dtype)
    family_prices: Ints = np.zeros(network.family_count, dtype=weights.dtype)
    beginnings = np.flatnonzero(np.diff(network.mentors, prepend=-1))
    owners = network.mentors[beginnings]
    matched, partner, worth = network.families[chosen], network.mentors[chosen], weights[chosen]
    for _ in range(rounds):
        family_prices[matched] = worth - mentor_prices[partner]
        asked = np.maximum.reduceat(weights - family_prices[network.families], beginnings)
        raised = mentor_prices.copy()
        raised[owners] = np.maximum(raised[owners], asked)
        if bool((raised == mentor_prices).all()):
            return mentor_prices, family_prices
        mentor_prices = raised
    return None


def face_of(network: Network, weights: Ints, mentor_prices: Ints, family_prices: Ints) -> Face:
    """What the prices leave to choose: pairs that cost what they weigh, families and mentors that cost nothing."""
    asked = mentor_prices[network.mentors] + family_prices[network.families]
    return Face(
        edges=np.asarray(asked == weights, dtype=np.bool_),
        may_wait=np.asarray(family_prices == 0, dtype=np.bool_),
        may_stay_free=np.asarray(mentor_prices == 0, dtype=np.bool_),
    )


def pair_hashes(problem: Problem, network: Network, mentors: Places, families: Places) -> Numbers:
    """A number per pair from its two salts, as many bits as the engine's range allows."""
    mentor_salts = np.asarray(problem.mentor_salts, dtype=np.uint64)[mentors]
    family_salts = np.asarray(problem.family_salts, dtype=np.uint64)[families]
    mixed = _mix(mentor_salts + _mix(family_salts)) >> np.uint64(64 - network.hash_bits)
    return mixed.astype(np.int64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finishing step of SplitMix64: every input bit reaches every output bit; wraps around on purpose."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))

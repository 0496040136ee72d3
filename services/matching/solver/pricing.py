"""Very many pairs without keeping them: the best few of each family, and whatever their prices show to be missing.

A choice among some of the pairs is the heaviest among all of them where no pair is left that weighs more than its two
prices. So a few pairs a family are solved, all pairs are looked at in passing, those that weigh more are added, until
there are none. Then the same with the hashes that break ties, among the pairs that cost what they weigh. Both end with
what all pairs at once would have given, prices and choice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.policy import Weights
from services.matching.solver.columns import Columns
from services.matching.solver.edges import count_edges, edge_blocks
from services.matching.solver.flow import (
    Best,
    Face,
    Ints,
    Numbers,
    Places,
    flow,
    heaviest,
    network_of,
    pair_hashes,
    prices_of,
    solve,
)
from services.matching.solver.problem import Problem, Solution
from services.matching.solver.scores import Edges

FROM_EDGES = 3_000_000
"""Pairs that are kept cost 150 bytes each, and a round may have 768 MiB; from here on pricing is as fast."""
PER_FAMILY = 50
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Some:
    """Some of the pairs, by their key (mentor, then family), each once."""

    keys: Numbers
    fits: NDArray[np.int32]

    @classmethod
    def joined(cls, parts: Sequence["_Some"]) -> "_Some":
        """All of them, sorted."""
        keys, first = np.unique(np.concatenate([part.keys for part in parts]), return_index=True)
        return cls(keys, np.concatenate([part.fits for part in parts])[first])

    def __or__(self, other: "_Some") -> "_Some":
        return _Some.joined([self, other])


_NONE = _Some(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class _All:
    """Every pair, made anew whenever somebody looks at all of them."""

    columns: Columns
    problem: Problem
    drafts: Sequence[tuple[int, int]]
    weights: Weights

    def blocks(self) -> Iterator[Edges]:
        free = np.asarray([count > 0 for count in self.problem.places], dtype=np.bool_)
        return edge_blocks(self.columns, free, self.drafts, self.weights, block=_BLOCK)

    def most(self, gain: Callable[[Edges], Ints], count: int) -> _Some:
        """The pairs of each family that gain most, if anything; of those that gain the same any, by their hash."""
        network = network_of(self.problem)
        found = [_NONE]
        for block in self.blocks():
            gains = gain(block)
            there = np.flatnonzero(gains > 0)
            mentors, families = block.mentors[there], block.families[there]
            hashes = pair_hashes(self.problem, network, mentors, families)
            kept = there[_most_of_each(families, gains[there], hashes, count)]
            keys = block.mentors[kept].astype(np.int64) * network.family_count + block.families[kept]
            found.append(_Some(keys, block.fits[kept]))
        return _Some.joined(found)

    def among(self, some: _Some) -> Problem:
        """The problem with these pairs only."""
        mentors, families = np.divmod(some.keys, len(self.problem.ranks))
        return replace(self.problem, edge_mentors=mentors, edge_families=families, fits=some.fits)


def too_many(columns: Columns, places: Sequence[int]) -> bool:
    """Whether the pairs are better priced than kept."""
    return count_edges(columns, places) > FROM_EDGES


def solve_by_price(
    columns: Columns, problem: Problem, drafts: Sequence[tuple[int, int]], weights: Weights
) -> tuple[Problem, Solution]:
    """The problem (given without edges) with the pairs that were needed, and its solution.

    The prices hold for every pair of the columns, not only for those.
    """
    every = _All(columns, problem, drafts, weights)
    some = every.most(lambda block: block.fits + np.int64(1), PER_FAMILY)
    if not len(some.keys):
        return problem, solve(problem)
    ranks = np.asarray(problem.ranks, dtype=np.int64) * problem.unit
    while True:
        asked = every.among(some)
        best = heaviest(asked, network_of(asked))
        missing = every.most(lambda block: _surplus(block, ranks, best), PER_FAMILY)  # noqa: B023  # used at once
        if not len(missing.keys):
            break
        some |= missing
    tight, chosen = _unique(every, ranks, best, _Some(some.keys[best.chosen], some.fits[best.chosen]))
    whole = some | tight
    solution = Solution(
        chosen=tuple(np.flatnonzero(np.isin(whole.keys, chosen)).tolist()),
        mentor_prices=tuple(best.mentor_prices.tolist()),
        family_prices=tuple(best.family_prices.tolist()),
    )
    return every.among(whole), solution


def _surplus(block: Edges, ranks: Ints, best: Best) -> Ints:
    """What a pair weighs beyond its prices."""
    asked = best.mentor_prices[block.mentors] + best.family_prices[block.families]
    surplus: Ints = ranks[block.families] + block.fits - asked
    return surplus


def _unique(every: _All, ranks: Ints, best: Best, chosen: _Some) -> tuple[_Some, Numbers]:
    """Of all heaviest choices the one with the highest hashes: pairs that were looked at, and the keys of the chosen.

    Whoever has a price must be chosen. As a bonus above all hashes this gives prices, and with them what is missing.
    """
    network = network_of(every.problem)
    bonus = (network.family_count + 1) << network.hash_bits
    must_mentors, must_families = best.mentor_prices > 0, best.family_prices > 0

    def gain(mentors: Places, families: Places) -> Ints:
        bound = must_mentors[mentors].astype(np.int64) + must_families[families]
        return pair_hashes(every.problem, network, mentors, families) + bound * bonus + 1

    def tight(block: Edges, beyond: Callable[[Places, Places], Ints]) -> Ints:
        found = np.flatnonzero(_surplus(block, ranks, best) == 0)
        gains: Ints = np.zeros(len(block), dtype=np.int64)
        gains[found] = beyond(block.mentors[found], block.families[found])
        return gains

    some = every.most(lambda block: tight(block, gain), PER_FAMILY) | chosen
    while True:
        here = network_of(every.among(some))
        face = Face(np.ones(len(some.keys), dtype=np.bool_), ~must_families, ~must_mentors)
        hashes = pair_hashes(every.problem, network, here.mentors, here.families)
        taken = flow(here, hashes, face)
        prices = prices_of(here, gain(here.mentors, here.families), taken)
        missing = every.most(
            lambda block: tight(block, lambda m, f: gain(m, f) - prices[0][m] - prices[1][f]),  # noqa: B023
            PER_FAMILY,
        )
        if not len(missing.keys):
            return some, some.keys[taken]
        some |= missing


def _most_of_each(families: NDArray[np.int32], gains: Ints, hashes: Numbers, count: int) -> Numbers:
    """Positions of the ``count`` highest of each family; equal families stand together."""
    spare = 62 - int(gains.max(initial=0)).bit_length()
    order = (gains << spare) + (hashes >> max(0, int(hashes.max(initial=0)).bit_length() - spare))
    edges = np.flatnonzero(np.diff(families, prepend=-1, append=-1))
    kept: list[Numbers] = [np.zeros(0, dtype=np.int64)]
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if end - begin <= count:
            kept.append(np.arange(begin, end))
        else:
            kept.append(begin + np.argpartition(order[begin:end], end - begin - count)[-count:])
    return np.concatenate(kept)

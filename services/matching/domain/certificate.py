"""The proof that no round is better, which anybody can check with additions alone.

A pair weighs ``unit * rank(family) + fit`` (``tiers.py``). Prices p of mentors (per place) and q of families prove it:
none is negative, ``p + q`` is at least the weight of every pair that passes the rules, and ``sum(q) + sum(places * p)``
equals the weight of the chosen pairs. By weak duality no other choice can then weigh more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Edge = tuple[int, int, int]
"""A mentor's position, a family's position, and the pair's weight."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Gap between prices and weight, number of broken conditions (both 0 for a proof), and the prices by id."""

    dual_gap: int
    violations: int
    mentor_prices: Mapping[str, int]
    family_prices: Mapping[str, int]


def check_prices(
    edges: Sequence[Edge],
    chosen: Sequence[int],
    places: Sequence[int],
    mentor_prices: Sequence[int],
    family_prices: Sequence[int],
) -> tuple[int, int]:
    """Gap and violations of prices and choice, in exact arithmetic; ``chosen`` are positions in ``edges``.

    Violations also count a family with two mentors and a mentor with more families than places.
    """
    worth = sum(edges[number][2] for number in chosen)
    total = sum(family_prices) + sum(count * price for count, price in zip(places, mentor_prices, strict=True))
    broken = sum(1 for price in (*mentor_prices, *family_prices) if price < 0)
    broken += sum(1 for mentor, family, weight in edges if mentor_prices[mentor] + family_prices[family] < weight)
    taken, given = [0] * len(places), [0] * len(family_prices)
    for number in chosen:
        taken[edges[number][0]] += 1
        given[edges[number][1]] += 1
    broken += sum(1 for used, count in zip(taken, places, strict=True) if used > count)
    broken += sum(1 for count in given if count > 1)
    return total - worth, broken

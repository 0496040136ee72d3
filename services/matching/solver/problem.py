"""What the solver is asked and what it answers: positions and whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Whole = Sequence[int] | NDArray[Any]
"""Whole numbers; Python's own where 64 bits are too small."""


class SolverFailed(RuntimeError):
    """The engine did not reach an optimum, or what it gave is none: a defect, never a property of the input."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Positions instead of people. Edges are sorted by (mentor, family) and each is there once.

    ``ranks`` (one per family, positive) count ``unit`` each, ``fits`` (one per edge) less than ``unit`` all together;
    salts are 64-bit integers from stable ids. ``places`` has each mentor's free places.
    """

    places: Sequence[int]
    ranks: Sequence[int]
    unit: int
    edge_mentors: Whole
    edge_families: Whole
    fits: Whole
    mentor_salts: Sequence[int]
    family_salts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Solution:
    """Positions of the chosen edges, ascending, and the prices that prove them (``domain/certificate.py``)."""

    chosen: tuple[int, ...]
    mentor_prices: tuple[int, ...]
    family_prices: tuple[int, ...]

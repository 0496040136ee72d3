"""Every pair that passes the rules, with the points of its fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.policy import Weights
from services.matching.solver.columns import BITS, Columns, Numbers, Words, mentor_set
from services.matching.solver.passing import BLOCK, candidate_sets
from services.matching.solver.scores import Edges, Points, scored

COMPILED_FROM = 1 << 24
"""So many pairs to look at pay for loading compiled loops; below, numpy is done sooner."""
NARROW = 1 << 16
"""Up to so many mentors, 16 bits hold a position."""
_NONE = Edges(*(np.zeros(0, dtype=np.int32) for _ in range(3)))


def find_edges(
    columns: Columns,
    places: Sequence[int],
    drafts: Sequence[tuple[int, int]],
    weights: Weights,
    compiled: bool | None = None,
) -> Edges:
    """All edges, sorted by mentor, then family.

    ``places`` are free ones; ``drafts`` are pairs of positions (mentor, family), possible or not. Loops are
    ``compiled`` or not with the same result; without a word the number of pairs decides.
    """
    free = np.asarray([count > 0 for count in places], dtype=np.bool_)
    blocks = [_NONE, *edge_blocks(columns, free, drafts, weights, compiled=compiled, block=BLOCK)]
    mentors, families, fits = (
        np.concatenate([getattr(block, name) for block in blocks]) for name in ("mentors", "families", "fits")
    )
    # Families are in order already; positions of 16 bits are sorted by their digits, in one pass over them.
    narrow = mentors.astype(np.uint16) if columns.mentors <= NARROW else mentors
    order = np.argsort(narrow, kind="stable")
    return Edges(mentors[order], families[order], fits[order])


def count_edges(columns: Columns, places: Sequence[int]) -> int:
    """How many there are, without making them."""
    with_places = mentor_set(columns.mentors, np.flatnonzero([count > 0 for count in places]))
    step = max(1, BLOCK // max(1, columns.width * BITS))
    return sum(
        int(np.bitwise_count(candidate_sets(columns, families, with_places)).sum())
        for first in range(0, columns.families, step)
        for families in (np.arange(first, min(first + step, columns.families)),)
    )


def edge_blocks(
    columns: Columns,
    free: NDArray[np.bool_],
    drafts: Sequence[tuple[int, int]],
    weights: Weights,
    *,
    compiled: bool | None = None,
    block: int = BLOCK,
) -> Iterator[Edges]:
    """The same by family, then mentor, in parts of at most so many pairs to look at, but at least one family.

    ``free`` says who has a place.
    """
    with_places = mentor_set(columns.mentors, np.flatnonzero(free))
    points = Points.of(weights, int(columns.wishes.max(initial=0)))
    step = max(1, block // max(1, columns.width * BITS))
    wanted = np.asarray(drafts, dtype=np.int64).reshape(-1, 2) @ np.asarray([1, columns.mentors])
    if not columns.mentors:
        return
    inner = _inner(columns, compiled)
    for first in range(0, columns.families, step):
        families = np.arange(first, min(first + step, columns.families))
        found = inner.scored(columns, families, inner.candidate_sets(columns, families, with_places), points)
        _continue(columns, found, wanted, weights.continuity)
        yield found


def _continue(columns: Columns, edges: Edges, wanted: Numbers, points: int) -> None:
    """Adds the points of last round's drafts, by their keys, where they are still possible."""
    keys = edges.families.astype(np.int64) * columns.mentors + edges.mentors
    places = np.searchsorted(keys, wanted)
    there = np.flatnonzero(places < len(keys))
    hit = places[there][keys[places[there]] == wanted[there]]
    edges.fits[hit] += np.int32(points)


@dataclass(frozen=True, slots=True)
class _Inner:
    candidate_sets: Callable[[Columns, Numbers, Words], Words]
    scored: Callable[[Columns, Numbers, Words, Points], Edges]


def _inner(columns: Columns, compiled: bool | None) -> _Inner:
    if compiled is None:
        compiled = columns.families * columns.mentors >= COMPILED_FROM
    kernel = _kernel() if compiled else None
    if kernel is None:
        return _Inner(candidate_sets, scored)
    return _Inner(kernel.candidate_sets, kernel.scored)


@cache
def _kernel() -> ModuleType | None:
    try:
        from services.matching.solver import kernel
    except RuntimeError:
        # Nowhere to keep compiled code: each process would compile for seconds, and numpy gives the same.
        return None
    # Switched off by numba's own variable, its loops would run as Python.
    return None if kernel.SWITCHED_OFF else kernel

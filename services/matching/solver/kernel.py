"""The two inner loops of finding edges, compiled: the same as ``passing.candidate_sets`` and ``scores.scored``.

Each family's rules and points are worked out in one go, without arrays in between. Loading this takes half a second and
60 MB, the first use of a new version some seconds more: it is for very many pairs.
"""

from typing import Any

import numba
import numpy as np

from services.matching.solver.columns import BITS, TONGUES, Asked, Columns, Numbers, Words
from services.matching.solver.passing import everybody
from services.matching.solver.scores import Edges, Points

SWITCHED_OFF = bool(getattr(numba.config, "DISABLE_JIT", 0))
_compiled = numba.njit(cache=True, nogil=True)


def candidate_sets(columns: Columns, families: Numbers, with_places: Words) -> Words:
    """As ``passing.candidate_sets``."""
    found = np.where(columns.consent[families, None], with_places, np.uint64(0))
    with_interpreter = np.where(columns.interpreter[:, None], everybody(columns), np.uint64(0))
    nobody = np.zeros((1, columns.width), dtype=np.uint64)
    _keep_any(families, _flat(columns.languages), with_interpreter, found)
    for asked in (columns.slots, columns.districts):
        _keep_any(families, _flat(asked), nobody, found)
    for asked in (columns.topics, columns.qualified, columns.genders, columns.welcome):
        _keep_all(families, _flat(asked), found)
    _remove(families, columns.excluded.begins, columns.excluded.values, found)
    return found


def scored(columns: Columns, families: Numbers, sets: Words, points: Points) -> Edges:
    """As ``scores.scored``."""
    count = int(np.bitwise_count(sets).sum())
    edges = Edges(*(np.empty(count, dtype=np.int32) for _ in range(3)))
    sides = (
        columns.mentor_tongues,
        columns.family_tongues,
        columns.mentor_skills,
        columns.family_wishes,
        columns.wishes,
        columns.mentor_slots,
        columns.family_slots,
    )
    tables = (points.language, points.topics, points.slots, points.distance)
    _score(families, sets, sides, tables, (edges.mentors, edges.families, edges.fits))
    return edges


def _flat(asked: Asked) -> tuple[Words, Numbers, Numbers]:
    return asked.sets, asked.rows.begins, asked.rows.values


@_compiled
def _keep_any(families: Any, asked: Any, also: Any, found: Any) -> None:
    """Whoever is in one of the family's sets, or in its row of ``also`` (one row for all, or one for each)."""
    sets, begins, values = asked
    width = found.shape[1]
    union = np.empty(width, dtype=np.uint64)
    for row in range(len(families)):
        family = families[row]
        union[:] = also[family % len(also)]
        for place in range(begins[family], begins[family + 1]):
            for word in range(width):
                union[word] |= sets[values[place], word]
        for word in range(width):
            found[row, word] &= union[word]


@_compiled
def _keep_all(families: Any, asked: Any, found: Any) -> None:
    """Whoever is in all of the family's sets."""
    sets, begins, values = asked
    for row in range(len(families)):
        family = families[row]
        for place in range(begins[family], begins[family + 1]):
            for word in range(found.shape[1]):
                found[row, word] &= sets[values[place], word]


@_compiled
def _remove(families: Any, begins: Any, values: Any, found: Any) -> None:
    for row in range(len(families)):
        family = families[row]
        for place in range(begins[family], begins[family + 1]):
            mentor = values[place]
            found[row, mentor // BITS] &= ~(np.uint64(1) << np.uint64(mentor % BITS))


@_compiled
def _score(families: Any, sets: Any, sides: Any, tables: Any, edges: Any) -> None:
    mentors, chosen, fits = edges
    mentor_tongues, family_tongues, mentor_skills, family_wishes, wishes, mentor_slots, family_slots = sides
    language, topics, slots, distance = tables
    edge = 0
    for row in range(len(families)):
        family = families[row]
        for word in range(sets.shape[1]):
            rest = sets[row, word]
            while rest:
                lowest = rest & (~rest + np.uint64(1))
                rest ^= lowest
                mentor = word * BITS + _ones(lowest - np.uint64(1))
                both = np.uint64(0)
                for place in range(family_tongues.shape[1]):
                    both |= mentor_tongues[mentor, place] & family_tongues[family, place]
                steps = 0
                while both:
                    steps += 1
                    both >>= np.uint64(TONGUES)
                met = 0
                for place in range(family_wishes.shape[1]):
                    met += _ones(mentor_skills[mentor, place] & family_wishes[family, place])
                common = _ones(np.uint64(mentor_slots[mentor] & family_slots[family]))
                mentors[edge] = mentor
                chosen[edge] = family
                fits[edge] = language[steps] + topics[wishes[family], met] + slots[common] + distance
                edge += 1


@_compiled
def _ones(word: Any) -> Any:
    """How many bits are set; the compiler knows this idiom and uses the processor's own instruction."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))

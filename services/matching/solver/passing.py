"""The hard rules on words: for some families at once, the mentors that pass each rule. Twin of ``domain/rules.py``."""

from collections.abc import Sequence

import numpy as np

from services.matching.domain.rules import RULES
from services.matching.solver.columns import BITS, Asked, Columns, Lists, Numbers, Words, mentor_set

BLOCK = 1 << 22
"""Pairs that are looked at in one go: more would leave the cache, and memory must not grow with all pairs."""
Counts = dict[str, int]
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def passing(columns: Columns, families: Numbers, with_places: Words) -> tuple[Words, ...]:
    """For each of ``RULES`` a set of mentors for each of the families; ``with_places`` pass ``capacity``."""
    everyone = everybody(columns)
    nothing, shape = np.uint64(0), (len(families), columns.width)
    understanding = _any_of(columns.languages, families)
    understanding[columns.interpreter[families]] = everyone
    return (
        np.where(columns.consent[families, None], everyone, nothing),
        _without(columns.excluded, families, np.broadcast_to(everyone, shape).copy()),
        understanding,
        _all_of(columns.topics, families, everyone),
        _all_of(columns.qualified, families, everyone),
        _any_of(columns.slots, families),
        _any_of(columns.districts, families),
        _all_of(columns.genders, families, everyone) & _all_of(columns.welcome, families, everyone),
        np.broadcast_to(with_places, shape),
    )


def everybody(columns: Columns) -> Words:
    """The set of all mentors."""
    return mentor_set(columns.mentors, np.arange(columns.mentors))


def candidate_sets(columns: Columns, families: Numbers, with_places: Words) -> Words:
    """For each of the families the mentors that pass every rule."""
    remaining = np.broadcast_to(with_places, (len(families), columns.width)).copy()
    for passes in passing(columns, families, with_places)[:-1]:
        remaining &= passes
    return remaining


def count_waiting(columns: Columns, families: Sequence[int], left: Sequence[int]) -> list[tuple[Counts, Counts]]:
    """For each of the families how many mentors fail at which rule first, and at which and no other.

    ``left`` are the mentors' places that are left; rules at which nobody fails are not named.
    """
    with_places = mentor_set(columns.mentors, np.flatnonzero([count > 0 for count in left]))
    found: list[tuple[Counts, Counts]] = []
    step = max(1, BLOCK // max(1, columns.width * BITS))
    for first in range(0, len(families), step):
        sets = passing(columns, np.asarray(families[first : first + step], dtype=np.int64), with_places)
        failed, single = first_failed(columns, sets), blocked_by_one(columns, sets)
        found += [(_named(one), _named(other)) for one, other in zip(failed.tolist(), single.tolist(), strict=True)]
    return found


def _named(counts: Sequence[int]) -> Counts:
    return {rule: count for rule, count in zip(RULES, counts, strict=True) if count}


def first_failed(columns: Columns, sets: Sequence[Words]) -> Numbers:
    """For each family how many mentors fail at which of ``RULES`` first."""
    remaining = np.broadcast_to(everybody(columns), sets[0].shape)
    counts = np.empty((len(sets[0]), len(RULES)), dtype=np.int64)
    for number, passes in enumerate(sets):
        counts[:, number] = _count(remaining & ~passes)
        remaining = remaining & passes
    return counts


def blocked_by_one(columns: Columns, sets: Sequence[Words]) -> Numbers:
    """For each family how many mentors fail at which of ``RULES`` and at no other."""
    everyone = everybody(columns)
    once = np.zeros_like(sets[0])
    twice = np.zeros_like(sets[0])
    for passes in sets:
        fails = everyone & ~passes
        twice |= once & fails
        once |= fails
    single = once & ~twice
    return np.stack([_count(single & ~passes) for passes in sets], axis=1)


def _count(sets: Words) -> Numbers:
    counts: Numbers = np.bitwise_count(sets).sum(axis=1, dtype=np.int64)
    return counts


def _any_of(asked: Asked, families: Numbers) -> Words:
    found: Words = np.zeros((len(families), asked.sets.shape[1]), dtype=np.uint64)
    for places, rows in _rounds(asked.rows, families):
        found[places] |= asked.sets[rows]
    return found


def _all_of(asked: Asked, families: Numbers, everyone: Words) -> Words:
    found = np.broadcast_to(everyone, (len(families), len(everyone))).copy()
    for places, rows in _rounds(asked.rows, families):
        found[places] &= asked.sets[rows]
    return found


def _without(excluded: Lists, families: Numbers, sets: Words) -> Words:
    for places, mentors in _rounds(excluded, families):
        sets[places, mentors // BITS] &= _ALL ^ (np.uint64(1) << (mentors % BITS).astype(np.uint64))
    return sets


def _rounds(lists: Lists, families: Numbers) -> list[tuple[Numbers, Numbers]]:
    """The first value of every family's list, then the second of those that have one: (places, values)."""
    begins, lengths = lists.begins[families], lists.begins[families + 1] - lists.begins[families]
    rounds: list[tuple[Numbers, Numbers]] = []
    for number in range(int(lengths.max(initial=0))):
        places = np.flatnonzero(lengths > number)
        rounds.append((places, lists.values[begins[places] + number]))
    return rounds

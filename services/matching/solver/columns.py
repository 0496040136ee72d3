"""The people of an instance as arrays: sets of mentors in words of 64 bits, and what points of fit are counted from.

Whatever families ask for, a district or a topic, is a set of mentors: a row of words in which bit ``i`` stands for
mentor ``i``. What one family asks for is a list of such rows. So a rule is one AND for 64 mentors at once, as in
``domain/rules.py``, whose twin this is; any number of districts, topics and languages has room.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.instance import SLOTS, Family, Instance, Mentor
from services.matching.domain.rules import usable_languages
from shared.kernel.languages import LEVELS, SUFFICIENT

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]

BITS = 64
LEAST = LEVELS.index(SUFFICIENT)
STEPS = len(LEVELS) - LEAST
"""Levels that are enough for a conversation; each is one step of points."""
TONGUES = BITS // STEPS
"""So many languages share a word: bit ``TONGUES * step + language`` says that this step is reached."""

_REACHED = {
    level: sum(1 << TONGUES * step for step in range(number - LEAST + 1)) for number, level in enumerate(LEVELS)
}
_UNSAID = ""
"""No gender: those that are said are not empty."""
_SLOT = {slot: number for number, slot in enumerate(SLOTS)}


@dataclass(frozen=True, slots=True)
class Lists:
    """One list of numbers for each family: ``values[begins[i]:begins[i + 1]]``."""

    begins: Numbers
    values: Numbers

    @classmethod
    def of(cls, lists: Sequence[Collection[Any]], number: Callable[[Any], int] = int) -> "Lists":
        """The lists of all families, in their order; ``number`` makes a number of what stands in them."""
        lengths = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
        values = np.fromiter(map(number, chain.from_iterable(lists)), dtype=np.int64, count=int(lengths.sum()))
        return cls(np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)]), values)


@dataclass(frozen=True, slots=True)
class Asked:
    """Sets of mentors, one a row, and the rows that each family asks for."""

    sets: Words
    rows: Lists


@dataclass(frozen=True, slots=True)
class Columns:
    """Open families and mentors by their position. ``excluded`` lists mentors; what comes after ``welcome``
    is for fit.

    A bit that is set in the tongues of both sides is a step of a common language that both reach.
    """

    mentors: int
    families: int
    consent: NDArray[np.bool_]
    interpreter: NDArray[np.bool_]
    excluded: Lists
    languages: Asked
    topics: Asked
    qualified: Asked
    slots: Asked
    districts: Asked
    genders: Asked
    welcome: Asked
    mentor_tongues: Words
    family_tongues: Words
    mentor_skills: Words
    family_wishes: Words
    wishes: Numbers
    mentor_slots: NDArray[np.uint32]
    family_slots: NDArray[np.uint32]

    @property
    def width(self) -> int:
        """Words of a set of mentors."""
        return -(-self.mentors // BITS)


def columns_of(instance: Instance) -> Columns:
    """The columns of a checked instance, mentors and open families in its order."""
    mentors, families = instance.mentors, instance.open_families()
    tongue = _numbered(one.languages for one in families)
    wish = _numbered(one.wishes for one in families)
    wanted = [one.topics for one in families]
    return Columns(
        mentors=len(mentors),
        families=len(families),
        consent=np.asarray([one.consent for one in families], dtype=np.bool_),
        interpreter=np.asarray([one.interpreter for one in families], dtype=np.bool_),
        excluded=_excluded(mentors, families),
        languages=_asked(
            [usable_languages(one.languages) for one in mentors],
            [usable_languages(one.languages) - one.not_wished for one in families],
        ),
        topics=_asked([one.topics for one in mentors], wanted),
        qualified=_asked([one.qualified for one in mentors], wanted),
        slots=_asked([one.slots for one in mentors], [one.slots for one in families]),
        districts=_asked([one.districts for one in mentors], [(one.district,) for one in families]),
        genders=_asked(
            [(one.gender,) for one in mentors],
            [() if one.gender_wish is None else (one.gender_wish,) for one in families],
        ),
        welcome=_welcome(mentors, families),
        mentor_tongues=_tongues(tongue, [one.languages for one in mentors]),
        family_tongues=_tongues(tongue, [_wished_languages(one) for one in families]),
        mentor_skills=_skills(wish, [one.topics & one.qualified for one in mentors]),
        family_wishes=_skills(wish, [one.wishes for one in families]),
        wishes=np.asarray([len(one.wishes) for one in families], dtype=np.int64),
        mentor_slots=_slots([one.slots for one in mentors]),
        family_slots=_slots([one.slots for one in families]),
    )


def mentor_set(mentors: int, members: Numbers) -> Words:
    """The positions as one set of ``mentors``."""
    table = _table(1, mentors, np.zeros_like(members), members)
    return table.reshape(-1)


def _table(height: int, bits: int, rows: Numbers, places: Numbers) -> Words:
    """So many rows of so many bits, those at (row, place) set."""
    table: Words = np.zeros((height, -(-bits // BITS)), dtype=np.uint64)
    np.bitwise_or.at(table, (rows, places // BITS), np.uint64(1) << (places % BITS).astype(np.uint64))
    return table


def _numbered(values: Iterable[Iterable[str]]) -> dict[str, int]:
    return {value: number for number, value in enumerate(sorted(set().union(*values)))}


def _asked(having: Sequence[Collection[str]], asking: Sequence[Collection[str]]) -> Asked:
    """What no family asks for needs no set."""
    number = _numbered(asking)
    places, rows = _pairs(number, having)
    return Asked(_table(len(number), len(having), rows, places), Lists.of(asking, number.__getitem__))


def _pairs(number: Mapping[str, int], having: Sequence[Collection[str]]) -> tuple[Numbers, Numbers]:
    """For everybody each value that has a number: the position, and that number."""
    lists = Lists.of(having, lambda value: number.get(value, -1))
    known = lists.values >= 0
    places = np.repeat(np.arange(len(having)), np.diff(lists.begins))
    return places[known], lists.values[known]


def _welcome(mentors: Sequence[Mentor], families: Sequence[Family]) -> Asked:
    """For each gender of a family the mentors who wish no other; who did not say it fulfils no wish."""
    everybody = {one.gender for one in families if one.gender is not None} | {_UNSAID}
    return _asked(
        [everybody if one.gender_wish is None else (one.gender_wish,) for one in mentors],
        [(_UNSAID if one.gender is None else one.gender,) for one in families],
    )


def _excluded(mentors: Sequence[Mentor], families: Sequence[Family]) -> Lists:
    place = {mentor.id: number for number, mentor in enumerate(mentors)}
    by_family: dict[str, list[int]] = {}
    for number, mentor in enumerate(mentors):
        for family in mentor.excluded_families:
            by_family.setdefault(family, []).append(number)
    return Lists.of(
        [
            [*by_family.get(one.id, ()), *(place[mentor] for mentor in one.excluded_mentors if mentor in place)]
            for one in families
        ]
    )


def _tongues(number: Mapping[str, int], spoken: Sequence[Mapping[str, str]]) -> Words:
    places, tongues = _pairs(number, spoken)
    reached = [_REACHED[level] for languages in spoken for tag, level in languages.items() if tag in number]
    table: Words = np.zeros((len(spoken), max(1, -(-len(number) // TONGUES))), dtype=np.uint64)
    steps = np.asarray(reached, dtype=np.uint64) << (tongues % TONGUES).astype(np.uint64)
    np.bitwise_or.at(table, (places, tongues // TONGUES), steps)
    return table


def _skills(number: Mapping[str, int], having: Sequence[Collection[str]]) -> Words:
    places, numbers = _pairs(number, having)
    return _table(len(having), max(1, len(number)), places, numbers)


def _wished_languages(family: Family) -> Mapping[str, str]:
    if not family.not_wished:
        return family.languages
    return {tag: level for tag, level in family.languages.items() if tag not in family.not_wished}


def _slots(sides: Sequence[Collection[str]]) -> NDArray[np.uint32]:
    return _skills(_SLOT, sides)[:, 0].astype(np.uint32)

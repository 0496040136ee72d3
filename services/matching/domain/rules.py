"""The hard rules in their fixed order, for one family against all mentors at once.

A set of mentors is one integer: bit ``i`` stands for mentor ``i`` of the instance. So a rule is one AND, however
many mentors there are, and the reasons cost no more than the edges.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.matching.domain.instance import Family, Instance, Mentor
from shared.kernel.languages import LEVELS, SUFFICIENT, level_at_least

RULES = (
    "consent",
    "exclusion",
    "language",
    "topic",
    "qualification",
    "availability",
    "district",
    "gender",
    "capacity",
)


_SUFFICIENT = frozenset(level for level in LEVELS if level_at_least(level, SUFFICIENT))


@dataclass(frozen=True, slots=True)
class MentorSets:
    """For each attribute, the mentors that have it."""

    everyone: int
    speaking: dict[str, int]
    offering: dict[str, int]
    qualified: dict[str, int]
    free: dict[str, int]
    reaching: dict[str, int]
    of_gender: dict[str, int]
    wishing: dict[str, int]
    excluding: dict[str, int]
    position: dict[str, int]

    @classmethod
    def of(cls, instance: Instance) -> "MentorSets":
        """The sets of the instance's mentors, by their position in it."""
        return cls.of_mentors(instance.mentors)

    @classmethod
    def of_mentors(cls, mentors: Sequence[Mentor]) -> "MentorSets":
        """The sets of these mentors, by their position."""
        return cls(
            everyone=(1 << len(mentors)) - 1,
            speaking=_index(usable_languages(mentor.languages) for mentor in mentors),
            offering=_index(mentor.topics for mentor in mentors),
            qualified=_index(mentor.qualified for mentor in mentors),
            free=_index(mentor.slots for mentor in mentors),
            reaching=_index(mentor.districts for mentor in mentors),
            of_gender=_index([mentor.gender] for mentor in mentors),
            wishing=_index([mentor.gender_wish] if mentor.gender_wish else [] for mentor in mentors),
            excluding=_index(mentor.excluded_families for mentor in mentors),
            position={mentor.id: number for number, mentor in enumerate(mentors)},
        )

    def passing(self, family: Family, with_places: int) -> tuple[int, ...]:
        """For each of ``RULES`` the mentors that pass it with ``family``; ``with_places`` pass ``capacity``."""
        excluded = self.excluding.get(family.id, 0)
        for mentor in family.excluded_mentors:
            if mentor in self.position:
                excluded |= 1 << self.position[mentor]
        return (
            self.everyone if family.consent else 0,
            self.everyone & ~excluded,
            self._understanding(family),
            self._all_of(self.offering, family.topics),
            self._all_of(self.qualified, family.topics),
            _any_of(self.free, family.slots),
            self.reaching.get(family.district, 0),
            self._content(family),
            with_places,
        )

    def candidates(self, family: Family, with_places: int) -> int:
        """The mentors that pass every rule with ``family``."""
        remaining = self.everyone
        for passing in self.passing(family, with_places):
            remaining &= passing
        return remaining

    def _understanding(self, family: Family) -> int:
        # An interpreter helps with any mentor, also with one who speaks nothing well enough.
        if family.interpreter:
            return self.everyone
        return _any_of(self.speaking, usable_languages(family.languages) - family.not_wished)

    def _content(self, family: Family) -> int:
        """Those whom the family wishes, of those who wish nobody else; who did not say fulfils no wish."""
        wished = self.everyone if family.gender_wish is None else self.of_gender.get(family.gender_wish, 0)
        return wished & ~_any_of(self.wishing, self.wishing.keys() - {family.gender})

    def _all_of(self, sets: dict[str, int], wanted: Iterable[str]) -> int:
        remaining = self.everyone
        for value in wanted:
            remaining &= sets.get(value, 0)
        return remaining


def usable_languages(languages: Mapping[str, str]) -> frozenset[str]:
    """Those of a person's languages that are spoken well enough for a conversation (``SUFFICIENT``)."""
    return frozenset(tag for tag, level in languages.items() if level in _SUFFICIENT)


def places_mask(places: Sequence[int]) -> int:
    """The mentors with at least one of the ``places``."""
    return sum(1 << number for number, free in enumerate(places) if free > 0)


def members(mentors: int) -> Iterator[int]:
    """The positions in a set, ascending."""
    while mentors:
        lowest = mentors & -mentors
        yield lowest.bit_length() - 1
        mentors ^= lowest


def first_failed(everyone: int, passing: Sequence[int]) -> dict[str, int]:
    """The mentors that fail at each rule first, as sets; rules at which nobody fails first are left out."""
    found: dict[str, int] = {}
    remaining = everyone
    for rule, passes in zip(RULES, passing, strict=True):
        failed = remaining & ~passes
        if failed:
            found[rule] = failed
        remaining &= passes
    return found


def failing_one(everyone: int, passing: Sequence[int]) -> int:
    """The mentors that fail exactly one rule: what relaxing that rule alone would open."""
    once = twice = 0
    for passes in passing:
        fails = everyone & ~passes
        twice |= once & fails
        once |= fails
    return once & ~twice


def _any_of(sets: dict[str, int], wanted: Iterable[str]) -> int:
    found = 0
    for value in wanted:
        found |= sets.get(value, 0)
    return found


def _index(values: Iterable[Iterable[str]]) -> dict[str, int]:
    sets: dict[str, int] = {}
    for number, having in enumerate(values):
        for value in having:
            sets[value] = sets.get(value, 0) | 1 << number
    return sets

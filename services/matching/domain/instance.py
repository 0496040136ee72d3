"""One city's matching problem on one day: who may help, who waits, and what already stands. Not a stored document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from shared.kernel.canonical import content_hash

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS_OF_DAY = ("am", "noon", "pm", "eve")
SLOTS: tuple[str, ...] = tuple(f"{day}-{part}" for day in DAYS for part in PARTS_OF_DAY)

Pair = tuple[str, str]
"""A mentor's id and a family's id, in this order."""


@dataclass(frozen=True, slots=True)
class Mentor:
    """Somebody who may accompany up to ``capacity`` families; ``languages`` maps a tag to one of ``LEVELS``."""

    id: str
    languages: Mapping[str, str]
    districts: frozenset[str]
    topics: frozenset[str]
    qualified: frozenset[str]
    slots: frozenset[str]
    capacity: int
    gender: str
    excluded_families: frozenset[str] = frozenset()
    gender_wish: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A family that asks for one mentor; ``wishes`` count for fit only, ``not_wished`` languages are not used."""

    id: str
    languages: Mapping[str, str]
    district: str
    topics: frozenset[str]
    slots: frozenset[str]
    waiting_since: str
    consent: bool
    gender: str | None = None
    gender_wish: str | None = None
    urgent: bool = False
    interpreter: bool = False
    wishes: frozenset[str] = frozenset()
    not_wished: frozenset[str] = frozenset()
    excluded_mentors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Instance:
    """Mentors and families sorted by id, frozen pairs and drafts sorted; so order of input never matters."""

    city: str
    date: str
    mentors: tuple[Mentor, ...]
    families: tuple[Family, ...]
    frozen: tuple[Pair, ...] = ()
    drafts: tuple[Pair, ...] = ()

    def days_waiting(self, family: Family) -> int:
        """Whole days from ``waiting_since`` to the instance's date, never to today."""
        return _days(family.waiting_since, self.date)

    def open_families(self) -> tuple[Family, ...]:
        """The families without a frozen pair, sorted by id."""
        settled = {family for _, family in self.frozen}
        return tuple(family for family in self.families if family.id not in settled)

    def draft_places(self) -> list[tuple[int, int]]:
        """The drafts by position of mentor and open family, without those of people who left or have a mentor."""
        mentors = {mentor.id: number for number, mentor in enumerate(self.mentors)}
        families = {family.id: number for number, family in enumerate(self.open_families())}
        return [
            (mentors[mentor], families[family])
            for mentor, family in self.drafts
            if mentor in mentors and family in families
        ]

    def free_places(self) -> tuple[int, ...]:
        """For each mentor, in order, the places that frozen pairs leave."""
        taken: dict[str, int] = {}
        for mentor, _ in self.frozen:
            taken[mentor] = taken.get(mentor, 0) + 1
        return tuple(mentor.capacity - taken.get(mentor.id, 0) for mentor in self.mentors)


@lru_cache(maxsize=1 << 12)
def _days(since: str, until: str) -> int:
    # Asked several times of each of thousands of families who began on the same few hundred days.
    return (date.fromisoformat(until) - date.fromisoformat(since)).days


def instance_document(instance: Instance) -> dict[str, Any]:
    """The instance as its file: every field written out, every list sorted."""
    return {
        "city": instance.city,
        "date": instance.date,
        "mentors": [_mentor_document(mentor) for mentor in instance.mentors],
        "families": [_family_document(family) for family in instance.families],
        "frozen": [list(pair) for pair in instance.frozen],
        "drafts": [list(pair) for pair in instance.drafts],
    }


def input_sha256(instance: Instance) -> str:
    """Hash over the canonical JSON of ``instance_document``: the same for every order of the input's lists."""
    return content_hash(instance_document(instance))


def _mentor_document(mentor: Mentor) -> dict[str, Any]:
    return {
        "id": mentor.id,
        "languages": dict(mentor.languages),
        "districts": sorted(mentor.districts),
        "topics": sorted(mentor.topics),
        "qualified": sorted(mentor.qualified),
        "slots": sorted(mentor.slots),
        "capacity": mentor.capacity,
        "gender": mentor.gender,
        "excluded_families": sorted(mentor.excluded_families),
        **_told(gender_wish=mentor.gender_wish),
    }


def _family_document(family: Family) -> dict[str, Any]:
    return {
        "id": family.id,
        "languages": dict(family.languages),
        "district": family.district,
        "topics": sorted(family.topics),
        "slots": sorted(family.slots),
        **_told(gender=family.gender, gender_wish=family.gender_wish),
        "urgent": family.urgent,
        "wishes": sorted(family.wishes),
        "not_wished": sorted(family.not_wished),
        "waiting_since": family.waiting_since,
        "interpreter": family.interpreter,
        "consent": family.consent,
        "excluded_mentors": sorted(family.excluded_mentors),
    }


def _told(**values: str | None) -> dict[str, str]:
    """Those that are there: a key that is not said leaves the file, and its hash, as they were before the key was."""
    return {name: value for name, value in values.items() if value is not None}

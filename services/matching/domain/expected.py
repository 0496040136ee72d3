"""How long somebody may expect to wait: as those of the same language and topic did who got a mentor lately."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from services.matching.domain.known import Participation

LATELY_DAYS: Final = 180
ENOUGH: Final = 5
"""Fewer say nothing about the next, and something about each of them."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The median of the whole days that ``families`` waited; ``topic`` is ``None`` for all of the language."""

    language: str
    topic: str | None
    families: int
    days: int


def expected_waits(matched: Iterable[Participation], first: Mapping[str, str]) -> tuple[Expected, ...]:
    """By language and topic, sorted; ``first`` is the day of each participation's first tandem.

    A family counts in each of its helpful languages and topics. Groups of fewer than ``ENOUGH`` are left out.
    """
    waits: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for one in matched:
        days = (date.fromisoformat(first[one.id]) - date.fromisoformat(one.waits_since)).days
        for language in one.helpful_languages:
            for topic in (None, *one.topics):
                waits[language, topic].append(max(0, days))
    found = [
        Expected(language, topic, len(days), int(median(days)))
        for (language, topic), days in waits.items()
        if len(days) >= ENOUGH
    ]
    return tuple(sorted(found, key=lambda one: (one.language, one.topic or "")))

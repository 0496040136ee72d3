"""An invented town whose families arrive over a year: for trying policies before there is a history of one's own.

Everything follows from the seed. Languages are as uneven as in a real town: the second is spoken half as often as the
first, the third a third as often, and so on.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from services.matching.domain.instance import SLOTS

Row = dict[str, Any]

LANGUAGES = ("ar", "uk", "fa", "ru", "tr", "ckb", "kmr", "ti", "so", "en")
TOPICS = ("health", "education", "housing", "work", "authorities", "language")
DISTRICTS = tuple(f"d{number}" for number in range(1, 9))
_DAYS = 364


class _Draw:
    """Numbers that follow from a seed and from nothing else."""

    def __init__(self, seed: int) -> None:
        self._numbers = self._stream(seed)

    @staticmethod
    def _stream(seed: int) -> Iterator[int]:
        number = 0
        while True:
            yield int.from_bytes(blake2b(f"{seed}/{number}".encode(), digest_size=8).digest(), "big")
            number += 1

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count`` - 1."""
        return next(self._numbers) % count

    def chance(self, percent: int) -> bool:
        """True in that share of the cases."""
        return self.below(100) < percent

    def some(self, values: Sequence[str], count: int) -> list[str]:
        """``count`` different ones."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def uneven(self, values: Sequence[str]) -> str:
        """One of them; the n-th is drawn 1/n as often as the first."""
        whole = 2_520
        number = self.below(sum(whole // place for place in range(1, len(values) + 1)))
        for place, value in enumerate(values, start=1):
            number -= whole // place
            if number < 0:
                return value
        return values[-1]


def arrivals(seed: int, families: int, mentors: int, until: str) -> Row:
    """A matching file of so many mentors and families; the families arrive in the year that ends on ``until``."""
    draw, last = _Draw(seed), date.fromisoformat(until)
    return {
        "city": "beispielstadt",
        "date": until,
        "mentors": [_mentor(draw, f"m{number:05}") for number in range(mentors)],
        "families": [_family(draw, f"f{number:05}", last) for number in range(families)],
    }


def _mentor(draw: _Draw, identity: str) -> Row:
    topics = draw.some(TOPICS, 3 + draw.below(4))
    return {
        "id": identity,
        "languages": {draw.uneven(LANGUAGES): "native", "de": ("B1", "B2", "C1")[draw.below(3)]},
        "districts": draw.some(DISTRICTS, 2 + draw.below(3)),
        "topics": topics,
        "qualified": topics,
        "slots": draw.some(SLOTS, 6 + draw.below(9)),
        "capacity": 1 + draw.below(3),
        "gender": "m" if draw.chance(25) else "f",
    }


def _family(draw: _Draw, identity: str, last: date) -> Row:
    row: Row = {
        "id": identity,
        "languages": {draw.uneven(LANGUAGES): "native"},
        "district": DISTRICTS[draw.below(len(DISTRICTS))],
        "topics": draw.some(TOPICS, 1 + draw.below(2)),
        "slots": draw.some(SLOTS, 6),
        "wishes": draw.some(TOPICS, draw.below(3)),
        "urgent": draw.chance(8),
        "waiting_since": (last - timedelta(days=draw.below(_DAYS))).isoformat(),
        "consent": draw.chance(92),
    }
    if draw.chance(20):
        row["gender_wish"] = "f"
    return row

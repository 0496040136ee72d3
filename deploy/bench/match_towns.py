"""Invented cities of several sizes from a seed, as matching files: the same people in every run. Nobody exists.

In each city ten districts in a line, twelve languages of very different size (nobody who helps speaks the two rarest),
25 topics (nobody is qualified for one of them), weekly slots, places for about three families of four at hand.
"""

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, Final

from services.matching.domain.instance import SLOTS, Instance
from services.matching.domain.instance_check import read_instance

DAY: Final = "2026-01-15"
DISTRICTS: Final = tuple(f"viertel-{number}" for number in range(10))
LANGUAGES: Final = ("ar", "uk", "fa-AF", "ru", "kmr", "ti", "tr", "ro", "so", "ckb", "am", "my")
TOPICS: Final = tuple(f"thema-{number}" for number in range(25))
UNTAUGHT: Final = TOPICS[-1]
"""Offered by mentors and asked for by families; nobody is qualified for it."""

_SPOKEN: Final = LANGUAGES[:-2]
_LONGEST_WAIT: Final = 365
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """So many families and mentors in each of so many cities."""

    families: int
    mentors: int
    cities: int = 1


SIZES: Final = {
    "S": Size(200, 60),
    "M": Size(2_000, 500),
    "C5": Size(5_000, 1_000),
    "L": Size(5_000, 1_000, cities=4),
    "XL": Size(5_000, 1_000, cities=20),
}


def city(families: int, mentors: int, seed: int = 1, *, places: Sequence[int] = (1, 2, 3, 4, 5)) -> Document:
    """One city's matching file; ``places`` are the capacities that mentors have, each as often as it stands there."""
    draw = random.Random(f"{seed}/{families}/{mentors}")  # noqa: S311  # the same people in every run
    helpers = [_mentor(draw, number, families, places) for number in range(mentors)]
    waiting = [_family(draw, number) for number in range(families)]
    return {"city": f"musterstadt-{seed}", "date": DAY, "mentors": helpers, "families": waiting}


def town(size: str, seed: int = 1) -> list[Document]:
    """The matching files of one of ``SIZES``, one a city."""
    wanted = SIZES[size]
    return [city(wanted.families, wanted.mentors, seed + number) for number in range(wanted.cities)]


def instances(size: str, seed: int = 1) -> list[Instance]:
    """The same, read and checked."""
    return [read_instance(document) for document in town(size, seed)]


def crowd(families: int, mentors: int) -> Document:
    """One city where every mentor fits every family, differently well: as many pairs as there can be."""
    draw = random.Random(f"{families}/{mentors}")  # noqa: S311  # the same people in every run
    everything = {"districts": list(DISTRICTS), "topics": list(TOPICS), "qualified": list(TOPICS), "gender": "f"}
    helpers = [
        {"id": f"m{number:05}", "languages": _german(draw), "slots": _slots(draw, 24), "capacity": 1, **everything}
        for number in range(mentors)
    ]
    waiting = [
        {**_family(draw, number), "languages": _german(draw), "slots": _slots(draw, 8), "consent": True}
        for number in range(families)
    ]
    for row in waiting:
        row.pop("gender_wish", None)
    return {"city": "musterstadt", "date": DAY, "mentors": helpers, "families": waiting}


def _german(draw: random.Random) -> dict[str, str]:
    return {"de": draw.choice(("B1", "B2", "C1", "C2", "native"))}


def _mentor(draw: random.Random, number: int, families: int, places: Sequence[int]) -> Document:
    home, reach = draw.randrange(len(DISTRICTS)), draw.randint(1, 3)
    offered = draw.sample(TOPICS, draw.randint(8, 16))
    return {
        "id": f"m{number:05}",
        "languages": _levels(draw, _some_languages(draw, draw.choice((1, 1, 2, 2)), _SPOKEN)),
        "districts": list(DISTRICTS[max(0, home - reach) : home + reach + 1]),
        "topics": offered,
        "qualified": [topic for topic in offered if topic != UNTAUGHT and draw.random() < 0.85],
        "slots": _slots(draw, draw.randint(6, 14)),
        "capacity": draw.choice(places),
        "gender": "f" if draw.random() < 0.7 else "m",
        "excluded_families": [f"f{draw.randrange(families):05}"] if draw.random() < 0.05 else [],
    }


def _family(draw: random.Random, number: int) -> Document:
    wish = {"gender_wish": "f" if draw.random() < 0.8 else "m"} if draw.random() < 0.25 else {}
    waits = timedelta(days=int(_LONGEST_WAIT * draw.random() ** 1.5))
    return {
        "id": f"f{number:05}",
        "languages": {tag: "native" for tag in _some_languages(draw, draw.choice((1, 1, 1, 2)), LANGUAGES)},
        "district": draw.choice(DISTRICTS),
        "topics": draw.sample(TOPICS, draw.choice((0, 0, 1, 1, 1, 2))),
        "slots": _slots(draw, draw.randint(3, 8)),
        **wish,
        "urgent": draw.random() < 0.1,
        "wishes": draw.sample(TOPICS, draw.choice((0, 1, 2, 3))),
        "waiting_since": (date.fromisoformat(DAY) - waits).isoformat(),
        "interpreter": draw.random() < 0.03,
        "consent": draw.random() >= 0.14,
    }


def _some_languages(draw: random.Random, count: int, among: Sequence[str]) -> list[str]:
    """Different languages; the n-th is chosen about 1/n as often as the first."""
    weights = list(accumulate(1 / place**1.1 for place in range(1, len(among) + 1)))
    chosen: list[str] = []
    while len(chosen) < count:
        one = among[bisect(weights, draw.random() * weights[-1])]
        if one not in chosen:
            chosen.append(one)
    return chosen


def _levels(draw: random.Random, languages: Sequence[str]) -> dict[str, str]:
    return {one: draw.choice(("A2", "B1", "B2", "C1", "C2", "native", "native", "native")) for one in languages}


def _slots(draw: random.Random, count: int) -> list[str]:
    return draw.sample(SLOTS, count)

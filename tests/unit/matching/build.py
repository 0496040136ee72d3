"""Invented instances: one small right pair to bend in tests, and seeded random pools. Nobody in here exists."""

import random
from typing import Any

from services.matching.domain.instance import SLOTS

DATE = "2026-01-15"


def mentor(identity: str = "m1", **changes: Any) -> dict[str, Any]:
    """A mentor's row that passes every rule with ``family()``."""
    row = {
        "id": identity,
        "languages": {"ar": "native", "de": "B2"},
        "districts": ["Schmarl"],
        "topics": ["health"],
        "qualified": ["health"],
        "slots": ["wed-pm"],
        "capacity": 1,
        "gender": "f",
    }
    return {**row, **changes}


def family(identity: str = "f1", **changes: Any) -> dict[str, Any]:
    """A family's row that passes every rule with ``mentor()``."""
    row = {
        "id": identity,
        "languages": {"ar": "native"},
        "district": "Schmarl",
        "topics": ["health"],
        "slots": ["wed-pm"],
        "waiting_since": "2026-01-01",
        "consent": True,
    }
    return {**row, **changes}


def instance(mentors: list[dict[str, Any]], families: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A file of these rows."""
    return {"city": "rostock", "date": DATE, "mentors": mentors, "families": families, **more}


def random_instance(seed: int, mentors: int, families: int, spread: int = 3) -> dict[str, Any]:
    """A pool with scarce places; ``spread`` is the number of districts, languages and topics to choose from."""
    draw, also = random.Random(seed), random.Random(f"{seed}/wishes")
    some = _choices(draw, spread)
    helpers = [
        mentor(
            f"m{number}",
            languages={tag: draw.choice(["A2", "B1", "C1", "native"]) for tag in some("l")},
            districts=some("d"),
            topics=some("t"),
            qualified=some("t") + some("t"),
            slots=draw.sample(SLOTS[:6], draw.randint(2, 4)),
            capacity=draw.choice([0, 1, 1, 2]),
            gender=draw.choice("fm"),
            excluded_families=[f"f{draw.randrange(families)}"] if draw.random() < 0.1 else [],
            **_perhaps(also, "gender_wish", 0.15),
        )
        for number in range(mentors)
    ]
    waiting = [
        family(
            f"f{number}",
            languages={tag: draw.choice(["A2", "B1", "C1", "native"]) for tag in some("l")},
            district=f"d{draw.randrange(spread)}",
            topics=some("t")[:1],
            slots=draw.sample(SLOTS[:6], 3),
            wishes=some("t"),
            urgent=draw.random() < 0.25,
            interpreter=draw.random() < 0.2,
            consent=draw.random() < 0.9,
            waiting_since=draw.choice(["2026-01-14", "2026-01-06", "2025-12-20", "2025-11-02"]),
            excluded_mentors=[f"m{draw.randrange(mentors)}"] if draw.random() < 0.1 else [],
            **({"gender_wish": draw.choice("fm")} if draw.random() < 0.2 else {}),
            **_perhaps(also, "gender", 0.7),
        )
        for number in range(families)
    ]
    drafts = [[f"m{draw.randrange(mentors)}", f"f{number}"] for number in range(families) if draw.random() < 0.3]
    return instance(helpers, waiting, drafts=drafts)


def _perhaps(draw: random.Random, key: str, share: float) -> dict[str, Any]:
    return {key: draw.choice("fm")} if draw.random() < share else {}


def _choices(draw: random.Random, spread: int) -> Any:
    def some(prefix: str) -> list[str]:
        return [f"{prefix}{number}" for number in range(spread) if draw.random() < 0.7]

    return some

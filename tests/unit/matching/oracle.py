"""A second opinion that shares no code with the product: dictionaries, loops and trying everything."""

from collections import Counter
from datetime import date
from typing import Any

ORDER = ["A1", "A2", "B1", "B2", "C1", "C2", "native"]
Row = dict[str, Any]


def failing(mentor: Row, family: Row, places: int) -> list[str]:
    """The rules that the pair breaks, in their order."""

    def good(level: str) -> bool:
        return ORDER.index(level) >= 2

    common = [
        tag
        for tag, level in family["languages"].items()
        if good(level) and good(mentor["languages"].get(tag, "A1")) and tag not in family.get("not_wished", [])
    ]
    excluded = family["id"] in mentor.get("excluded_families", []) or mentor["id"] in family.get("excluded_mentors", [])
    broken = {
        "consent": not family["consent"],
        "exclusion": excluded,
        "language": not common and not family.get("interpreter", False),
        "topic": any(topic not in mentor["topics"] for topic in family["topics"]),
        "qualification": any(topic not in mentor["qualified"] for topic in family["topics"]),
        "availability": not set(mentor["slots"]) & set(family["slots"]),
        "district": family["district"] not in mentor["districts"],
        "gender": family.get("gender_wish", mentor["gender"]) != mentor["gender"]
        or mentor.get("gender_wish", family.get("gender")) != family.get("gender"),
        "capacity": places < 1,
    }
    return [rule for rule, fails in broken.items() if fails]


def points(mentor: Row, family: Row, draft: bool) -> int:
    """The fit of a pair under the default policy."""
    levels = [
        min(ORDER.index(level), ORDER.index(mentor["languages"][tag]))
        for tag, level in family["languages"].items()
        if tag in mentor["languages"] and tag not in family.get("not_wished", [])
    ]
    language = max([0, *(60 * (level - 1) for level in levels if level >= 2)])
    wishes = set(family.get("wishes", []))
    met = wishes & set(mentor["topics"]) & set(mentor["qualified"])
    topics = 180 * len(met) // len(wishes) if wishes else 180
    time = 25 * min(4, len(set(mentor["slots"]) & set(family["slots"])))
    return language + 200 + topics + time + (100 if draft else 0)


def band(data: Row, family: Row) -> int:
    """Whole weeks of waiting."""
    return (date.fromisoformat(data["date"]) - date.fromisoformat(family["waiting_since"])).days // 7


def edges_of(data: Row) -> dict[tuple[str, str], int]:
    """Every pair that passes the rules, with its fit."""
    taken = Counter(pair[0] for pair in data.get("frozen", []))
    settled = {pair[1] for pair in data.get("frozen", [])}
    return {
        (mentor["id"], family["id"]): points(mentor, family, [mentor["id"], family["id"]] in data.get("drafts", []))
        for mentor in data["mentors"]
        for family in data["families"]
        if family["id"] not in settled and not failing(mentor, family, mentor["capacity"] - taken[mentor["id"]])
    }


def best_vector(data: Row) -> tuple[int, int, tuple[int, ...], int]:
    """The greatest (urgent, matched, per band from the longest, fit) that any choice reaches, by trying all."""
    edges = edges_of(data)
    taken = Counter(pair[0] for pair in data.get("frozen", []))
    left = {mentor["id"]: mentor["capacity"] - taken[mentor["id"]] for mentor in data["mentors"]}
    families = [row for row in data["families"] if row["id"] not in {pair[1] for pair in data.get("frozen", [])}]
    bands = sorted({band(data, row) for row in families}, reverse=True)
    best = (0, 0, (0,) * len(bands), 0)

    def go(place: int, urgent: int, per_band: tuple[int, ...], fit: int) -> None:
        nonlocal best
        if place == len(families):
            best = max(best, (urgent, sum(per_band), per_band, fit))
            return
        row = families[place]
        go(place + 1, urgent, per_band, fit)
        spot = bands.index(band(data, row))
        more = (*per_band[:spot], per_band[spot] + 1, *per_band[spot + 1 :])
        for mentor in [one for one, places in left.items() if places > 0]:
            if (mentor, row["id"]) in edges:
                left[mentor] -= 1
                go(place + 1, urgent + row.get("urgent", False), more, fit + edges[mentor, row["id"]])
                left[mentor] += 1

    go(0, 0, (0,) * len(bands), 0)
    return best

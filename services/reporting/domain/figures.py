"""Indicators: pure functions over the facts of a programme and a period. ``DEFINITIONS`` names their version."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.reporting.domain.facts import Fact, in_period
from shared.kernel.canonical import content_hash
from shared.kernel.dates import Period

DEFINITIONS = "2026-1"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one programme and period: single numbers, and numbers by a dimension.

    ``language_gap`` are those of the waiting of whom matching says that nobody with a place speaks their language and
    reaches them. It and ``waiting_topics`` are empty for facts from before matching said so.
    """

    totals: Mapping[str, int]
    by: Mapping[tuple[str, str], Mapping[str, int]]
    waiting: Mapping[tuple[str, str], int]
    language_gap: Mapping[tuple[str, str], int] = field(default_factory=dict)
    waiting_topics: Mapping[str, int] = field(default_factory=dict)


def count(facts: Iterable[Fact], period: Period) -> Figures:
    """Counts what is dated inside the period; ``waiting`` is the present list, whatever its dates."""
    everything = list(facts)
    kept: dict[str, list[Fact]] = {}
    for fact in in_period(everything, period):
        kept.setdefault(fact.kind, []).append(fact)
    waiting = [fact for fact in everything if fact.kind == "waiting"]
    certified = [
        fact
        for fact in everything
        if fact.kind == "engagement" and fact.valid and (fact.fields.get("certified_on") or "") in period
    ]
    totals = _totals(kept) | {"mentors_certified": len(certified), "families_waiting": len(waiting)}
    told = [fact for fact in waiting if "lacks" in fact.fields]
    gap = [fact for fact in told if "language" in fact.fields["lacks"]]
    return Figures(totals, _tables(kept), _waiting(waiting), _waiting(gap), _by(told, "topic"))


def figures_hash(figures: Figures) -> str:
    """SHA-256 over all numbers, so that two counts can be compared."""
    tables = [[*key, dict(values)] for key, values in sorted(figures.by.items())]
    waiting = [[*key, number] for key, number in sorted(figures.waiting.items())]
    gap = [[*key, number] for key, number in sorted(figures.language_gap.items())]
    # Reports that were sealed before matching told of gaps have neither, and the hash that they always had.
    more = [gap, dict(figures.waiting_topics)] if figures.waiting_topics else []
    return content_hash([dict(figures.totals), tables, waiting, *more])


def _totals(kept: Mapping[str, list[Fact]]) -> dict[str, int]:
    visits, requests = kept.get("visit", []), kept.get("request", [])
    outcomes, activities = kept.get("outcome", []), kept.get("activity", [])
    brokered = [fact for fact in requests if fact.fields["by"] in ("volunteer", "partner")]
    return {
        "visits": len(visits),
        "visit_minutes": sum(fact.fields["minutes"] for fact in visits),
        "families_reached": len({fact.fields["participation"] for fact in visits}),
        "volunteers_won": sum(bool(fact.fields["first"]) for fact in kept.get("engagement", [])),
        "supported_into_self_employment": sum(fact.fields["kind"] == "self_employment" for fact in outcomes),
        "outcomes": len(outcomes),
        "requests": len(requests),
        "requests_brokered": len(brokered),
        "requests_own": sum(fact.fields["by"] == "own" for fact in requests),
        "requests_fulfilled": sum(fact.fields["state"] == "fulfilled" for fact in requests),
        "activities": len(activities),
        "participants": sum(fact.fields["participants"] for fact in activities),
        "attendance": sum(fact.fields["state"] in ("present", "made_up") for fact in kept.get("attendance", [])),
        "tandems": len(kept.get("tandem", [])),
        "participations": len(kept.get("participation", [])),
    }


def _tables(kept: Mapping[str, list[Fact]]) -> dict[tuple[str, str], Mapping[str, int]]:
    visits, requests = kept.get("visit", []), kept.get("request", [])
    minutes = _by(visits, "kind", lambda fact: int(fact.fields["minutes"]))
    families: dict[tuple[str, str], Mapping[str, int]] = {
        ("families_reached", name): _distinct(visits, name) for name in ("language", "topic", "district")
    }
    done = [fact for fact in requests if fact.fields["state"] == "fulfilled"]
    brokered = [fact for fact in requests if fact.fields["by"] in ("volunteer", "partner")]
    return {
        ("visits", "kind"): _by(visits, "kind"),
        ("visit_minutes", "kind"): minutes,
        ("visits", "month"): _by(visits, "month"),
        ("requests_brokered", "service"): _by(brokered, "service"),
        ("requests_fulfilled", "service"): _by(done, "service"),
        ("activities", "kind"): _by(kept.get("activity", []), "kind"),
        ("participants", "kind"): _by(kept.get("activity", []), "kind", lambda fact: int(fact.fields["participants"])),
        ("outcomes", "kind"): _by(kept.get("outcome", []), "kind"),
        **families,
    }


def _values(fact: Fact, dimension: str) -> list[str]:
    """What a fact has of a dimension; a visit may have several topics. Absent is ``unknown``."""
    if dimension == "month":
        return [fact.date[:7]]
    if dimension == "topic":
        return list(fact.fields.get("topics") or ["unknown"])
    return [str(fact.fields.get(dimension) or "unknown")]


def _by(facts: Iterable[Fact], dimension: str, weight: Callable[[Fact], int] = lambda _: 1) -> Mapping[str, int]:
    counter: Counter[str] = Counter()
    for fact in facts:
        for value in _values(fact, dimension):
            counter[value] += weight(fact)
    return dict(sorted(counter.items()))


def _distinct(visits: Iterable[Fact], dimension: str) -> Mapping[str, int]:
    found: dict[str, set[str]] = {}
    for fact in visits:
        for value in _values(fact, dimension):
            found.setdefault(value, set()).add(str(fact.fields["participation"]))
    return {value: len(members) for value, members in sorted(found.items())}


def _waiting(waiting: Iterable[Fact]) -> Mapping[tuple[str, str], int]:
    counter: Counter[tuple[str, str]] = Counter()
    for fact in waiting:
        district = str(fact.fields.get("district") or "unknown")
        for language in fact.fields.get("languages") or ["unknown"]:
            counter[language, district] += 1
    return dict(sorted(counter.items()))

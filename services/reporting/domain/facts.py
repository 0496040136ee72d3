"""Counted facts: one row per visit, activity, request, tandem, engagement, participation, attendance, outcome.

A row is a function of one stored record alone; nothing is joined to the present state of a family or a mentor.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.kernel.canonical import canonical_json, content_hash
from shared.kernel.dates import Period

KINDS = ("visit", "activity", "request", "tandem", "engagement", "participation", "attendance", "outcome", "waiting")


@dataclass(frozen=True, slots=True)
class Fact:
    """What was known of one fact: its kind, its random id and its counted fields."""

    kind: str
    id: str
    fields: Mapping[str, Any]

    @property
    def date(self) -> str:
        """The day that the fact is counted on."""
        return str(self.fields["date"])

    @property
    def valid(self) -> bool:
        """Whether it is counted at all; a void one stays for the history."""
        return bool(self.fields.get("status", "valid") == "valid")


def as_known(record: Mapping[str, Any], names: Sequence[str], cut: str) -> dict[str, Any] | None:
    """The counted fields as they were known at the instant ``cut``; ``None`` where nothing was recorded by then."""
    best: Mapping[str, Any] | None = None
    for version in [*record.get("versions", ()), record]:
        if version["recorded_at"] <= cut and (best is None or version["recorded_at"] >= best["recorded_at"]):
            best = version
    return None if best is None else {name: best.get(name) for name in names} | {"recorded_at": best["recorded_at"]}


@dataclass(frozen=True, slots=True)
class Closing:
    """Days of a programme that were closed at an instant."""

    period: Period
    closed_at: str


def as_counted(
    record: Mapping[str, Any], names: Sequence[str], cut: str, closings: Sequence[Closing]
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What is counted at ``cut``, and what is known at ``cut``; they differ where something came late.

    A fact that belongs, or belonged, to closed days is counted as it was known when they were closed.
    """
    known = as_known(record, names, cut)
    for closing in closings:
        former = as_known(record, names, min(cut, closing.closed_at))
        if any(fields is not None and fields["date"] in closing.period for fields in (former, known)):
            return former, known
    return known, known


def in_period(facts: Iterable[Fact], period: Period) -> list[Fact]:
    """The valid facts whose own date lies in the period."""
    return [fact for fact in facts if fact.valid and fact.date in period]


def canonical_rows(facts: Iterable[Fact]) -> list[list[Any]]:
    """The rows in one order, as they are hashed and sealed."""
    return [[fact.kind, fact.id, dict(fact.fields)] for fact in sorted(facts, key=lambda fact: (fact.kind, fact.id))]


def rows_bytes(facts: Iterable[Fact]) -> bytes:
    """The canonical bytes of the rows."""
    return canonical_json(canonical_rows(facts))


def rows_hash(facts: Iterable[Fact]) -> str:
    """SHA-256 of the canonical rows."""
    return content_hash(canonical_rows(facts))


def facts_of(rows: Iterable[Sequence[Any]]) -> list[Fact]:
    """The facts that canonical rows were made from."""
    return [Fact(str(kind), str(key), fields) for kind, key, fields in rows]

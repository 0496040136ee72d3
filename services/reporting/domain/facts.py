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


@dataclass(frozen=True, slots=True)
class Closing:
    """Days of a programme that were closed at an instant."""

    period: Period
    closed_at: str


def as_counted(
    record: Mapping[str, Any], names: Sequence[str], cut: str, closings: Sequence[Closing]
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What is counted at ``cut``, and what is known at ``cut``; they differ where something came late.

    Late is a version that would bring a fact into days, take it out of them or change it there after they were closed.
    Each is judged by the closings before it only: none that comes later can move what an earlier one has settled.
    """
    counted: Mapping[str, Any] | None = None
    known: Mapping[str, Any] | None = None
    for version in sorted([*record.get("versions", ()), record], key=lambda version: str(version["recorded_at"])):
        if version["recorded_at"] > cut:
            break
        known = version
        if not _late(counted, version, closings):
            counted = version
    return _fields(counted, names), _fields(known, names)


def _late(counted: Mapping[str, Any] | None, version: Mapping[str, Any], closings: Sequence[Closing]) -> bool:
    closed = [closing.period for closing in closings if closing.closed_at < version["recorded_at"]]
    return any(fields is not None and fields["date"] in period for period in closed for fields in (counted, version))


def _fields(version: Mapping[str, Any] | None, names: Sequence[str]) -> dict[str, Any] | None:
    if version is None:
        return None
    return {name: version.get(name) for name in names} | {"recorded_at": version["recorded_at"]}


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

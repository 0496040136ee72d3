"""Audit rows: written in the act's own transaction, chained afterwards.

Every writer (a process) numbers its rows per city. A number whose transaction failed is written down as void, so that a
gap is a finding: with the writer's next commit, or a moment later by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from shared.kernel.canonical import content_hash
from shared.kernel.ids import new_id
from shared.security.principals import Actor
from shared.storage.mongo import Document

HASHED = (
    "_id", "at", "writer", "counter", "actor", "role", "action",
    "object", "purpose", "outcome", "fields", "correlation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What happened: an action on an object (a random id or a slug), the names of fields, never a value."""

    action: str
    object: str
    outcome: str = "done"
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class AuditWriter:
    """Numbers this process's audit rows, city by city; from any of its threads."""

    name: str = field(default_factory=lambda: new_id("wri"))
    _next: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _void: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _unsure: dict[str, dict[int, datetime]] = field(default_factory=lambda: defaultdict(dict))
    _lock: Lock = field(default_factory=Lock)

    def rows(self, city: str, moment: str, actor: Actor, entries: list[AuditEntry]) -> list[Document]:
        """Rows for one attempt of a transaction, void ones of failed attempts first."""
        if not entries:
            return []
        nobody = Actor(self.name, "service", "")
        with self._lock:
            failed = sorted(self._void.pop(city, ()))
            drawn = [self._draw(city) for _ in entries]
        void = [self._row(number, moment, nobody, _VOID) for number in failed]
        return void + [self._row(number, moment, actor, entry) for number, entry in zip(drawn, entries, strict=True)]

    def failed(self, city: str, rows: list[Document]) -> None:
        """The transaction that was to write ``rows`` did not happen."""
        with self._lock:
            self._void[city].update(row["counter"] for row in rows)

    def unsure(self, city: str, rows: list[Document], moment: datetime) -> None:
        """Whether the transaction that was to write ``rows`` happened will be known later."""
        with self._lock:
            self._unsure[city].update((row["counter"], moment) for row in rows)

    def take_open(self, city: str, before: datetime) -> list[int]:
        """Takes the numbers that nobody has written down: of failed transactions, and the unsure from before then."""
        with self._lock:
            due = [number for number, moment in self._unsure[city].items() if moment < before]
            for number in due:
                del self._unsure[city][number]
            return sorted({*self._void.pop(city, ()), *due})

    def put_back(self, city: str, numbers: Iterable[int], moment: datetime) -> None:
        """Numbers that could not be written down now."""
        with self._lock:
            self._unsure[city].update((number, moment) for number in numbers)

    def in_stead_of(self, former: str, counters: Sequence[int], moment: str) -> list[Document]:
        """Void rows for numbers that a writer drew and never wrote down."""
        nobody = Actor(self.name, "service", "")
        return [AuditWriter(former)._row(number, moment, nobody, _VOID) for number in counters]

    def _draw(self, city: str) -> int:
        self._next[city] += 1
        return self._next[city]

    def _row(self, counter: int, moment: str, actor: Actor, entry: AuditEntry) -> Document:
        row: Document = {
            "_id": new_id("aud"),
            "at": moment,
            "writer": self.name,
            "counter": counter,
            "actor": actor.subject,
            "role": actor.role,
            "purpose": actor.purpose,
            "correlation": actor.correlation,
            "action": entry.action,
            "object": entry.object,
            "outcome": entry.outcome,
            "fields": list(entry.fields),
        }
        row["hash"] = row_hash(row)
        return row


_VOID = AuditEntry("void", "audit", outcome="failed")


def row_hash(row: Document) -> str:
    """SHA-256 over the canonical JSON of what a row says."""
    return content_hash({name: row[name] for name in HASHED})

"""Visits: what was done, when, how long, about what; corrections keep the earlier versions."""

from dataclasses import dataclass, replace
from typing import Any

from shared.kernel.errors import Conflict
from shared.kernel.sealed import Sealed

MOST_VERSIONS = 50
COUNTED = ("date", "programme", "site", "carrier", "district", "status", "kind", "minutes", "topics", "language")


@dataclass(frozen=True, slots=True)
class Visit:
    """A contact of a tandem. The note is sealed; programme, site, carrier and district are as of its own date."""

    id: str
    tandem: str
    engagement: str
    participation: str
    programme: str
    date: str
    kind: str
    minutes: int
    topics: tuple[str, ...] = ()
    language: str | None = None
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    status: str = "valid"
    note: Sealed | None = None
    content: str = ""
    """A hash of what was sent, to tell a duplicate from a conflict."""
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0

    def corrected(self, now: str, reason: str, **changes: Any) -> "Visit":
        """With changed counted fields; the former ones stay as a version with the reason."""
        if len(self.versions) >= MOST_VERSIONS:
            raise Conflict("too-many-versions")
        former = {name: getattr(self, name) for name in COUNTED}
        former |= {"topics": list(self.topics), "recorded_at": self.recorded_at, "reason": reason}
        return replace(self, versions=(*self.versions, former), recorded_at=now, **changes)

    def voided(self, now: str, reason: str) -> "Visit":
        """Not counted any more, for a reason."""
        if self.status == "void":
            raise Conflict("already-void")
        return self.corrected(now, reason, status="void")

"""Engagements: a person as mentor or volunteer in one programme. The stage follows from facts; nobody sets it."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.registry.domain.places import NOWHERE, Place, Programme
from shared.kernel.dates import Dated
from shared.kernel.errors import Conflict, Finding, Refused

INSPECTION_MONTHS = 3
CLEARANCE_MONTHS = 60


@dataclass(frozen=True, slots=True)
class Clearance:
    """The extended certificate of good conduct (erweitertes Führungszeugnis): days only, never its content."""

    issued_on: str
    seen_on: str

    @property
    def until(self) -> str:
        """The day after the last on which it holds: five years after issue."""
        return months_after(self.issued_on, CLEARANCE_MONTHS)


@dataclass(frozen=True, slots=True)
class Engagement:
    """See the module. ``passed`` are modules attended; ``date`` is the day it began."""

    id: str
    person: str | None
    programme: str
    role: str
    date: str
    first: bool
    sites: tuple[Dated[str], ...] = ()
    place: Place = NOWHERE
    languages: dict[str, str] | None = None
    reach: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    capacity: int = 1
    gender: str | None = None
    cohort: str | None = None
    passed: tuple[str, ...] = ()
    certified_on: str | None = None
    clearance: Clearance | None = None
    left_on: str | None = None
    left_because: str | None = None
    erased_languages: tuple[str, ...] = ()
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0

    def require_running(self) -> None:
        """Raises ``Conflict``: ``erased``, or ``already-ended``."""
        if self.person is None:
            raise Conflict("erased")
        if self.left_on is not None:
            raise Conflict("already-ended")

    def stage(self, programme: Programme) -> str:
        """Where on the way from interest to leaving."""
        if self.left_on is not None:
            return "left"
        if programme.modules and self.certified_on is None:
            if not programme.missing(frozenset(self.passed)):
                return "qualified"
            return "in_qualification" if self.cohort is not None else "interested"
        if self.clearance is None:
            return "certified" if programme.modules else "interested"
        return "active"

    def qualified(self, programme: Programme) -> tuple[str, ...]:
        """The topics she is qualified for: nothing before the certification, what she offers where there is none."""
        if not programme.modules:
            return self.topics
        return programme.qualifying(frozenset(self.passed)) if self.certified_on is not None else ()

    def cleared(self, clearance: Clearance) -> "Engagement":
        """With a clearance. Refused where the certificate was older than three months when it was seen."""
        self.require_running()
        if clearance.seen_on < clearance.issued_on:
            raise Refused("invalid", (Finding("/seen_on", "too-early", f">= {clearance.issued_on}"),))
        if clearance.seen_on > months_after(clearance.issued_on, INSPECTION_MONTHS):
            expected = f"issued at most {INSPECTION_MONTHS} months before it is seen"
            raise Refused("certificate-too-old", (Finding("/issued_on", "too-old", expected),))
        return replace(self, clearance=clearance)

    def certified(self, on: str, programme: Programme) -> "Engagement":
        """Certified. Refused with the missing modules where some required ones are not passed."""
        self.require_running()
        if self.certified_on is not None:
            raise Conflict("already-certified")
        if on < self.date:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {self.date}"),))
        missing = programme.missing(frozenset(self.passed))
        if missing:
            raise Refused("qualification", params={"missing": list(missing)})
        return replace(self, certified_on=on)

    def left(self, on: str, because: str) -> "Engagement":
        """Ended on a day, for a reason."""
        self.require_running()
        if on < self.date:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {self.date}"),))
        return replace(self, left_on=on, left_because=because)


def months_after(day: str, months: int) -> str:
    """The same day some months later, or the last of that month."""
    begin = date.fromisoformat(day)
    index = begin.month - 1 + months
    year, month = begin.year + index // 12, index % 12 + 1
    return date(year, month, min(begin.day, monthrange(year, month)[1])).isoformat()

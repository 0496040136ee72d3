"""Engagements: a person as mentor or volunteer in one programme. The stage follows from facts; nobody sets it."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.registry.domain.places import NOWHERE, Place, Programme
from shared.kernel.classified import classified
from shared.kernel.dates import Dated
from shared.kernel.errors import Conflict, Finding, Refused

INSPECTION_MONTHS = 3
CLEARANCE_MONTHS = 60


@classified(internal="issued_on seen_on")
@dataclass(frozen=True, slots=True)
class Clearance:
    """The extended certificate of good conduct (erweitertes Führungszeugnis): days only, never its content."""

    issued_on: str
    seen_on: str

    @property
    def until(self) -> str:
        """The day after the last on which it holds: five years after issue."""
        return months_after(self.issued_on, CLEARANCE_MONTHS)


@classified(
    internal="programme role date first sites place languages reach topics slots capacity gender cohort passed "
    "certified_on complete_since clearance paused_since tells_special left_on left_because "
    "erased_languages recorded_at versions version",
    personal="id person excluded",
    special="special",
)
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
    complete_since: str | None = None
    """The day on which the last required module was passed."""
    clearance: Clearance | None = None
    paused_since: str | None = None
    excluded: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    """Tokens of special topics offered."""
    tells_special: bool = False
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

    def stage(self, programme: Programme, day: str) -> str:
        """Where on the way from interest to leaving, on a day."""
        if self.left_on is not None:
            return "left"
        if self.paused_since is not None:
            return "paused"
        if programme.modules and self.certified_on is None:
            if not programme.missing(frozenset(self.passed)):
                return "qualified"
            return "in_qualification" if self.cohort is not None else "interested"
        if self.clearance is None or day >= self.clearance.until:
            return "certified" if programme.modules else "interested"
        return "active"

    def qualified(self, programme: Programme) -> tuple[str, ...]:
        """The topics she is qualified for: nothing before the certification, what she offers where there is none."""
        if not programme.modules:
            return self.topics
        return programme.qualifying(frozenset(self.passed)) if self.certified_on is not None else ()

    def told_special(self, programme: Programme) -> tuple[str, ...]:
        """The tokens that may be told: offered, qualified for, and with consents."""
        if not self.tells_special:
            return ()
        if not programme.modules:
            return self.special
        known = programme.qualifying_special(frozenset(self.passed)) if self.certified_on is not None else ()
        return tuple(token for token in self.special if token in known)

    def paused(self, today: str) -> "Engagement":
        """No new families for a while."""
        self.require_running()
        if self.paused_since is not None:
            raise Conflict("already-paused")
        return replace(self, paused_since=today)

    def resumed(self) -> "Engagement":
        """There again."""
        self.require_running()
        if self.paused_since is None:
            raise Conflict("not-paused")
        return replace(self, paused_since=None)

    def with_passed(self, passed: tuple[str, ...], programme: Programme, day: str) -> "Engagement":
        """With the modules passed by that day; certified, where the programme does so by itself."""
        complete = not programme.missing(frozenset(passed))
        since = (self.complete_since or day) if complete else None
        changed = replace(self, passed=passed, complete_since=since)
        open_yet = self.certified_on is None and self.left_on is None and self.person is not None
        automatic = complete and open_yet and programme.on(day).certification == "automatic"
        return changed.certified(day, programme) if automatic else changed

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
        return replace(self, left_on=on, left_because=because, paused_since=None)


def months_after(day: str, months: int) -> str:
    """The same day some months later, or the last of that month."""
    begin = date.fromisoformat(day)
    index = begin.month - 1 + months
    year, month = begin.year + index // 12, index % 12 + 1
    return date(year, month, min(begin.day, monthrange(year, month)[1])).isoformat()

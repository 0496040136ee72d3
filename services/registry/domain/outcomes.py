"""Attendances of modules and outcomes of people: counted facts with their own day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.registry.domain.cohorts import Cohort
from services.registry.domain.days import require_past
from services.registry.domain.places import NOWHERE, Place
from shared.kernel.classified import classified
from shared.kernel.errors import Finding, Refused

__all__ = ["Attendance", "Cohort", "Outcome", "modules_passed"]
MADE_UP = "made_up"


@classified(
    internal="id cohort programme module date state minutes status place recorded_at versions version made_up_on",
    personal="engagement",
)
@dataclass(frozen=True, slots=True)
class Attendance:
    """One trainee at one module; ``date`` is the day of the session, ``made_up_on`` the one on which it was made up."""

    id: str
    cohort: str
    engagement: str
    programme: str
    module: str
    date: str
    state: str
    minutes: int = 0
    status: str = "valid"
    place: Place = NOWHERE
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0
    made_up_on: str | None = None

    @property
    def passed_on(self) -> str | None:
        """The day from which the module counts as passed; ``None`` where it does not."""
        if self.status != "valid" or self.state not in ("present", MADE_UP):
            return None
        return self.made_up_on or self.date

    def checked(self, today: str) -> "Attendance":
        """With the day on which it was made up, the session's own where nobody has said. Raises ``Refused``."""
        require_past(self.date, today, "/date")
        if self.state != MADE_UP:
            if self.made_up_on is not None:
                raise Refused("invalid", (Finding("/made_up_on", "wrong-state", "only with the state made_up"),))
            return self
        made_up_on = self.made_up_on or self.date
        if made_up_on < self.date:
            raise Refused("invalid", (Finding("/made_up_on", "too-early", f">= {self.date}"),))
        require_past(made_up_on, today, "/made_up_on")
        return replace(self, made_up_on=made_up_on)

    def corrected(self, values: Mapping[str, Any], today: str) -> "Attendance":
        """With other values; another state than made up forgets the day of making up. Raises ``Refused``."""
        changed = replace(self, **values)
        if changed.state != MADE_UP and "made_up_on" not in values:
            changed = replace(changed, made_up_on=None)
        return changed.checked(today)


def modules_passed(attendances: Iterable[Attendance]) -> tuple[str, ...]:
    """The modules that somebody was present at, or made up for; by the day on which that was first so."""
    return tuple(days_passed(attendances))


def days_passed(attendances: Iterable[Attendance]) -> dict[str, str]:
    """The first day on which each module was passed, in the order of these days."""
    passed = sorted((entry.passed_on, entry.id, entry.module) for entry in attendances if entry.passed_on is not None)
    found: dict[str, str] = {}
    for day, _, module in passed:
        found.setdefault(module, day)
    return found


@classified(
    internal="id programme kind date status place recorded_at versions version evidence evidence_seen_on",
    personal="engagement participation",
)
@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody reached: self-employment, a job, training.

    ``evidence`` is the kind of paper that was seen (a contract, a registration), and never the paper; it is told to
    nobody else.
    """

    id: str
    programme: str
    kind: str
    date: str
    engagement: str | None = None
    participation: str | None = None
    evidence: str | None = None
    evidence_seen_on: str | None = None
    status: str = "valid"
    place: Place = NOWHERE
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0

    def require_evidence(self, today: str) -> None:
        """Raises ``Refused`` for a kind without the day on which it was seen, a day without one, a day to come."""
        if (self.evidence is None) != (self.evidence_seen_on is None):
            missing = "evidence" if self.evidence is None else "evidence_seen_on"
            raise Refused("invalid", (Finding(f"/{missing}", "missing"),))
        if self.evidence_seen_on is not None:
            require_past(self.evidence_seen_on, today, "/evidence_seen_on")

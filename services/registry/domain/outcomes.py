"""Attendances of modules and outcomes of people: counted facts with their own day."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.registry.domain.places import NOWHERE, Place
from shared.kernel.classified import classified


@classified(internal="id programme name opened_on enrolled version")
@dataclass(frozen=True, slots=True)
class Cohort:
    """A qualification that runs (Qualifizierungsjahrgang)."""

    id: str
    programme: str
    name: str
    opened_on: str
    enrolled: int = 0
    version: int = 0


@classified(
    internal="id cohort programme module date state minutes status place recorded_at versions version",
    personal="engagement",
)
@dataclass(frozen=True, slots=True)
class Attendance:
    """One trainee at one module."""

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


def modules_passed(attendances: Iterable[Attendance]) -> tuple[str, ...]:
    """The modules that somebody was present at, or made up for; by the day on which that was first so."""
    counted = sorted(attendances, key=lambda attendance: (attendance.date, attendance.id))
    attended = (entry for entry in counted if entry.status == "valid" and entry.state in ("present", "made_up"))
    return tuple(dict.fromkeys(entry.module for entry in attended))


@classified(
    internal="id programme kind date status place recorded_at versions version",
    personal="engagement participation",
)
@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody reached: self-employment, a job, training."""

    id: str
    programme: str
    kind: str
    date: str
    engagement: str | None = None
    participation: str | None = None
    status: str = "valid"
    place: Place = NOWHERE
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0

"""Attendances of modules and outcomes of people: counted facts with their own day."""

from dataclasses import dataclass

from services.registry.domain.places import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Cohort:
    """A qualification that runs (Qualifizierungsjahrgang)."""

    id: str
    programme: str
    name: str
    opened_on: str
    enrolled: int = 0
    version: int = 0


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
    place: Place = NOWHERE
    recorded_at: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody reached: self-employment, a job, training."""

    id: str
    programme: str
    kind: str
    date: str
    engagement: str | None = None
    participation: str | None = None
    place: Place = NOWHERE
    recorded_at: str = ""
    version: int = 0

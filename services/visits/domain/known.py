"""What visits knows of others when a fact is written down, as of the fact's own date."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from shared.kernel.dates import Period
from shared.kernel.errors import Finding
from shared.kernel.recorded import Recorded, valid

VISIT_KINDS: Final = ("home_visit", "accompaniment", "offer", "meeting", "telephone")

OUTSIDE_PERIOD: Final = "outside-period"
PERIOD_CLOSED: Final = "period-closed"
BEFORE_TANDEM: Final = "before-tandem"
AFTER_TANDEM: Final = "after-tandem"
NOTE_NOT_KEPT: Final = "note-not-kept"


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant and the day in Germany at which something is recorded."""

    now: str
    today: str


@dataclass(frozen=True, slots=True)
class Place:
    """The dimensions of a fact."""

    site: str | None = None
    carrier: str | None = None
    district: str | None = None


@dataclass(frozen=True, slots=True)
class Lists:
    """What a programme lists from a day on; ``None`` leaves a list as it was."""

    activities: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme's period, its lists (an empty one allows everything), and which of its periods are closed.

    The lists are those of today; ``history`` has those of all days, where the programme told of any.
    """

    slug: str
    period: Period
    activities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    closed: tuple[Period, ...] = ()
    history: tuple[Recorded[Lists], ...] = ()

    def on(self, day: str) -> "Programme":
        """The programme with the lists of a day."""
        if len(self.history) < 2:
            return self
        lists = ((name, _listed(self.history, name, day)) for name in ("activities", "topics", "services"))
        return replace(self, **{name: listed for name, listed in lists if listed is not None})

    @property
    def visit_kinds(self) -> tuple[str, ...]:
        """The kinds of contact that can be logged."""
        return self.activities or VISIT_KINDS

    def hints(self, day: str) -> tuple[str, ...]:
        """What to tell whoever writes down something of that day; it is stored all the same."""
        outside = (OUTSIDE_PERIOD,) if day not in self.period else ()
        return outside + ((PERIOD_CLOSED,) if any(day in period for period in self.closed) else ())


def _listed(history: tuple[Recorded[Lists], ...], name: str, day: str) -> Any:
    stated = (replace(entry, value=getattr(entry.value, name)) for entry in history)
    return valid([entry for entry in stated if entry.value is not None], day)


@dataclass(frozen=True, slots=True)
class Setting:
    """A visit's tandem and programme. ``person`` is the mentor's; ``forgotten``: the family has been erased."""

    tandem: str
    engagement: str
    participation: str
    person: str | None
    begun_on: str
    ended_on: str | None
    programme: Programme
    place: Place
    forgotten: bool = False

    def hints(self, day: str) -> tuple[str, ...]:
        """The programme's, and whether the tandem ran on that day."""
        before = (BEFORE_TANDEM,) if day < self.begun_on else ()
        after = (AFTER_TANDEM,) if self.ended_on is not None and day > self.ended_on else ()
        return self.programme.hints(day) + before + after


def faults_of_day(day: str, today: str) -> tuple[Finding, ...]:
    """Nothing happens more than a day ahead: a phone's clock may be a little wrong, no more."""
    latest = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
    return (Finding("/date", "in-future", f"<= {latest}"),) if day > latest else ()


def faults_of_choice(pointer: str, choice: str, allowed: tuple[str, ...]) -> tuple[Finding, ...]:
    """One of the allowed, where there is a list."""
    return (Finding(pointer, "not-one-of", ", ".join(allowed)),) if allowed and choice not in allowed else ()

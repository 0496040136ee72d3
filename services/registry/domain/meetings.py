"""Group meetings (Gruppentreffen): a series, week by week, and who came. They are counted for no module."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from services.registry.domain.days import require_past
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict, Finding, Refused

MOST_SHOWN: Final = 60
"""More than a year of weekly meetings."""
MOST_VERSIONS: Final = 50


@classified(internal="id programme name first_on weeks until cohort begin minutes place version")
@dataclass(frozen=True, slots=True)
class Series:
    """Meetings of a programme, or of one of its cohorts, every so many weeks from the first day on.

    ``until`` is the day after which there is none any more, half-open as all periods are.
    """

    id: str
    programme: str
    name: str
    first_on: str
    weeks: int = 1
    until: str | None = None
    cohort: str | None = None
    begin: str | None = None
    minutes: int = 0
    place: str | None = None
    version: int = 0

    def days(self, up_to: str) -> tuple[str, ...]:
        """The planned days up to and with ``up_to``, the last ``MOST_SHOWN`` of them."""
        last = up_to if self.until is None else min(up_to, _before(self.until))
        first, step = date.fromisoformat(self.first_on), timedelta(weeks=self.weeks)
        number = (date.fromisoformat(last) - first) // step + 1
        return tuple((first + step * index).isoformat() for index in range(max(0, number - MOST_SHOWN), max(0, number)))

    def next_after(self, day: str) -> str | None:
        """The next planned day behind ``day``; ``None`` where the series has ended."""
        first, step = date.fromisoformat(self.first_on), timedelta(weeks=self.weeks)
        index = max(0, (date.fromisoformat(day) - first) // step + 1)
        found = (first + step * index).isoformat()
        return None if self.until is not None and found >= self.until else found

    def require_day(self, day: str) -> None:
        """Raises ``Refused`` for a day outside the series; inside, meetings may be moved."""
        if day < self.first_on:
            raise Refused("invalid", (Finding("/date", "too-early", f">= {self.first_on}"),))
        if self.until is not None and day >= self.until:
            raise Refused("invalid", (Finding("/date", "too-late", f"< {self.until}"),))

    def require_end(self) -> None:
        """Raises ``Refused`` for a series without a day."""
        if self.until is not None and self.until <= self.first_on:
            raise Refused("invalid", (Finding("/until", "too-early", f"> {self.first_on}"),))

    def ending(self, until: str) -> "Series":
        """With another end. Raises ``Refused`` as ``require_end`` does."""
        changed = replace(self, until=until)
        changed.require_end()
        return changed


@classified(internal="id series programme date state minutes recorded_at versions version", personal="attended")
@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting: held, or cancelled; and who was present, excused, absent, by engagement.

    ``versions`` are earlier states of what is counted, with the instant and the reason of each correction.
    """

    id: str
    series: str
    programme: str
    date: str
    state: str
    minutes: int
    attended: dict[str, str]
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0

    @property
    def present(self) -> int:
        """How many came."""
        return sum(state == "present" for state in self.attended.values())

    def of(self, series: Series, today: str, now: str) -> "Meeting":
        """As one of the series, recorded now. Raises ``Refused`` for a day to come or outside the series."""
        series.require_day(self.date)
        require_past(self.date, today, "/date")
        self.require_nobody_where_cancelled()
        return replace(self, programme=series.programme, recorded_at=now)

    def require_nobody_where_cancelled(self) -> None:
        """Raises ``Refused`` for somebody at a meeting that was not held."""
        if self.state == "cancelled" and self.attended:
            raise Refused("invalid", (Finding("/attended", "wrong-state", "nobody, where it was cancelled"),))

    def corrected(self, values: Mapping[str, Any], now: str, reason: str) -> "Meeting":
        """With other values; what was known before becomes a version. Raises ``Conflict`` past fifty of them."""
        if len(self.versions) >= MOST_VERSIONS:
            raise Conflict("too-many-versions")
        changed = replace(self, **values)
        if changed.state == "cancelled" and "attended" not in values:
            changed = replace(changed, attended={}, minutes=0)
        before = {name: getattr(self, name) for name in ("state", "minutes", "attended", "recorded_at")}
        return replace(changed, versions=(*self.versions, {**before, "reason": reason}), recorded_at=now)


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()

"""Closing of periods (Abschluss): what is recorded later counts as late."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.reporting.domain.facts import Closing
from shared.kernel.classified import classified
from shared.kernel.dates import Period
from shared.kernel.errors import Conflict, Finding, Refused


@classified(internal="id programme begin until closed_at version")
@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """The days from ``begin`` up to, but without, ``until`` of a programme, closed at an instant."""

    id: str
    programme: str
    begin: str
    until: str
    closed_at: str = ""
    version: int = 0

    @property
    def as_closing(self) -> Closing:
        """What counting needs to know of it."""
        return Closing(Period(self.begin, self.until), self.closed_at)

    def closing(self, others: Sequence["ClosedPeriod"], now: str, today: str) -> "ClosedPeriod":
        """Closed now.

        Raises ``Refused`` for a period that is not over, ``Conflict("period-overlaps")`` where a day is closed already.
        """
        if self.until > today:
            raise Refused("invalid", (Finding("/until", "not-over", f"<= {today}"),))
        if any(other.begin < self.until and self.begin < other.until for other in others):
            raise Conflict("period-overlaps")
        return ClosedPeriod(self.id, self.programme, self.begin, self.until, now)

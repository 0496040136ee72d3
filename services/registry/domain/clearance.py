"""The extended certificate of good conduct (erweitertes Führungszeugnis): only until when it holds is kept."""

from calendar import monthrange
from datetime import date
from typing import Final

from shared.kernel.errors import Finding, Refused

OLDEST_MONTHS: Final = 3
HOLDS_MONTHS: Final = 60


def plus_months(day: str, months: int) -> str:
    """The same day so many months later, or the last day of that month where it has no such day."""
    begin = date.fromisoformat(day)
    number = begin.year * 12 + begin.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(begin.day, monthrange(year, month)[1])).isoformat()


def clearance_until(issued_on: str, seen_on: str, today: str) -> str:
    """Until when it holds: five years after its issue.

    Raises ``Refused`` where it was seen in the future, before its issue, or more than three months after it.
    """
    if seen_on > today:
        raise Refused("day-in-future", (Finding("/seen_on", "day-in-future", f"<= {today}"),))
    if issued_on > seen_on:
        raise Refused("clearance-before-issue", (Finding("/issued_on", "clearance-before-issue", f"<= {seen_on}"),))
    oldest = plus_months(issued_on, OLDEST_MONTHS)
    if seen_on > oldest:
        raise Refused("clearance-too-old", (Finding("/issued_on", "clearance-too-old", f"seen_on <= {oldest}"),))
    return plus_months(issued_on, HOLDS_MONTHS)

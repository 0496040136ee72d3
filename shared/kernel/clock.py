"""Instants: UTC with milliseconds, written as RFC 3339 with ``Z``. Time is passed in, never asked for in a rule."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
BERLIN = ZoneInfo("Europe/Berlin")


def system_clock() -> datetime:
    """Now, in UTC, cut to milliseconds."""
    return to_milliseconds(datetime.now(UTC))


def to_milliseconds(moment: datetime) -> datetime:
    """``moment`` in UTC without what is finer than a millisecond, as MongoDB keeps it."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def write_instant(moment: datetime) -> str:
    """``2026-01-15T08:30:00.000Z``; strings of this form sort as their instants do."""
    return to_milliseconds(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def read_instant(text: str) -> datetime:
    """The instant that ``text`` names. Raises ``ValueError`` where there is no offset or no such moment."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset, such as 2026-01-15T08:30:00.000Z")
    try:
        return to_milliseconds(moment)
    except OverflowError as fault:
        raise ValueError("an instant lies, in UTC, in the years 0001 to 9999") from fault


def day_in_berlin(moment: datetime) -> date:
    """The calendar day in Germany at that instant."""
    return moment.astimezone(BERLIN).date()

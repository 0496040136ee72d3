"""Calendar days, periods and what changes by date."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from shared.kernel.clock import day_in_berlin

DAY_PATTERN = r"^\d{4}-\d{2}-\d{2}$"
EDTF_PATTERN = r"^\d{4}(-(0[1-9]|1[0-2]|2[1-4])(-\d{2})?)?[?~%]?$"

_DAY = re.compile(DAY_PATTERN)
_EDTF = re.compile(EDTF_PATTERN)


def check_day(text: str) -> str:
    """``text`` if it is a real day written ``YYYY-MM-DD``. Raises ``ValueError`` otherwise."""
    if not _DAY.fullmatch(text):
        raise ValueError("a day is written YYYY-MM-DD")
    date.fromisoformat(text)
    return text


def check_edtf(text: str) -> str:
    """``text`` if it is a year, a season (21 to 24), a month or a day, perhaps uncertain (``?``, ``~``, ``%``).

    Source of the form: EDTF, ISO 8601-2, levels 0 and 1. Raises ``ValueError`` otherwise.
    """
    if not _EDTF.fullmatch(text):
        raise ValueError("a reference date is a year, a season, a month or a day, such as 2018-21 or 2024-01-09?")
    plain = text.rstrip("?~%")
    if len(plain) == len("2024-01-09"):
        check_day(plain)
    return text


def days_after(day: str, days: int) -> str:
    """Another day; ``days`` below 0 go back."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def today(moment: datetime) -> str:
    """The day in Germany at ``moment``, as a string."""
    return day_in_berlin(moment).isoformat()


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``begin`` up to, but without, ``until``; ``None`` means open on that side."""

    begin: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        if self.begin is not None and self.until is not None and self.begin >= self.until:
            raise ValueError("a period ends after it begins")

    def __contains__(self, day: str) -> bool:
        return (self.begin is None or self.begin <= day) and (self.until is None or day < self.until)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value that holds from a day on, until the next entry of its list begins."""

    since: str
    value: T


def value_on(history: Iterable[Dated[T]], day: str) -> T | None:
    """The value that holds on ``day``; the first entry also holds for earlier days; ``None`` for no history."""
    found: T | None = None
    for number, entry in enumerate(history):
        if number and entry.since > day:
            break
        found = entry.value
    return found


def with_value(history: tuple[Dated[T], ...], since: str, value: T) -> tuple[Dated[T], ...]:
    """``history`` with ``value`` from ``since`` on; an entry of that same day is replaced; sorted by day."""
    kept = [entry for entry in history if entry.since != since]
    return tuple(sorted([*kept, Dated(since, value)], key=lambda entry: entry.since))

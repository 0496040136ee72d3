"""What every counted fact keeps of its past: earlier versions of the counted fields, each with its own instant."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from shared.kernel.errors import Conflict

MOST: Final = 50

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Version(Generic[C]):
    """An earlier version: what was counted, when that was recorded, why it was replaced."""

    recorded_at: str
    reason: str
    counted: C


def superseded(
    versions: tuple[Version[C], ...], counted: C, recorded_at: str, reason: str
) -> tuple[Version[C], ...]:
    """``versions`` with one more. Raises ``Conflict("too-many-versions")`` beyond fifty."""
    if len(versions) >= MOST:
        raise Conflict("too-many-versions")
    return (*versions, Version(recorded_at, reason, counted))


def month_of(day: str) -> str:
    """The first day of the month: all that stays of a date after an erasure."""
    return f"{day[:7]}-01"


def month_or_none(day: str | None) -> str | None:
    """``month_of``, where there is a day."""
    return None if day is None else month_of(day)

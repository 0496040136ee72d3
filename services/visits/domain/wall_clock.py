"""When a contact began, as the clock on the wall said it: local time, zone, and which of two equal hours (fold)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.kernel.classified import classified
from shared.kernel.clock import BERLIN, write_instant
from shared.kernel.errors import Finding

ZONE = "Europe/Berlin"


@classified(internal="local fold zone")
@dataclass(frozen=True, slots=True)
class WallClock:
    """A local time of a day; ``fold`` 1 is the second of two in the night when clocks go back."""

    local: str
    fold: int = 0
    zone: str = ZONE

    def instant(self, day: str) -> str:
        """The instant that it names on ``day``."""
        return write_instant(_moment(day, self.local, self.fold))


def faults_of(day: str, clock: WallClock) -> tuple[Finding, ...]:
    """What is wrong with it on that day: an hour that clocks skip, or a second one where there is only one."""
    first, second = (_moment(day, clock.local, fold) for fold in (0, 1))
    back = first.astimezone(UTC).astimezone(BERLIN)
    if back.strftime("%H:%M") != clock.local:
        return (Finding("/started_at", "not-on-that-day", "a time that the clocks of that day show"),)
    if clock.fold and first.utcoffset() == second.utcoffset():
        return (Finding("/fold", "not-twice", "0"),)
    return ()


def _moment(day: str, local: str, fold: int) -> datetime:
    return datetime.fromisoformat(f"{day}T{local}:00").replace(tzinfo=BERLIN, fold=fold)

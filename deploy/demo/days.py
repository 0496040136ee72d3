"""The days of the story: the present programmes run up to today, whenever the demo is run."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

START: Final = date(2025, 10, 1)
LONGEST: Final = 420
"""Days that the story looks back at most, so that a clearance of its beginning still holds today."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days between the story's beginning and today, by share of the time between them."""

    today: date

    @property
    def begin(self) -> date:
        """The first day of the story."""
        return max(START, self.today - timedelta(days=LONGEST))

    def at(self, share: float) -> str:
        """The day at ``share`` (0 is the beginning, 1 today), as ``YYYY-MM-DD``."""
        return (self.begin + timedelta(days=round(share * (self.today - self.begin).days))).isoformat()

    def to_come(self, days: int) -> str:
        """The day so many days from today."""
        return (self.today + timedelta(days=days)).isoformat()


def now_in_germany() -> Days:
    """The days as of today in Germany."""
    return Days(datetime.now(ZoneInfo("Europe/Berlin")).date())


# Where on the way the story's steps lie.
OPENED: Final = 0.02
MODULES: Final = (0.06, 0.14, 0.22, 0.30, 0.38, 0.44)
CLEARED: Final = 0.46
CERTIFIED: Final = 0.50
ENTERED: Final = (0.20, 0.52)
"""When families came: between these."""
ROUND: Final = 0.56
VISITS: Final = (0.57, 1.0)

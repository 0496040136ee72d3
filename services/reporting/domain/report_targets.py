"""A target beside its actual. How far it is reached follows from the two; nobody sets it."""

from __future__ import annotations

from dataclasses import dataclass

from services.reporting.domain.report_values import Amount, Gap, Kind
from shared.kernel.dates import check_day

WHOLE = 10_000
"""100 % in basis points."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Reached from `bound` upwards."""

    bound: int

    def reached(self, actual: int) -> bool:
        return actual >= self.bound

    def measure(self, actual: int) -> int:
        """The bound that `actual` is compared with."""
        return self.bound


@dataclass(frozen=True, slots=True)
class AtMost:
    """Reached up to `bound`; its percentage is the share of the limit that is used."""

    bound: int

    def reached(self, actual: int) -> bool:
        return actual <= self.bound

    def measure(self, actual: int) -> int:
        """The bound that `actual` is compared with."""
        return self.bound


@dataclass(frozen=True, slots=True)
class Within:
    """Reached from `low` to `high`, both included; 100 % inside, outside measured at the nearer end."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"a range from {self.low} to {self.high} holds nothing")

    def reached(self, actual: int) -> bool:
        return self.low <= actual <= self.high

    def measure(self, actual: int) -> int:
        """The bound that `actual` is compared with; inside the range it is `actual` itself."""
        return min(max(actual, self.low), self.high)


Goal = AtLeast | AtMost | Within


@dataclass(frozen=True, slots=True)
class Target:
    """A line of the targets table: indicator, goal, actual (in `unit`), perhaps the day it is due (`YYYY-MM-DD`)."""

    indicator: str
    goal: Goal
    actual: Amount
    unit: Kind = Kind.COUNT
    due: str | None = None

    def __post_init__(self) -> None:
        if not self.unit.numeric:
            raise ValueError(f"target {self.indicator}: {self.unit} is no unit")
        if self.due is not None:
            check_day(self.due)

    @property
    def reached(self) -> bool | Gap:
        if isinstance(self.actual, Gap):
            return self.actual
        return self.goal.reached(self.actual)

    @property
    def reached_percent(self) -> Amount | None:
        """Actual as a share of the goal in basis points (22500 is 225 %), half up; `None` for a goal of 0."""
        if isinstance(self.actual, Gap):
            return self.actual
        bound = self.goal.measure(self.actual)
        if bound == 0:
            return WHOLE if isinstance(self.goal, Within) and self.goal.reached(self.actual) else None
        return (2 * self.actual * WHOLE + bound) // (2 * bound)

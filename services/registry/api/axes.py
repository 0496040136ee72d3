"""The two time axes of a read: about which day is asked, and as known at which instant."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from shared.kernel.clock import write_instant
from shared.kernel.dates import today
from shared.kernel.errors import NotFound
from shared.kernel.recorded import Recorded
from shared.web.bodies import Day
from shared.web.desk import Desk
from shared.web.moments import MOMENT, Moment


@dataclass(frozen=True, slots=True)
class Axes:
    """The day that is asked about, and the instant whose knowledge is asked for; ``None`` is now."""

    day: str
    known_at: str | None = None

    def require(self, entries: Collection[Recorded[Any]], noun: str) -> None:
        """Raises ``NotFound`` for what nobody knew of at that instant; what has no history is known ever since."""
        if self.known_at is not None and entries and all(entry.at > self.known_at for entry in entries):
            raise NotFound(f"{noun}-not-found")


def _axes(
    desk: Desk,
    as_of: Annotated[
        Day | None,
        Query(description="Valid time: what holds on this day; today where it is left out.", examples=["2024-12-31"]),
    ] = None,
    known_at: Annotated[Moment | None, Query(description=f"Recorded time: as was known then: {MOMENT}.")] = None,
) -> Axes:
    now = write_instant(desk.moment)
    return Axes(as_of or today(desk.moment), known_at if known_at is not None and known_at < now else None)


def first_known(history: str, axes: Axes) -> dict[str, Any]:
    """The filter of a list: what had been recorded by then, by the first entry of a history.

    What was stored before recorded time was kept has none, and is known ever since.
    """
    if axes.known_at is None:
        return {}
    first = f"{history}.0.at"
    # Not ``{first: None}``: MongoDB also reads the 0 as a name, which no entry has, and finds ``None`` everywhere.
    return {"$or": [{first: {"$lte": axes.known_at}}, {first: {"$exists": False}}]}


AskedAxes = Annotated[Axes, Depends(_axes)]

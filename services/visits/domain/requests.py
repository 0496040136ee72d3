"""Requests of the neighbourhood (Anfragen): asked, brokered, fulfilled or closed."""

from dataclasses import dataclass, replace
from typing import Final

from services.visits.domain.history import Versions, superseding
from services.visits.domain.known import Moment, Place, Programme, faults_of_choice, faults_of_day
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict, Finding, Refused

VOLUNTEER: Final = "volunteer"
COUNTED: Final = (
    "date", "programme", "site", "carrier", "district", "status", "service", "how_often", "state", "by", "fulfilled_on",
)  # fmt: skip


@classified(
    internal="id programme service date how_often site carrier district state by fulfilled_on closed_because "
    "status warnings recorded_at versions version",
    personal="participation engagement",
)
@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for. ``date`` is the day it was asked; ``participation`` says for whom, where known."""

    id: str
    programme: str
    service: str
    date: str
    how_often: str
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    participation: str | None = None
    state: str = "open"
    by: str | None = None
    engagement: str | None = None
    fulfilled_on: str | None = None
    closed_because: str | None = None
    status: str = "valid"
    warnings: tuple[str, ...] = ()
    recorded_at: str = ""
    versions: Versions = ()
    version: int = 0

    @property
    def actions(self) -> tuple[str, ...]:
        """What can be done with it now."""
        steps = {"open": ("broker", "close"), "brokered": ("broker", "fulfil", "close")}
        return steps.get(self.state, ())

    def received(self, programme: Programme, place: Place, moment: Moment) -> "Request":
        """Taken down. Raises ``Refused`` for a service that is not in the catalogue, or a day that is to come."""
        services = programme.on(self.date).services
        faults = faults_of_day(self.date, moment.today) + faults_of_choice("/service", self.service, services)
        if faults:
            raise Refused("invalid", faults)
        return replace(
            self,
            site=place.site,
            carrier=place.carrier,
            district=place.district,
            warnings=programme.hints(self.date),
            recorded_at=moment.now,
        )

    def brokered(self, by: str, engagement: str | None, moment: Moment) -> "Request":
        """Given to the house itself, to a volunteer or to a partner; again, where the first one could not."""
        self._require("broker")
        if engagement is not None and by != VOLUNTEER:
            raise Refused("invalid", (Finding("/engagement", "only-of-a-volunteer", "no engagement"),))
        return self._moved(replace(self, state="brokered", by=by, engagement=engagement), moment, "brokered")

    def fulfilled(self, on: str, moment: Moment) -> "Request":
        """Done on a day that is not before it was asked, and not to come."""
        self._require("fulfil")
        if not self.date <= on <= moment.today:
            raise Refused("invalid", (Finding("/on", "outside", f"{self.date} … {moment.today}"),))
        return self._moved(replace(self, state="fulfilled", fulfilled_on=on), moment, "fulfilled")

    def closed(self, reason: str, moment: Moment) -> "Request":
        """Not to be fulfilled any more."""
        self._require("close")
        return self._moved(replace(self, state="closed", closed_because=reason), moment, reason)

    def _moved(self, after: "Request", moment: Moment, reason: str) -> "Request":
        return superseding(self, after, COUNTED, moment.now, reason)

    def _require(self, step: str) -> None:
        if step not in self.actions:
            raise Conflict("not-in-this-state", params={"state": self.state})

"""Activities: events, meetings and offers with head counts; nobody is named."""

from dataclasses import dataclass, replace
from typing import Any, Final

from services.visits.domain.history import Versions, superseding
from services.visits.domain.known import Moment, Place, Programme, faults_of_day
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict, Refused

COUNTED: Final = (
    "date", "programme", "site", "carrier", "district", "status", "kind", "participants", "about", "sessions",
    "minutes",
)  # fmt: skip


@classified(
    internal="id programme kind date participants about sessions minutes site carrier district status warnings "
    "recorded_at versions version",
)
@dataclass(frozen=True, slots=True)
class Activity:
    """How many came; ``about`` where nobody counted exactly."""

    id: str
    programme: str
    kind: str
    date: str
    participants: int
    about: bool = False
    sessions: int = 1
    minutes: int = 0
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    status: str = "valid"
    warnings: tuple[str, ...] = ()
    recorded_at: str = ""
    versions: Versions = ()
    version: int = 0

    @property
    def actions(self) -> tuple[str, ...]:
        """What can be done with it now."""
        return ("correct", "void") if self.status == "valid" else ()

    def recorded(self, programme: Programme, place: Place, moment: Moment) -> "Activity":
        """Taken down. Raises ``Refused`` for a day that is to come."""
        return replace(self._placed(programme, place, moment), recorded_at=moment.now)

    def corrected(
        self, changes: dict[str, Any], programme: Programme, place: Place, moment: Moment, *, reason: str
    ) -> "Activity":
        """With changed fields; what was counted before stays as a version with the reason."""
        self._require_valid()
        after = replace(self, **changes)._placed(programme, place, moment)
        return superseding(self, after, COUNTED, moment.now, reason)

    def voided(self, moment: Moment, reason: str) -> "Activity":
        """Not counted any more; its history stays."""
        self._require_valid()
        return superseding(self, replace(self, status="void"), COUNTED, moment.now, reason)

    def _placed(self, programme: Programme, place: Place, moment: Moment) -> "Activity":
        faults = faults_of_day(self.date, moment.today)
        if faults:
            raise Refused("invalid", faults)
        return replace(
            self,
            site=place.site,
            carrier=place.carrier,
            district=place.district,
            warnings=programme.hints(self.date),
        )

    def _require_valid(self) -> None:
        if self.status == "void":
            raise Conflict("already-void")

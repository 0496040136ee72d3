"""Tandems: an engagement and a participation together. Whether one runs follows from its facts; nobody sets it."""

from dataclasses import dataclass, replace
from typing import Final

from services.matching.domain.known import Where
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict, Finding, Refused

MOST_VERSIONS: Final = 50


@classified(internal="date programme site carrier district ended_on ended_because")
@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of a tandem; ``date`` is the day it began, site, carrier and district are as of that day."""

    date: str
    programme: str
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    ended_on: str | None = None
    ended_because: str | None = None


@classified(internal="recorded_at reason counted")
@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of what is counted, when it was recorded and why another followed."""

    recorded_at: str
    reason: str
    counted: Counted


@classified(internal="id counted recorded_at proposal versions version", personal="engagement participation")
@dataclass(frozen=True, slots=True)
class Tandem:
    """The pair, what is counted of it, and the proposal it came from; without one a person made it by hand."""

    id: str
    engagement: str
    participation: str
    counted: Counted
    recorded_at: str
    proposal: str | None = None
    versions: tuple[Version, ...] = ()
    version: int = 0

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.counted.ended_on is None

    def ended(self, on: str, reason: str, now: str) -> "Tandem":
        """Ended. Raises ``Conflict`` (``already-ended``, ``too-many-versions``) or ``Refused("before-beginning")``."""
        if not self.runs:
            raise Conflict("already-ended")
        begun = self.counted.date
        if on < begun:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {begun}"),))
        if len(self.versions) >= MOST_VERSIONS:
            raise Conflict("too-many-versions")
        return replace(
            self,
            counted=replace(self.counted, ended_on=on, ended_because=reason),
            versions=(*self.versions, Version(self.recorded_at, "ended", self.counted)),
            recorded_at=now,
        )


def counted_at(date: str, programme: str, where: Where) -> Counted:
    """What is counted of a tandem that begins on that day there."""
    return Counted(date, programme, where.site, where.carrier, where.district)

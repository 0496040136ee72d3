"""Tandems: an engagement and a participation together. Whether one runs follows from its facts; nobody sets it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from services.matching.domain.known import Where
from services.matching.domain.reasons import UNDONE, Side, side_of
from shared.kernel.classified import classified
from shared.kernel.clock import read_instant
from shared.kernel.errors import Conflict, Finding, Refused

MOST_VERSIONS: Final = 50
REOPEN: Final = timedelta(days=14)
"""For how long an end may be taken back."""

Phase = Literal["introduction", "trial", "active", "paused"]
INTRODUCTION: Final = "introduction"
TRIAL: Final = "trial"
ACTIVE: Final = "active"
PAUSED: Final = "paused"
ENDED: Final = "ended"
_FROM: Final[dict[Phase, tuple[Phase, ...]]] = {
    "trial": ("introduction",),
    "active": ("introduction", "trial"),
    "paused": ("introduction", "trial", "active"),
}


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


@classified(internal="phase since at because until")
@dataclass(frozen=True, slots=True)
class Step:
    """A phase: from which day on, when that was written down, why, and until when a pause is meant to last."""

    phase: Phase
    since: str
    at: str
    because: str | None = None
    until: str | None = None


@classified(
    internal="id counted recorded_at proposal versions version steps side review_on signed_on because instead_of",
    personal="engagement participation",
)
@dataclass(frozen=True, slots=True)
class Tandem:
    """The pair, what is counted of it, and the proposal it came from; without one a person made it by hand.

    ``steps`` are its phases, oldest first, and count nowhere: in each of them it runs and takes a place. ``because`` is
    why a person departed from what was proposed, ``instead_of`` the proposal that named somebody else. ``side`` is
    whose reason the end was; ``signed_on`` the day of the agreement between the two.
    """

    id: str
    engagement: str
    participation: str
    counted: Counted
    recorded_at: str
    proposal: str | None = None
    versions: tuple[Version, ...] = ()
    version: int = 0
    steps: tuple[Step, ...] = ()
    side: str | None = None
    review_on: str | None = None
    signed_on: str | None = None
    because: str | None = None
    instead_of: str | None = None

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.counted.ended_on is None

    @property
    def phase(self) -> str:
        """Where it stands; whatever began before there were phases is active."""
        if not self.runs:
            return ENDED
        return self.steps[-1].phase if self.steps else ACTIVE

    @property
    def began_at(self) -> str:
        """When its beginning was recorded."""
        return self.versions[0].recorded_at if self.versions else self.recorded_at

    def moved(self, to: Phase, on: str, now: str, *, because: str | None = None, until: str | None = None) -> "Tandem":
        """In its next phase from that day on; ``until`` is the review of a trial, or the meant end of a pause.

        Raises ``Conflict`` (``already-ended``, ``wrong-phase``, ``too-many-versions``), ``Refused``.
        """
        if self.phase not in _FROM[to]:
            self._refuse_phase(_FROM[to])
        if until is not None and until <= on:
            pointer = "/review_on" if to == TRIAL else "/until"
            raise Refused("ends-too-early", (Finding(pointer, "ends-too-early", f"> {on}"),))
        moved = self._stepped(Step(to, on, now, because, until if to == PAUSED else None))
        review = until if to == TRIAL else None if to == ACTIVE else self.review_on
        return replace(moved, review_on=review)

    def resumed(self, on: str, now: str) -> "Tandem":
        """In the phase in which it was before the pause. Raises as ``moved`` does."""
        if self.phase != PAUSED:
            self._refuse_phase((PAUSED,))
        before: Phase = self.steps[-2].phase if len(self.steps) > 1 else ACTIVE
        return self._stepped(Step(before, on, now))

    def signed(self, on: str) -> "Tandem":
        """With the day on which the two signed their agreement."""
        return replace(self, signed_on=on)

    def ended(self, on: str, reason: str, now: str, side: Side | None = None) -> "Tandem":
        """Ended. Raises ``Conflict`` (``already-ended``, ``too-many-versions``) or ``Refused("before-beginning")``."""
        if not self.runs:
            raise Conflict("already-ended")
        begun = self.counted.date
        if on < begun:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {begun}"),))
        ended = replace(self.counted, ended_on=on, ended_because=reason)
        return replace(self._recounted(ended, "ended", now), side=side_of(reason, side))

    def undone(self, now: str) -> "Tandem":
        """Ended on its first day, counted nowhere. Raises ``Conflict("already-moved")`` where something followed."""
        if not self.runs or self.phase != INTRODUCTION or len(self.steps) > 1:
            raise Conflict("already-moved", params={"phase": self.phase})
        return self.ended(self.counted.date, UNDONE, now)

    def may_reopen(self, moment: datetime) -> bool:
        """Whether its end can still be taken back, as far as the tandem itself knows."""
        ended = not self.runs and self.counted.ended_because != UNDONE
        return ended and moment - read_instant(self.recorded_at) <= REOPEN

    def reopened(self, now: str) -> "Tandem":
        """Running again, in the phase in which it ended.

        Raises ``Conflict`` (``not-ended``, ``too-late-to-undo``, ``too-many-versions``).
        """
        if self.runs or self.counted.ended_because == UNDONE:
            raise Conflict("not-ended", params={"phase": self.phase})
        if not self.may_reopen(read_instant(now)):
            raise Conflict("too-late-to-undo", params={"hours": int(REOPEN / timedelta(hours=1))})
        return replace(
            self._recounted(replace(self.counted, ended_on=None, ended_because=None), "reopened", now), side=None
        )

    def _recounted(self, counted: Counted, reason: str, now: str) -> "Tandem":
        if len(self.versions) >= MOST_VERSIONS:
            raise Conflict("too-many-versions")
        versions = (*self.versions, Version(self.recorded_at, reason, self.counted))
        return replace(self, counted=counted, versions=versions, recorded_at=now)

    def _stepped(self, step: Step) -> "Tandem":
        since = self.steps[-1].since if self.steps else self.counted.date
        if step.since < since:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {since}"),))
        if len(self.steps) >= MOST_VERSIONS:
            raise Conflict("too-many-versions")
        return replace(self, steps=(*self.steps, step))

    def _refuse_phase(self, needed: tuple[Phase, ...]) -> None:
        if not self.runs:
            raise Conflict("already-ended")
        raise Conflict("wrong-phase", params={"phase": self.phase, "needed": list(needed)})


def counted_at(date: str, programme: str, where: Where) -> Counted:
    """What is counted of a tandem that begins on that day there."""
    return Counted(date, programme, where.site, where.carrier, where.district)

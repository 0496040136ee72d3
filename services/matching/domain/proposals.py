"""Proposals: what a round suggests, what both sides are told and answer, and what a person decides.

Nothing here accepts by itself: a tandem needs the yes of both sides and the act of a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from services.matching.domain.explanation import Reason
from services.matching.domain.reasons import SIDES, OneOfTwo, Side
from shared.kernel.classified import classified
from shared.kernel.clock import read_instant
from shared.kernel.errors import Conflict, Finding, Refused

DRAFT, PROPOSED, ACCEPTED, REJECTED, EXPIRED = "draft", "proposed", "accepted", "rejected", "expired"
LIVE: Final = (DRAFT, PROPOSED)
"""Not decided yet."""
_UNDO: Final = {ACCEPTED: timedelta(hours=24), REJECTED: timedelta(days=14)}
"""For how long a decision may be taken back."""


@classified(internal="said on at")
@dataclass(frozen=True, slots=True)
class Answer:
    """What a side said (``yes`` or ``no``), on which day, and when that was written down."""

    said: str
    on: str
    at: str


@classified(internal="sites carriers programme")
@dataclass(frozen=True, slots=True)
class Reached:
    """Where one side of a pair is on the round's date; without a programme it is in the proposal's."""

    sites: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    programme: str | None = None


@classified(
    internal="id round programme date fit why sites carriers state because side until tandem drafted_at decided_at "
    "told_at told_on expires_on answers pinned undone_at reached version",
    personal="engagement participation person helped",
)
@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair of a round. ``fit`` is points by reason with their total, ``until`` the day from which it may return.

    ``sites`` and ``carriers`` are those of both sides on the round's date: who may see it; ``reached`` has them by
    side, for what needs both. ``round`` and ``date`` are those of the last round that proposed the pair,
    ``drafted_at`` is when the first one did. ``side`` is whose reason a rejection was.
    ``person`` and ``helped`` are the two whom it keeps apart, in whichever engagement or participation they come back;
    an erasure takes them away.
    """

    id: str
    round: str
    programme: str
    date: str
    engagement: str
    participation: str
    fit: dict[str, int]
    why: tuple[Reason, ...]
    sites: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    state: str = DRAFT
    because: str | None = None
    until: str | None = None
    tandem: str | None = None
    decided_at: str | None = None
    version: int = 0
    drafted_at: str | None = None
    told_at: str | None = None
    told_on: str | None = None
    expires_on: str | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    side: str | None = None
    pinned: bool = False
    undone_at: str | None = None
    person: str | None = None
    helped: str | None = None
    reached: Mapping[str, Reached] = field(default_factory=dict)

    @property
    def programmes(self) -> tuple[str, ...]:
        """The family's programme, and the mentor's where the two shared a pool: either's people may see it."""
        mentor = self.reached.get("mentor", Reached()).programme
        return tuple(dict.fromkeys((self.programme, mentor or self.programme)))

    @property
    def is_live(self) -> bool:
        """Whether it is still to be decided."""
        return self.state in LIVE

    @property
    def agreed(self) -> bool:
        """Whether both sides have said yes."""
        return all(side in self.answers and self.answers[side].said == "yes" for side in SIDES)

    @property
    def unanswered(self) -> tuple[OneOfTwo, ...]:
        """The sides that have not answered."""
        return tuple(side for side in SIDES if side not in self.answers)

    def told(self, on: str, expires_on: str, now: str) -> "Proposal":
        """Both sides were told; they may answer before ``expires_on``. Raises ``Conflict``, ``Refused``."""
        if self.state == PROPOSED:
            raise Conflict("already-told", params={"told_on": self.told_on or ""})
        self._require_live()
        if expires_on <= on:
            raise Refused("expires-too-early", (Finding("/expires_on", "expires-too-early", f"> {on}"),))
        return replace(self, state=PROPOSED, told_on=on, told_at=now, expires_on=expires_on)

    def answered(self, side: OneOfTwo, on: str, now: str) -> "Proposal":
        """That side said yes. A no is a rejection. Raises ``Conflict`` (``not-told``, ``already-decided``)."""
        self._require_live()
        if self.state != PROPOSED:
            raise Conflict("not-told")
        return replace(self, answers={**self.answers, side: Answer("yes", on, now)})

    def with_yes_of_both(self, on: str, now: str) -> "Proposal":
        """Whoever has not answered yet said yes on that day, as the person knows who decides now."""
        return replace(self, answers={**{side: Answer("yes", on, now) for side in SIDES}, **self.answers})

    def accepted(self, tandem: str, now: str) -> "Proposal":
        """Accepted. Raises ``Conflict("already-decided")``, or ``Refused("answers-missing")`` without both answers."""
        self._require_live()
        if not self.agreed:
            missing = tuple(Finding(f"/answers/{side}", "answers-missing", "yes") for side in self.unanswered)
            raise Refused("answers-missing", missing)
        return replace(self, state=ACCEPTED, tandem=tandem, decided_at=now)

    def rejected(self, reason: str, until: str | None, now: str, side: Side | None = None) -> "Proposal":
        """Rejected: the pair is excluded, until that day where there is one. Raises ``Conflict("already-decided")``."""
        self._require_live()
        return replace(self, state=REJECTED, because=reason, until=until, side=side, decided_at=now)

    def naming(self, person: str | None, helped: str | None) -> "Proposal":
        """A rejection that holds for these two, whichever engagement or participation they come back with."""
        return replace(self, person=person, helped=helped)

    def expired(self, reason: str, now: str) -> "Proposal":
        """Overtaken by another round, a tandem, an end or silence. Raises ``Conflict("already-decided")``."""
        self._require_live()
        return replace(self, state=EXPIRED, because=reason, decided_at=now)

    def again(self, newer: "Proposal") -> "Proposal":
        """This draft as a newer round proposes it again: the same id, with that round's reasons."""
        return replace(newer, id=self.id, version=self.version, drafted_at=self.drafted_at, undone_at=self.undone_at)

    def may_undo(self, moment: datetime) -> bool:
        """Whether the decision can still be taken back, as far as the proposal itself knows."""
        span = _UNDO.get(self.state)
        return span is not None and self.decided_at is not None and moment - read_instant(self.decided_at) <= span

    def undone(self, now: str) -> "Proposal":
        """A draft again, as if nobody had been told. Raises ``Conflict`` (``not-decided``, ``too-late-to-undo``)."""
        if self.state not in _UNDO:
            raise Conflict("not-decided", params={"state": self.state})
        if not self.may_undo(read_instant(now)):
            raise Conflict("too-late-to-undo", params={"hours": int(_UNDO[self.state] / timedelta(hours=1))})
        cleared = replace(self, because=None, until=None, side=None, tandem=None, decided_at=None, person=None)
        return replace(
            cleared, state=DRAFT, told_at=None, told_on=None, expires_on=None, answers={}, helped=None, undone_at=now
        )

    def _require_live(self) -> None:
        if not self.is_live:
            raise Conflict("already-decided", params={"state": self.state})


def side_that_said_no(proposal: Proposal) -> OneOfTwo | None:
    """The one of the two whose reason a rejection was; ``None`` where it was the house's, or there is none."""
    return next((side for side in SIDES if proposal.state == REJECTED and proposal.side == side), None)

"""What matching publishes. Reasons are codes with counts; no third person is in them."""

from typing import Literal

from shared.contracts.base import Code, Contract, Count, Counted, Day, Id, Instant, Language, Revision, Slug
from shared.kernel.classified import classified

Side = Literal["mentor", "family", "house"]


@classified(internal="ended_on ended_because")
class TandemCounted(Counted):
    """What is counted of a tandem; ``date`` is the day it began."""

    ended_on: Day | None = None
    ended_because: Code | None = None


class TandemVersion(TandemCounted, Revision):
    """An earlier version of what is counted."""


@classified(internal="id recorded_at versions phase side review_on", personal="engagement participation")
class TandemV1(TandemCounted):
    """An engagement and a participation, together. Its phase counts nowhere: in each but ``ended`` it runs."""

    id: Id
    engagement: Id
    participation: Id
    recorded_at: Instant
    versions: tuple[TandemVersion, ...] = ()
    phase: Literal["introduction", "trial", "active", "paused", "ended"] | None = None
    side: Side | None = None
    review_on: Day | None = None


@classified(
    internal="id round programme state because fit decided_at side told_on expires_on",
    personal="engagement participation",
)
class ProposalV1(Contract):
    """What a round proposed and what became of it."""

    id: Id
    round: Id
    programme: Slug
    engagement: Id
    participation: Id
    state: Literal["draft", "proposed", "accepted", "rejected", "expired"]
    because: Code | None = None
    fit: Count
    decided_at: Instant | None = None
    side: Side | None = None
    told_on: Day | None = None
    expires_on: Day | None = None


@classified(internal="rule mentors")
class WaitingReason(Contract):
    """A rule and how many mentors first failed at it for this participation."""

    rule: Code
    mentors: Count


@classified(internal="round programme district languages topics waiting_since reasons lacks", personal="participation")
class WaitingV1(Contract):
    """A participation that waits after a round, and why. ``languages`` are those that a mentor for it must speak."""

    participation: Id
    round: Id
    programme: Slug
    district: Slug | None = None
    languages: tuple[Language, ...] = ()
    topics: tuple[Code, ...] = ()
    waiting_since: Day
    reasons: tuple[WaitingReason, ...] = ()
    lacks: tuple[Code, ...] = ()


@classified(internal="erasure confirmed_at")
class MatchingConfirmationV1(Contract):
    """Matching has forgotten what an erasure names."""

    erasure: Id
    confirmed_at: Instant

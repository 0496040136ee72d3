"""What visits publishes. Notes stay sealed in visits and are in none of these."""

from typing import Literal

from shared.contracts.base import Code, Contract, Count, Counted, Day, Id, Instant, Language, Minutes, Revision
from shared.kernel.classified import classified


@classified(internal="kind minutes topics language")
class VisitCounted(Counted):
    """What is counted of a visit."""

    kind: Code
    minutes: Minutes
    topics: tuple[Code, ...] = ()
    language: Language | None = None


class VisitVersion(VisitCounted, Revision):
    """An earlier version of what is counted."""


@classified(internal="id tandem recorded_at versions", personal="engagement participation")
class VisitV1(VisitCounted):
    """A contact (home visit, accompaniment, offer, meeting, telephone) of a tandem."""

    id: Id
    tandem: Id
    engagement: Id
    participation: Id
    recorded_at: Instant
    versions: tuple[VisitVersion, ...] = ()


@classified(internal="kind participants about sessions minutes")
class ActivityCounted(Counted):
    """What is counted of an activity: head counts, nobody named."""

    kind: Code
    participants: Count
    about: bool = False
    sessions: Count = 1
    minutes: Minutes = 0


class ActivityVersion(ActivityCounted, Revision):
    """An earlier version of what is counted."""


@classified(internal="id recorded_at versions")
class ActivityV1(ActivityCounted):
    """An event, a meeting or an offer."""

    id: Id
    recorded_at: Instant
    versions: tuple[ActivityVersion, ...] = ()


@classified(internal="service how_often state by fulfilled_on")
class RequestCounted(Counted):
    """What is counted of a request; ``date`` is the day it was asked."""

    service: Code
    how_often: Code
    state: Literal["open", "brokered", "fulfilled", "closed"]
    by: Literal["own", "volunteer", "partner"] | None = None
    fulfilled_on: Day | None = None


class RequestVersion(RequestCounted, Revision):
    """An earlier version of what is counted."""


@classified(internal="id recorded_at versions", personal="engagement participation")
class RequestV1(RequestCounted):
    """A request from the neighbourhood, brokered to a volunteer, a partner, or served by the house itself."""

    id: Id
    engagement: Id | None = None
    participation: Id | None = None
    recorded_at: Instant
    versions: tuple[RequestVersion, ...] = ()


@classified(internal="erasure confirmed_at")
class VisitsConfirmationV1(Contract):
    """Visits has destroyed its keys for an erasure."""

    erasure: Id
    confirmed_at: Instant

"""What registry publishes. No name, address, contact, birth date or free text of a person is in any of these."""

from typing import Literal

from pydantic import Field

from shared.contracts.base import (
    Code,
    Contract,
    Count,
    Counted,
    Day,
    Id,
    Instant,
    Language,
    Level,
    Minutes,
    Name,
    ReferenceDate,
    Revision,
    Since,
    Slot,
    Slug,
    Token,
)
from shared.contracts.places import Module
from shared.kernel.classified import classified


@classified(internal="since", personal="id")
class PersonV1(Contract):
    """A person, as much of her as others need: nothing but that she is there."""

    id: Id
    since: ReferenceDate


@classified(internal="adults children districts languages", personal="id")
class FamilyV1(Contract):
    """A household or several flats; the district by date."""

    id: Id
    adults: Count = 0
    children: Count = 0
    districts: tuple[Since, ...]
    languages: dict[Language, Level]


@classified(internal="role languages certified_on left_on")
class EngagementCounted(Counted):
    """What is counted of an engagement; ``date`` is the day it began."""

    role: Code
    languages: tuple[Language, ...] = ()
    certified_on: Day | None = None
    left_on: Day | None = None


class EngagementVersion(EngagementCounted, Revision):
    """An earlier version of what is counted."""


@classified(
    internal="first stage sites levels reach topics qualified modules_missing needs_certificate slots capacity "
    "gender gender_wish clearance_until recorded_at versions",
    personal="id person excluded",
    special="special",
)
class EngagementV1(EngagementCounted):
    """A person as mentor or volunteer in one programme. After erasure without person, and with the month only."""

    id: Id
    person: Id | None
    first: bool
    stage: Literal["interested", "in_qualification", "qualified", "certified", "active", "paused", "left"]
    sites: tuple[Since, ...] = ()
    levels: dict[Language, Level] = Field(default_factory=dict)
    reach: tuple[Slug, ...] = ()
    topics: tuple[Code, ...] = ()
    qualified: tuple[Code, ...] = ()
    modules_missing: tuple[Code, ...] = ()
    needs_certificate: bool = False
    slots: tuple[Slot, ...] = ()
    capacity: Count = 0
    gender: Literal["f", "m", "x"] | None = None
    gender_wish: Literal["f", "m", "x"] | None = None
    clearance_until: Day | None = None
    excluded: tuple[Id, ...] = ()
    special: tuple[Token, ...] = ()
    recorded_at: Instant
    versions: tuple[EngagementVersion, ...] = ()


@classified(internal="languages topics ended_on ended_because access_route")
class ParticipationCounted(Counted):
    """What is counted of a participation; ``date`` is the day it began."""

    languages: tuple[Language, ...] = ()
    topics: tuple[Code, ...] = ()
    ended_on: Day | None = None
    ended_because: Code | None = None
    access_route: Code | None = None


class ParticipationVersion(ParticipationCounted, Revision):
    """An earlier version of what is counted."""


@classified(
    internal="first sites districts levels not_wished wishes slots gender gender_wish urgent interpreter waiting_since "
    "recorded_at versions",
    personal="id family person excluded",
    special="special",
)
class ParticipationV1(ParticipationCounted):
    """A family, or a person helped, in one programme. After erasure without family and person, with the month only."""

    id: Id
    family: Id | None = None
    person: Id | None = None
    first: bool
    sites: tuple[Since, ...] = ()
    districts: tuple[Since, ...] = ()
    levels: dict[Language, Level] = Field(default_factory=dict)
    not_wished: tuple[Language, ...] = ()
    wishes: tuple[Code, ...] = ()
    slots: tuple[Slot, ...] = ()
    gender: Literal["f", "m", "x"] | None = None
    gender_wish: Literal["f", "m", "x"] | None = None
    urgent: bool = False
    interpreter: bool = False
    waiting_since: Day | None = None
    excluded: tuple[Id, ...] = ()
    special: tuple[Token, ...] = ()
    recorded_at: Instant
    versions: tuple[ParticipationVersion, ...] = ()


@classified(internal="id programme name opened_on modules enrolled places waiting")
class CohortV1(Contract):
    """A qualification that runs: its modules, how many are enrolled, and how many wait for one of its places."""

    id: Id
    programme: Slug
    name: Name
    opened_on: Day
    modules: tuple[Module, ...]
    enrolled: Count = 0
    places: Count | None = None
    waiting: Count = 0


@classified(internal="module state minutes made_up_on")
class AttendanceCounted(Counted):
    """What is counted of an attendance; ``date`` is the day of the session."""

    module: Code
    state: Literal["present", "excused", "absent", "made_up"]
    minutes: Minutes = 0
    made_up_on: Day | None = None


class AttendanceVersion(AttendanceCounted, Revision):
    """An earlier version of what is counted."""


@classified(internal="id cohort recorded_at versions", personal="engagement")
class AttendanceV1(AttendanceCounted):
    """One trainee at one module of a cohort."""

    id: Id
    cohort: Id
    engagement: Id
    recorded_at: Instant
    versions: tuple[AttendanceVersion, ...] = ()


@classified(internal="kind")
class OutcomeCounted(Counted):
    """What is counted of an outcome; ``date`` is the day it was reached."""

    kind: Code


class OutcomeVersion(OutcomeCounted, Revision):
    """An earlier version of what is counted."""


@classified(internal="id recorded_at versions", personal="engagement participation")
class OutcomeV1(OutcomeCounted):
    """What a volunteer or a person helped reached: self-employment, a job, training."""

    id: Id
    engagement: Id | None = None
    participation: Id | None = None
    recorded_at: Instant
    versions: tuple[OutcomeVersion, ...] = ()


@classified(
    internal="id purpose receiver scope capacity text text_version text_language how given_on expires_on withdrawn_at",
    personal="subject",
)
class ConsentV1(Contract):
    """A consent: never edited, only withdrawn."""

    id: Id
    subject: Id
    purpose: Literal["matching", "special_category", "referral", "photo", "follow_up"]
    receiver: Slug | None = None
    scope: Code | None = None
    capacity: Code
    text: Code
    text_version: Count
    text_language: Language
    how: Code
    given_on: Day
    expires_on: Day | None = None
    withdrawn_at: Instant | None = None


@classified(internal="id requested_at completed_at", personal="subject also")
class ErasureV1(Contract):
    """An erasure: whose keys every service destroys. Ids only; kept for ever."""

    id: Id
    subject: Id
    also: tuple[Id, ...] = ()
    requested_at: Instant
    completed_at: Instant | None = None


@classified(internal="id issued_before", personal="token subject")
class RevocationV1(Contract):
    """A token, or all tokens of a subject issued before an instant, that no longer hold."""

    id: Id
    token: Name | None = None
    subject: Name | None = None
    issued_before: Instant | None = None

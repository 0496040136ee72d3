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


class District(Contract):
    """A district (Stadtteil); the position is an approximate centre in millionths of a degree."""

    slug: Slug
    name: Name
    latitude: int | None = None
    longitude: int | None = None
    neighbours: tuple[Slug, ...] = ()
    population: Count | None = None


class CityV1(Contract):
    """A city and its districts; a city without districts is one district, itself."""

    slug: Slug
    name: Name
    state: Name
    districts: tuple[District, ...]
    model_regions: tuple[Slug, ...] = ()
    licence: Name


class SiteV1(Contract):
    """A place of work (Standort) and its carrier (Träger) by date."""

    slug: Slug
    name: Name
    district: Slug
    carriers: tuple[Since, ...]
    since: ReferenceDate | None = None


class OrganisationV1(Contract):
    """A carrier, partner, funder or institution of the directory."""

    slug: Slug
    name: Name
    roles: tuple[Code, ...] = ()
    services: tuple[Name, ...] = ()


class Module(Contract):
    """A part of a qualification and the topics that passing it qualifies for."""

    code: Code
    title: Name
    partner: Name | None = None
    required: bool = True
    topics: tuple[Code, ...] = ()


class Target(Contract):
    """What the funder expects: an indicator and its bounds."""

    indicator: Code
    at_least: Count | None = None
    at_most: Count | None = None
    by: Day | None = None


class ProgrammeV1(Contract):
    """A programme. One of special kind has a neutral slug and carries neither its telling name nor special topics."""

    slug: Slug
    name: Name
    special: bool = False
    begin: Day | None = None
    until: Day | None = None
    begin_as_stated: ReferenceDate | None = None
    state: Literal["planned", "running", "ending", "ended"] = "running"
    origin: Name | None = None
    framework: Name | None = None
    funders: tuple[Name, ...] = ()
    topics: tuple[Code, ...] = ()
    services: tuple[Code, ...] = ()
    activities: tuple[Code, ...] = ()
    modules: tuple[Module, ...] = ()
    certification: Literal["by_decision", "automatic"] = "by_decision"
    targets: tuple[Target, ...] = ()
    sites: tuple[Slug, ...] = ()


class PersonV1(Contract):
    """A person, as much of her as others need: nothing but that she is there."""

    id: Id
    since: ReferenceDate


class FamilyV1(Contract):
    """A household or several flats; the district by date."""

    id: Id
    adults: Count = 0
    children: Count = 0
    districts: tuple[Since, ...]
    languages: dict[Language, Level]


class EngagementCounted(Counted):
    """What is counted of an engagement; ``date`` is the day it began."""

    role: Code
    languages: tuple[Language, ...] = ()
    certified_on: Day | None = None
    left_on: Day | None = None


class EngagementVersion(EngagementCounted, Revision):
    """An earlier version of what is counted."""


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
    clearance_until: Day | None = None
    excluded: tuple[Id, ...] = ()
    special: tuple[Token, ...] = ()
    recorded_at: Instant
    versions: tuple[EngagementVersion, ...] = ()


class ParticipationCounted(Counted):
    """What is counted of a participation; ``date`` is the day it began."""

    languages: tuple[Language, ...] = ()
    topics: tuple[Code, ...] = ()
    ended_on: Day | None = None
    ended_because: Code | None = None


class ParticipationVersion(ParticipationCounted, Revision):
    """An earlier version of what is counted."""


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
    gender_wish: Literal["f", "m", "x"] | None = None
    urgent: bool = False
    interpreter: bool = False
    waiting_since: Day | None = None
    excluded: tuple[Id, ...] = ()
    special: tuple[Token, ...] = ()
    recorded_at: Instant
    versions: tuple[ParticipationVersion, ...] = ()


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


class AttendanceCounted(Counted):
    """What is counted of an attendance; ``date`` is the day of the session."""

    module: Code
    state: Literal["present", "excused", "absent", "made_up"]
    minutes: Minutes = 0
    made_up_on: Day | None = None


class AttendanceVersion(AttendanceCounted, Revision):
    """An earlier version of what is counted."""


class AttendanceV1(AttendanceCounted):
    """One trainee at one module of a cohort."""

    id: Id
    cohort: Id
    engagement: Id
    recorded_at: Instant
    versions: tuple[AttendanceVersion, ...] = ()


class OutcomeCounted(Counted):
    """What is counted of an outcome; ``date`` is the day it was reached."""

    kind: Code


class OutcomeVersion(OutcomeCounted, Revision):
    """An earlier version of what is counted."""


class OutcomeV1(OutcomeCounted):
    """What a volunteer or a person helped reached: self-employment, a job, training."""

    id: Id
    engagement: Id | None = None
    participation: Id | None = None
    recorded_at: Instant
    versions: tuple[OutcomeVersion, ...] = ()


class ConsentV1(Contract):
    """A consent: never edited, only withdrawn."""

    id: Id
    subject: Id
    purpose: Literal["matching", "special_category", "referral", "photo", "follow_up"]
    receiver: Slug | None = None
    capacity: Code
    text: Code
    text_version: Count
    text_language: Language
    how: Code
    given_on: Day
    expires_on: Day | None = None
    withdrawn_at: Instant | None = None


class ErasureV1(Contract):
    """An erasure: whose keys every service destroys. Ids only; kept for ever."""

    id: Id
    subject: Id
    also: tuple[Id, ...] = ()
    requested_at: Instant
    completed_at: Instant | None = None


class RevocationV1(Contract):
    """A token, or all tokens of a subject issued before an instant, that no longer hold."""

    id: Id
    token: Name | None = None
    subject: Name | None = None
    issued_before: Instant | None = None

"""What registry publishes of cities, organisations, sites and programmes: public names, dated lists and rules."""

from typing import Literal

from pydantic import Field

from shared.contracts.base import (
    Code,
    Contract,
    Count,
    Day,
    Instant,
    Name,
    ReferenceDate,
    Since,
    SinceRecorded,
    Slug,
)
from shared.kernel.classified import classified


@classified(public="slug name latitude longitude neighbours population population_year part_of")
class District(Contract):
    """A district (Stadtteil); the position is an approximate centre in millionths of a degree."""

    slug: Slug
    name: Name
    latitude: int | None = None
    longitude: int | None = None
    neighbours: tuple[Slug, ...] = ()
    population: Count | None = None
    population_year: int | None = None
    part_of: Slug | None = None


@classified(public="slug name districts model_region")
class SocialSpace(Contract):
    """A social space (Sozialraum): the districts that are planned for together."""

    slug: Slug
    name: Name
    districts: tuple[Slug, ...]
    model_region: bool = False


@classified(public="slug name state districts model_regions licence social_spaces")
class CityV1(Contract):
    """A city and its districts; a city without districts is one district, itself."""

    slug: Slug
    name: Name
    state: Name
    districts: tuple[District, ...]
    model_regions: tuple[Slug, ...] = ()
    licence: Name
    social_spaces: tuple[SocialSpace, ...] = ()


@classified(public="slug name district carriers since carriers_recorded")
class SiteV1(Contract):
    """A place of work (Standort) and its carrier (Träger) by date: as known now, and all entries as recorded."""

    slug: Slug
    name: Name
    district: Slug
    carriers: tuple[Since, ...]
    since: ReferenceDate | None = None
    carriers_recorded: tuple[SinceRecorded, ...] = ()


@classified(public="slug name roles services legal_regime supervisory_authority")
class OrganisationV1(Contract):
    """A carrier, partner, funder or institution of the directory."""

    slug: Slug
    name: Name
    roles: tuple[Code, ...] = ()
    services: tuple[Name, ...] = ()
    legal_regime: Code | None = None
    supervisory_authority: Name | None = None


@classified(public="code title partner required topics")
class Module(Contract):
    """A part of a qualification and the topics that passing it qualifies for."""

    code: Code
    title: Name
    partner: Name | None = None
    required: bool = True
    topics: tuple[Code, ...] = ()


@classified(public="indicator at_least at_most by for_whom")
class Target(Contract):
    """What the funder expects: an indicator and its bounds."""

    indicator: Code
    at_least: Count | None = None
    at_most: Count | None = None
    by: Day | None = None
    for_whom: Code | None = None


@classified(public="since recorded_at topics services activities targets funders certification modules")
class Terms(Contract):
    """What was agreed from a day on, as it was recorded; null leaves a field as it was."""

    since: Day = Field(alias="from")
    recorded_at: Instant | None = None
    topics: tuple[Code, ...] | None = None
    services: tuple[Code, ...] | None = None
    activities: tuple[Code, ...] | None = None
    targets: tuple[Target, ...] | None = None
    funders: tuple[Name, ...] | None = None
    certification: Literal["by_decision", "automatic"] | None = None
    modules: tuple[Module, ...] | None = None


@classified(
    public="slug name special begin until begin_as_stated state origin framework funders topics services "
    "activities modules certification targets sites kind districts terms",
)
class ProgrammeV1(Contract):
    """A programme as it stands today, and the terms of all days.

    One of special kind has a neutral slug and carries neither its telling name nor special topics.
    """

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
    kind: Code | None = None
    districts: tuple[Slug, ...] = ()
    terms: tuple[Terms, ...] = ()

"""Views of cities, organisations, sites and programmes: their events, with what this token may do with them."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, Field

from services.registry import publishing
from services.registry.api.axes import Axes
from services.registry.api.permissions import PROVIDE, STEER
from services.registry.domain.places import City, Organisation, Programme, Site
from shared.contracts.places import CityV1, OrganisationV1, ProgrammeV1, SiteV1
from shared.kernel.dates import today
from shared.security.grants import grants_in
from shared.web.bodies import Code, Day, Instant, Name, PersonId, Slug, View
from shared.web.desk import RequestDesk

_NO_ACTIONS: Any = Field(default_factory=list, examples=[[]])


class CityView(CityV1):
    """A city and its districts."""

    id: str
    version: int
    actions: list[str] = _NO_ACTIONS


class OrganisationView(OrganisationV1):
    """An organisation."""

    id: str
    version: int
    actions: list[str] = _NO_ACTIONS


class SiteView(SiteV1):
    """A site with its carriers by date, as known at an instant (null is now), and who carries it on a day."""

    id: str
    version: int
    carrier: Slug | None = None
    as_of: Day
    known_at: Instant | None = None
    actions: list[str] = Field(default_factory=list, examples=[["carrier"]])


class ProgrammeView(ProgrammeV1):
    """A programme as it stands on a day, as known at an instant (null is now), without what is sealed."""

    id: str
    version: int
    aims: list[Name] = Field(default_factory=list)
    as_of: Day
    known_at: Instant | None = None
    actions: list[str] = Field(default_factory=list, examples=[["change", "end"]])


class SealedProgrammeView(View):
    """What is sealed of a programme of special kind."""

    telling_name: str | None = None
    special_topics: list[str] = Field(default_factory=list)
    aims: list[str] = Field(default_factory=list)


class RoleView(BaseModel):
    """A person in a role; ``until`` is the day after the last."""

    role: Code
    person: PersonId
    since: Day
    until: Day | None = None
    deputy: bool = False


class RolesView(View):
    """The roles of a programme."""

    roles: list[RoleView]


def city_view(desk: RequestDesk) -> Callable[[City], CityView]:
    """The view of a city for this token."""

    def view(city: City) -> CityView:
        # Cities are listed for tokens with roles in several of them.
        provides = any(grant.role in PROVIDE.roles for grant in grants_in(desk.principal, city.id))
        actions = ["change"] if provides else []
        return CityView(**dict(publishing.city(city)), id=city.id, version=city.version, actions=actions)

    return view


def organisation_view(desk: RequestDesk) -> Callable[[Organisation], OrganisationView]:
    """The view of an organisation for this token."""
    actions = ["change"] if desk.may(PROVIDE) else []

    def view(organisation: Organisation) -> OrganisationView:
        told = publishing.organisation(organisation)
        return OrganisationView(**dict(told), id=organisation.id, version=organisation.version, actions=actions)

    return view


def site_view(desk: RequestDesk, axes: Axes | None = None) -> Callable[[Site], SiteView]:
    """The view of a site for this token; of today, where no other day is asked about."""
    at = axes or Axes(today(desk.moment))
    actions = ["carrier"] if desk.may(PROVIDE) else []

    def view(site: Site) -> SiteView:
        return SiteView(
            **dict(publishing.site(site, at.known_at)),
            id=site.id,
            version=site.version,
            carrier=site.carrier_on(at.day, at.known_at),
            as_of=at.day,
            known_at=at.known_at,
            actions=actions,
        )

    return view


def programme_view(desk: RequestDesk, axes: Axes | None = None) -> Callable[[Programme], ProgrammeView]:
    """The view of a programme for this token; of today, where no other day is asked about."""
    day = today(desk.moment)
    at = axes or Axes(day)

    def view(programme: Programme) -> ProgrammeView:
        steers = desk.may(STEER, programme=programme.id)
        # What may be done is done today, whichever day is looked at.
        actions = ["change", *([] if programme.state(day) == "ended" else ["end"])] if steers else []
        return ProgrammeView(
            **dict(publishing.programme_on(programme, at.day, at.known_at)),
            id=programme.id,
            version=programme.version,
            aims=list(programme.aims),
            as_of=at.day,
            known_at=at.known_at,
            actions=actions,
        )

    return view


def roles_view(day: str | None = None) -> Callable[[Programme], RolesView]:
    """All roles of a programme, or those held on a day."""

    def view(programme: Programme) -> RolesView:
        held = [one for one in programme.roles if day is None or one.held_on(day)]
        rows = [RoleView(role=o.role, person=o.person, since=o.since, until=o.until, deputy=o.deputy) for o in held]
        return RolesView(id=programme.id, version=programme.version, actions=["assign"], roles=rows)

    return view

"""Views of cities, organisations, sites and programmes: their events, with what this token may do with them."""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from services.registry import publishing
from services.registry.api.permissions import PROVIDE, STEER
from services.registry.domain.places import City, Organisation, Programme, Site
from shared.contracts.registry import CityV1, OrganisationV1, ProgrammeV1, SiteV1
from shared.kernel.dates import today
from shared.web.bodies import View
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
    """A site with its carriers by date."""

    id: str
    version: int
    actions: list[str] = Field(default_factory=list, examples=[["carrier"]])


class ProgrammeView(ProgrammeV1):
    """A programme as it stands today, without what is sealed."""

    id: str
    version: int
    actions: list[str] = Field(default_factory=list, examples=[["change", "end"]])


class SealedProgrammeView(View):
    """What is sealed of a programme of special kind."""

    telling_name: str | None = None
    special_topics: list[str] = Field(default_factory=list)


def city_view(city: City) -> CityView:
    """A city; nothing can be done with it yet."""
    return CityView(**dict(publishing.city(city)), id=city.id, version=city.version)


def organisation_view(organisation: Organisation) -> OrganisationView:
    """An organisation; nothing can be done with it yet."""
    told = publishing.organisation(organisation)
    return OrganisationView(**dict(told), id=organisation.id, version=organisation.version)


def site_view(desk: RequestDesk) -> Callable[[Site], SiteView]:
    """The view of a site for this token."""
    actions = ["carrier"] if desk.may(PROVIDE) else []

    def view(site: Site) -> SiteView:
        return SiteView(**dict(publishing.site(site)), id=site.id, version=site.version, actions=actions)

    return view


def programme_view(desk: RequestDesk) -> Callable[[Programme], ProgrammeView]:
    """The view of a programme for this token, as it stands today."""
    day = today(desk.moment)

    def view(programme: Programme) -> ProgrammeView:
        told = publishing.programme_on(programme, day)
        steers = desk.may(STEER, programme=programme.id)
        actions = ["change", *([] if told.state == "ended" else ["end"])] if steers else []
        return ProgrammeView(**dict(told), id=programme.id, version=programme.version, actions=actions)

    return view

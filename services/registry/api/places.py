"""Cities, organisations and sites over HTTP."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.registry.api.axes import AskedAxes, first_known
from services.registry.api.permissions import OPEN_CITY, PROVIDE, READ_PLACES
from services.registry.api.shapes import narrowed, tuples
from services.registry.api.views.places import (
    CityView,
    OrganisationView,
    SiteView,
    city_view,
    organisation_view,
    site_view,
)
from services.registry.commands import places as commands
from services.registry.commands.carriers import follow_carriers
from services.registry.domain.kinds import LegalRegime
from services.registry.domain.places import City, District, Organisation, Site, SocialSpace
from services.registry.store.repositories import CITIES, ORGANISATIONS, SITES
from shared.kernel.errors import Finding, Refused
from shared.kernel.recorded import Recorded
from shared.security.grants import grants_in
from shared.web.bodies import Body, Count, Day, Name, Page, ReferenceDate, Slug, changes
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, needs, rendered

router = APIRouter(prefix="/v1", tags=["places"])
_BY_ID = [("_id", 1)]
OrganisationRole = Literal["association", "carrier", "partner", "funder", "institution"]


class DistrictBody(Body):
    """A district; the position in millionths of a degree."""

    slug: Slug = Field(examples=["gross-klein"])
    name: Name = Field(examples=["Groß Klein"])
    latitude: int | None = Field(None, ge=-90_000_000, le=90_000_000)
    longitude: int | None = Field(None, ge=-180_000_000, le=180_000_000)
    neighbours: list[Slug] = Field(default_factory=list)
    population: Count | None = None
    population_year: int | None = Field(None, ge=1900, le=2100)
    part_of: Slug | None = Field(None, description="The district that it is a part of, whose people include its own.")


class SocialSpaceBody(Body):
    """A social space (Sozialraum): districts that are planned for together."""

    slug: Slug = Field(examples=["nordwest"])
    name: Name = Field(examples=["Nordwest"])
    districts: list[Slug] = Field(min_length=1, examples=[["gross-klein", "schmarl"]])
    model_region: bool = False

    @property
    def space(self) -> SocialSpace:
        """The social space that is meant."""
        return SocialSpace(self.slug, self.name, tuple(self.districts), self.model_region)


class CityBody(Body):
    """A city and its districts."""

    slug: Slug = Field(examples=["rostock"])
    name: Name = Field(examples=["Rostock"])
    state: Name = Field(examples=["Mecklenburg-Vorpommern"])
    licence: Name = Field(examples=["CC0 1.0"], description="The licence of the districts' data.")
    districts: list[DistrictBody] = Field(default_factory=list)
    model_regions: list[Slug] = Field(default_factory=list)
    social_spaces: list[SocialSpaceBody] = Field(default_factory=list)


class CityPatch(Body):
    """What may be changed of a city; lists are replaced."""

    model_regions: list[Slug] | None = Field(None, examples=[["gross-klein", "toitenwinkel"]])
    social_spaces: list[SocialSpaceBody] | None = None


class OrganisationBody(Body):
    """An association, carrier, partner, funder or institution."""

    slug: Slug
    name: Name
    roles: list[OrganisationRole] = Field(default_factory=list, examples=[["carrier"]])
    services: list[Name] = Field(default_factory=list)
    legal_regime: LegalRegime | None = Field(None, description="The data protection law that binds it.")
    supervisory_authority: Name | None = Field(None, description="Who watches over its data protection.")


class OrganisationPatch(Body):
    """What may be changed of an organisation; lists are replaced, null takes regime or authority away."""

    name: Name | None = Field(None, examples=["Hafenverein e. V."])
    roles: list[OrganisationRole] | None = None
    services: list[Name] | None = None
    legal_regime: LegalRegime | None = Field(None, examples=["dsg_ekd"])
    supervisory_authority: Name | None = Field(None, examples=["Datenschutzaufsicht der Beispielkirche"])


class SiteBody(Body):
    """A place of work with its first carrier."""

    slug: Slug
    name: Name
    district: Slug
    carrier: Slug
    carrier_since: Day = Field(examples=["2025-01-01"])
    since: ReferenceDate | None = None


class CarrierBody(Body):
    """Another carrier from a day on."""

    carrier: Slug
    since: Day


@router.post(
    "/cities", dependencies=[needs(OPEN_CITY)], status_code=201, response_model=CityView, summary="Open a city"
)
async def open_city(body: CityBody, desk: Desk) -> Response:
    """The city is served by all four services as soon as its event has reached them."""
    districts = tuple(
        District(
            d.slug, d.name, d.latitude, d.longitude, tuple(d.neighbours), d.population, d.population_year, d.part_of
        )
        for d in body.districts
    )
    spaces = tuple(space.space for space in body.social_spaces)
    city = City(body.slug, body.name, body.state, body.licence, districts, tuple(body.model_regions), spaces)
    commands.check_city(city)
    await desk.store.serve_city(body.slug)
    return await desk.commit(lambda work: commands.open_city(work, city), view=city_view(desk), city=body.slug)


@router.get("/cities", dependencies=[needs(READ_PLACES)], response_model=Page[CityView], summary="List your cities")
async def list_cities(desk: Desk) -> Response:
    """Those in which the caller has a role."""
    mine = [city for city in await desk.store.cities() if grants_in(desk.principal, city)]
    found = [await CITIES.find_one(desk.store.reader(city), {"_id": city}) for city in mine]
    return JSONResponse(
        {"items": [rendered(city_view(desk)(city)) for city in found if city is not None], "next": None}
    )


@router.get("/cities/{city}", dependencies=[needs(READ_PLACES)], response_model=CityView, summary="Read a city")
async def read_city(desk: Desk) -> Response:
    """The city with its districts."""
    city = await CITIES.get(desk.reader, desk.city)
    return desk.answer(city, city_view(desk)(city))


@router.patch(
    "/cities/{city}", dependencies=[needs(PROVIDE)], response_model=CityView, summary="Change a city's regions"
)
async def change_city(body: CityPatch, desk: Desk) -> Response:
    """Model regions and social spaces."""
    expected = desk.expected_version()
    sent = changes(body)
    new: dict[str, Any] = {name: () for name in sent}
    if body.model_regions is not None:
        new["model_regions"] = tuple(body.model_regions)
    if body.social_spaces is not None:
        new["social_spaces"] = tuple(space.space for space in body.social_spaces)
    return await desk.commit(lambda work: commands.change_city(work, expected, new), view=city_view(desk), status=200)


@router.post(
    "/cities/{city}/organisations",
    dependencies=[needs(PROVIDE)],
    status_code=201,
    response_model=OrganisationView,
    summary="Provide one",
)
async def provide_organisation(body: OrganisationBody, desk: Desk) -> Response:
    """An organisation."""
    new = Organisation(
        id=body.slug,
        name=body.name,
        roles=tuple(body.roles),
        services=tuple(body.services),
        legal_regime=body.legal_regime,
        supervisory_authority=body.supervisory_authority,
    )
    return await desk.commit(lambda work: commands.provide_organisation(work, new), view=organisation_view(desk))


@router.get(
    "/cities/{city}/organisations",
    dependencies=[needs(READ_PLACES)],
    response_model=Page[OrganisationView],
    summary="List organisations",
)
async def list_organisations(desk: Desk, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """All of them, by slug."""
    found = await ORGANISATIONS.find(
        desk.reader, narrowed({}, after=await desk.after(cursor)), sort=_BY_ID, limit=limit + 1
    )
    return await desk.page(found, limit=limit, key=lambda row: row.id, view=organisation_view(desk))


@router.get(
    "/cities/{city}/organisations/{organisation}",
    dependencies=[needs(READ_PLACES)],
    response_model=OrganisationView,
    summary="Read one",
)
async def read_organisation(organisation: Slug, desk: Desk) -> Response:
    """One of them."""
    found = await ORGANISATIONS.get(desk.reader, organisation)
    return desk.answer(found, organisation_view(desk)(found))


@router.patch(
    "/cities/{city}/organisations/{organisation}",
    dependencies=[needs(PROVIDE)],
    response_model=OrganisationView,
    summary="Change one",
)
async def change_organisation(organisation: Slug, body: OrganisationPatch, desk: Desk) -> Response:
    """Name, roles, services, legal regime, supervisory authority."""
    expected = desk.expected_version()
    sent = changes(body)
    if "name" in sent and body.name is None:
        raise Refused("invalid", (Finding("/name", "missing", "a name"),))
    new = tuples(
        {name: [] if value is None and name in ("roles", "services") else value for name, value in sent.items()}
    )
    return await desk.commit(
        lambda work: commands.change_organisation(work, organisation, expected, new),
        view=organisation_view(desk),
        status=200,
    )


@router.post(
    "/cities/{city}/sites",
    dependencies=[needs(PROVIDE)],
    status_code=201,
    response_model=SiteView,
    summary="Provide a site",
)
async def provide_site(body: SiteBody, desk: Desk) -> Response:
    """A site."""
    carriers = (Recorded(body.carrier_since, body.carrier),)
    new = Site(body.slug, body.name, body.district, carriers, body.since)
    return await desk.commit(lambda work: commands.provide_site(work, new), view=site_view(desk))


@router.get(
    "/cities/{city}/sites", dependencies=[needs(READ_PLACES)], response_model=Page[SiteView], summary="List sites"
)
async def list_sites(desk: Desk, axes: AskedAxes, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """All of them that were known, by slug, with the carrier of the day."""
    query = narrowed(first_known("carriers", axes), after=await desk.after(cursor))
    found = await SITES.find(desk.reader, query, sort=_BY_ID, limit=limit + 1)
    return await desk.page(found, limit=limit, key=lambda row: row.id, view=site_view(desk, axes))


@router.get(
    "/cities/{city}/sites/{site}", dependencies=[needs(READ_PLACES)], response_model=SiteView, summary="Read one"
)
async def read_site(site: Slug, desk: Desk, axes: AskedAxes) -> Response:
    """One of them, with the carrier of the day. What nobody knew of at the instant asked for is not there."""
    found = await SITES.get(desk.reader, site)
    axes.require(found.carriers, "site")
    return desk.answer(found, site_view(desk, axes)(found))


@router.post(
    "/cities/{city}/sites/{site}:carrier",
    dependencies=[needs(PROVIDE, may_match=True)],
    response_model=SiteView,
    summary="Change the carrier",
)
async def change_carrier(site: Slug, body: CarrierBody, desk: Desk) -> Response:
    """From a day on; reports of earlier days keep the earlier carrier. Whoever is there on that day goes over to it."""
    answer = await desk.commit(
        lambda work: commands.change_carrier(work, site, body.carrier, body.since), view=site_view(desk), status=200
    )
    await follow_carriers(desk.store, desk.city, desk.actor, site)
    return answer

"""Cities, organisations and sites over HTTP."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.registry.api.permissions import OPEN_CITY, PROVIDE, READ_PLACES
from services.registry.api.shapes import narrowed
from services.registry.api.views.places import (
    CityView,
    OrganisationView,
    SiteView,
    city_view,
    organisation_view,
    site_view,
)
from services.registry.commands import places as commands
from services.registry.domain.places import City, District, Organisation, Site
from services.registry.store.repositories import CITIES, ORGANISATIONS, SITES
from shared.kernel.dates import Dated
from shared.security.grants import grants_in
from shared.web.bodies import Body, Count, Day, Name, Page, ReferenceDate, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, needs, rendered

router = APIRouter(prefix="/v1", tags=["places"])
_BY_ID = [("_id", 1)]


class DistrictBody(Body):
    """A district; the position in millionths of a degree."""

    slug: Slug = Field(examples=["gross-klein"])
    name: Name = Field(examples=["Groß Klein"])
    latitude: int | None = Field(None, ge=-90_000_000, le=90_000_000)
    longitude: int | None = Field(None, ge=-180_000_000, le=180_000_000)
    neighbours: list[Slug] = Field(default_factory=list)
    population: Count | None = None


class CityBody(Body):
    """A city and its districts."""

    slug: Slug = Field(examples=["rostock"])
    name: Name = Field(examples=["Rostock"])
    state: Name = Field(examples=["Mecklenburg-Vorpommern"])
    licence: Name = Field(examples=["CC0 1.0"], description="The licence of the districts' data.")
    districts: list[DistrictBody] = Field(default_factory=list)
    model_regions: list[Slug] = Field(default_factory=list)


class OrganisationBody(Body):
    """A carrier, partner, funder or institution."""

    slug: Slug
    name: Name
    roles: list[Literal["carrier", "partner", "funder", "institution"]] = Field(
        default_factory=list, examples=[["carrier"]]
    )
    services: list[Name] = Field(default_factory=list)


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
        District(d.slug, d.name, d.latitude, d.longitude, tuple(d.neighbours), d.population) for d in body.districts
    )
    city = City(body.slug, body.name, body.state, body.licence, districts, tuple(body.model_regions))
    commands.check_city(city)
    await desk.store.serve_city(body.slug)
    return await desk.commit(lambda work: commands.open_city(work, city), view=city_view, city=body.slug)


@router.get("/cities", dependencies=[needs(READ_PLACES)], response_model=Page[CityView], summary="List your cities")
async def list_cities(desk: Desk) -> Response:
    """Those in which the caller has a role."""
    mine = [city for city in await desk.store.cities() if grants_in(desk.principal, city)]
    found = [await CITIES.find_one(desk.store.reader(city), {"_id": city}) for city in mine]
    return JSONResponse({"items": [rendered(city_view(city)) for city in found if city is not None], "next": None})


@router.get("/cities/{city}", dependencies=[needs(READ_PLACES)], response_model=CityView, summary="Read a city")
async def read_city(desk: Desk) -> Response:
    """The city with its districts."""
    city = await CITIES.get(desk.reader, desk.city)
    return desk.answer(city, city_view(city))


@router.post(
    "/cities/{city}/organisations",
    dependencies=[needs(PROVIDE)],
    status_code=201,
    response_model=OrganisationView,
    summary="Provide one",
)
async def provide_organisation(body: OrganisationBody, desk: Desk) -> Response:
    """An organisation."""
    new = Organisation(body.slug, body.name, tuple(body.roles), tuple(body.services))
    return await desk.commit(lambda work: commands.provide_organisation(work, new), view=organisation_view)


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
    return await desk.page(found, limit=limit, key=lambda row: row.id, view=organisation_view)


@router.get(
    "/cities/{city}/organisations/{organisation}",
    dependencies=[needs(READ_PLACES)],
    response_model=OrganisationView,
    summary="Read one",
)
async def read_organisation(organisation: Slug, desk: Desk) -> Response:
    """One of them."""
    found = await ORGANISATIONS.get(desk.reader, organisation)
    return desk.answer(found, organisation_view(found))


@router.post(
    "/cities/{city}/sites",
    dependencies=[needs(PROVIDE)],
    status_code=201,
    response_model=SiteView,
    summary="Provide a site",
)
async def provide_site(body: SiteBody, desk: Desk) -> Response:
    """A site."""
    carriers = (Dated(body.carrier_since, body.carrier),)
    new = Site(body.slug, body.name, body.district, carriers, body.since)
    return await desk.commit(lambda work: commands.provide_site(work, new), view=site_view(desk))


@router.get(
    "/cities/{city}/sites", dependencies=[needs(READ_PLACES)], response_model=Page[SiteView], summary="List sites"
)
async def list_sites(desk: Desk, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """All of them, by slug."""
    found = await SITES.find(desk.reader, narrowed({}, after=await desk.after(cursor)), sort=_BY_ID, limit=limit + 1)
    return await desk.page(found, limit=limit, key=lambda row: row.id, view=site_view(desk))


@router.get(
    "/cities/{city}/sites/{site}", dependencies=[needs(READ_PLACES)], response_model=SiteView, summary="Read one"
)
async def read_site(site: Slug, desk: Desk) -> Response:
    """One of them."""
    found = await SITES.get(desk.reader, site)
    return desk.answer(found, site_view(desk)(found))


@router.post(
    "/cities/{city}/sites/{site}:carrier",
    dependencies=[needs(PROVIDE, may_match=True)],
    response_model=SiteView,
    summary="Change the carrier",
)
async def change_carrier(site: Slug, body: CarrierBody, desk: Desk) -> Response:
    """From a day on; reports of earlier days keep the earlier carrier."""
    return await desk.commit(
        lambda work: commands.change_carrier(work, site, body.carrier, body.since), view=site_view(desk), status=200
    )

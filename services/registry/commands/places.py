"""Opening cities and providing their sites, organisations and programmes."""

from services.registry.domain.places import City, Organisation, Programme, Site
from services.registry.store.repositories import CITIES, ORGANISATIONS, SITES, save_programme
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work


async def open_city(work: Work, city: City) -> City:
    """A city with its districts."""
    return await CITIES.save(work, city, "city-opened")


async def provide_organisation(work: Work, organisation: Organisation) -> Organisation:
    """An organisation of the city."""
    return await ORGANISATIONS.save(work, organisation, "organisation-provided")


async def provide_site(work: Work, site: Site) -> Site:
    """A site in one of the city's districts."""
    await require_district(work, site.district, "/district")
    for entry in site.carriers:
        await require_organisation(work, entry.value, "/carrier")
    return await SITES.save(work, site, "site-provided")


async def change_carrier(work: Work, key: str, carrier: str, since: str) -> Site:
    """Another carrier of a site from a day on."""
    await require_organisation(work, carrier, "/carrier")
    site = await SITES.get(work, key)
    return await SITES.save(work, site.carried_by(carrier, since), "carrier-changed")


async def provide_programme(work: Work, programme: Programme) -> Programme:
    """A programme at known sites."""
    for number, site in enumerate(programme.sites):
        if await SITES.find_one(work, {"_id": site}) is None:
            raise Refused("invalid", (Finding(f"/sites/{number}", "not-one-of", "a site of this city"),))
    return await save_programme(work, programme, "programme-provided")


async def require_district(work: Work, district: str, pointer: str) -> None:
    """Raises ``Refused`` naming the city's districts where it is none of them."""
    city = await CITIES.get(work, work.city)
    slugs = [place.slug for place in city.places]
    if district not in slugs:
        raise Refused("invalid", (Finding(pointer, "not-one-of", ", ".join(slugs)),))


async def require_organisation(work: Work, organisation: str, pointer: str) -> None:
    """Raises ``Refused`` where the organisation is not known."""
    if await ORGANISATIONS.find_one(work, {"_id": organisation}) is None:
        raise Refused("invalid", (Finding(pointer, "not-one-of", "an organisation of this city"),))

"""Opening cities and providing their sites and organisations."""

from services.registry.domain.places import City, Organisation, Site
from services.registry.store.repositories import CITIES, ORGANISATIONS, SITES
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work


def check_city(city: City) -> None:
    """Raises ``Refused`` where a district's slug is used twice or names no district of the city.

    To be asked before the city is served: a city that is refused must leave no database behind.
    """
    slugs = [district.slug for district in city.places]
    for number, slug in enumerate(slugs):
        if slug in slugs[:number]:
            raise Refused("invalid", (Finding(f"/districts/{number}/slug", "used-twice"),))
    named = {slug for district in city.places for slug in district.neighbours} | set(city.model_regions)
    if named - set(slugs):
        raise Refused("invalid", (Finding("/districts", "not-one-of", ", ".join(slugs)),))


async def open_city(work: Work, city: City) -> City:
    """A city with its districts. Raises ``Refused`` as ``check_city`` does."""
    check_city(city)
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

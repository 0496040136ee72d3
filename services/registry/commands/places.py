"""Opening and changing cities, and providing their sites and organisations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.registry.commands.versions import require_version
from services.registry.domain.places import City, Organisation, Site
from services.registry.store.repositories import CITIES, ORGANISATIONS, SITES
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work


def check_city(city: City) -> None:
    """Raises ``Refused`` where a slug of a district or social space is used twice, or names no district of the city.

    To be asked before the city is served: a city that is refused must leave no database behind.
    """
    slugs = [district.slug for district in city.places]
    for number, slug in enumerate(slugs):
        if slug in slugs[:number]:
            raise Refused("invalid", (Finding(f"/districts/{number}/slug", "used-twice"),))
    named = {slug for district in city.places for slug in district.neighbours}
    named |= {district.part_of for district in city.places if district.part_of is not None}
    if named - set(slugs):
        raise Refused("invalid", (Finding("/districts", "not-one-of", ", ".join(slugs)),))
    _check_regions(city, slugs)


def _check_regions(city: City, slugs: list[str]) -> None:
    spaces = [space.slug for space in city.social_spaces]
    named = {f"/model_regions/{number}": slug for number, slug in enumerate(city.model_regions)}
    for place, space in enumerate(city.social_spaces):
        if space.slug in spaces[:place]:
            raise Refused("invalid", (Finding(f"/social_spaces/{place}/slug", "used-twice"),))
        named |= {f"/social_spaces/{place}/districts/{number}": slug for number, slug in enumerate(space.districts)}
    wrong = [pointer for pointer, slug in named.items() if slug not in slugs]
    if wrong:
        raise Refused("invalid", tuple(Finding(pointer, "not-one-of", ", ".join(slugs)) for pointer in wrong))


async def open_city(work: Work, city: City) -> City:
    """A city with its districts. Raises ``Refused`` as ``check_city`` does."""
    check_city(city)
    return await CITIES.save(work, city, "city-opened")


async def change_city(work: Work, expected: int, values: Mapping[str, Any]) -> City:
    """Other model regions and social spaces. Raises ``VersionLost``, ``Refused`` as ``check_city`` does."""
    city = await CITIES.get(work, work.city)
    require_version(city.version, expected)
    changed = replace(city, **values)
    check_city(changed)
    return await CITIES.save(work, changed, "city-changed")


async def provide_organisation(work: Work, organisation: Organisation) -> Organisation:
    """An organisation of the city."""
    return await ORGANISATIONS.save(work, organisation, "organisation-provided")


async def change_organisation(work: Work, key: str, expected: int, values: Mapping[str, Any]) -> Organisation:
    """New values of some fields. Raises ``VersionLost``."""
    organisation = await ORGANISATIONS.get(work, key)
    require_version(organisation.version, expected)
    return await ORGANISATIONS.save(work, replace(organisation, **values), "organisation-changed")


async def provide_site(work: Work, site: Site) -> Site:
    """A site in one of the city's districts."""
    await require_district(work, site.district, "/district")
    for entry in site.carriers:
        await require_organisation(work, entry.value, "/carrier")
    recorded = replace(site, carriers=tuple(replace(entry, at=work.now, version=1) for entry in site.carriers))
    return await SITES.save(work, recorded, "site-provided")


async def change_carrier(work: Work, key: str, carrier: str, since: str) -> Site:
    """Another carrier of a site from a day on; what was recorded before stays. Raises ``Conflict``, ``Refused``."""
    await require_organisation(work, carrier, "/carrier")
    site = await SITES.get(work, key)
    return await SITES.save(work, site.carried_by(carrier, since, work.now), "carrier-changed")


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

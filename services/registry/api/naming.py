"""Whom of a programme's roles a caller may know: reading them all is for whoever reaches all of it."""

from collections.abc import Sequence

from services.registry.api.reach import seen_of
from services.registry.domain.places import Programme, Site
from services.registry.domain.roles import RoleHeld
from services.registry.store.repositories import PEOPLE, SITES
from shared.kernel.dates import today
from shared.web.desk import RequestDesk

Roles = dict[str, tuple[RoleHeld, ...]]


async def roles_in_reach(desk: RequestDesk, programmes: Sequence[Programme]) -> Roles:
    """By programme, its roles where the caller reaches all of it, else those of people in reach.

    In a number of reads that does not grow. Whoever is out of reach is as if she had no role.
    """
    if desk.scope().everything:
        return {programme.id: programme.roles for programme in programmes}
    slugs = sorted({site for programme in programmes for site in programme.sites})
    sites = {site.id: site for site in await SITES.find(desk.reader, {"_id": {"$in": slugs}})}
    whole = {one.id for one in programmes if _reaches_all(desk, one, sites)}
    others = sorted({held.person for one in programmes if one.id not in whole for held in one.roles})
    people = await PEOPLE.find(desk.reader, {"_id": {"$in": others}})
    seen = {person.id for person in await seen_of(desk, people)}
    return {one.id: tuple(held for held in one.roles if one.id in whole or held.person in seen) for one in programmes}


def _reaches_all(desk: RequestDesk, programme: Programme, sites: dict[str, Site]) -> bool:
    """As ``require_whole`` decides it, without an attempt."""
    if not programme.sites:
        return desk.may(desk.permission, programme=programme.id, site=(), carrier=())
    day = today(desk.moment)
    return all(
        desk.may(desk.permission, programme=programme.id, site=site, carrier=sites[site].carrier_on(day) or ())
        for site in programme.sites
    )

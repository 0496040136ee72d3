"""What a token reaches: of one object, of a list, and of everything in a programme."""

from collections.abc import Iterable
from typing import Final

from services.matching.domain.known import Programme
from services.matching.store import known
from shared.kernel.dates import today
from shared.security.grants import Permission, Reach
from shared.security.principals import MENTOR
from shared.storage.mongo import Document
from shared.web.desk import RequestDesk


async def require_whole(desk: RequestDesk, programme: Programme) -> None:
    """A round shows and moves everybody of a programme: each of its sites must be in reach, with today's carrier.

    Whatever day is asked about: who was responsible then reads nothing of it now.
    """
    carriers, day = await known.carriers(desk.reader), today(desk.moment)
    desk.require(programme=programme.slug)
    for site in programme.sites:
        desk.require(programme=programme.slug, site=site, carrier=known.carrier_on(carriers, site, day))


async def require_pool(desk: RequestDesk, slugs: Iterable[str]) -> None:
    """What programmes of one pool do together shows everybody of all of them: each must be in reach as a whole."""
    for slug in slugs:
        await require_whole(desk, await known.programme(desk.reader, slug))


async def whole_programmes(desk: RequestDesk, permission: Permission) -> set[str]:
    """The programmes that the token reaches as a whole under a permission: it sees every case of them."""
    carriers, day = await known.carriers(desk.reader), today(desk.moment)

    def whole(one: Programme) -> bool:
        return desk.may(permission, programme=one.slug) and all(
            desk.may(permission, programme=one.slug, site=site, carrier=known.carrier_on(carriers, site, day))
            for site in one.sites
        )

    return {one.slug for one in await known.programmes(desk.reader) if whole(one)}


def require_sides(
    desk: RequestDesk, programme: str | tuple[str, ...], sites: Iterable[str], carriers: Iterable[str]
) -> None:
    """One pair, or one side: reached by any of its programmes, sites and carriers; without any, by programme alone."""
    desk.require(programme=programme, site=tuple(sites) or None, carrier=tuple(carriers) or None)


PROGRAMMES_OF_PROPOSAL: Final = ("programme", "reached.mentor.programme")
"""Where a proposal has its programmes; whatever else has but one field of them has just that."""


async def visible(desk: RequestDesk, programme: str | tuple[str, ...], site: str, carrier: str) -> Document:
    """The filter of a list for what the token reaches; the arguments are the names of the fields."""
    if desk.scope().everything:
        return {}
    own: list[str] = []
    if any(reach.role == MENTOR for reach in desk.scope().reaches) and desk.principal.person is not None:
        own = await known.own_engagements(desk.reader, desk.principal.person)
    programmes = (programme,) if isinstance(programme, str) else programme
    return {"$or": [_filter(reach, programmes, site, carrier, own) for reach in desk.scope().reaches]}


def _filter(reach: Reach, programmes: tuple[str, ...], site: str, carrier: str, own: list[str]) -> Document:
    parts: list[Document] = []
    if reach.programmes is not None:
        parts.append({"$or": [{name: {"$in": sorted(reach.programmes)}} for name in programmes]})
    if reach.sites is not None:
        parts.append({site: {"$in": [*sorted(reach.sites), None, []]}})
    if reach.carrier is not None:
        parts.append({carrier: {"$in": [reach.carrier, None, []]}})
    if reach.role == MENTOR:
        parts.append({"engagement": {"$in": own}})
    return {"$and": parts} if parts else {}

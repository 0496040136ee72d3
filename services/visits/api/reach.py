"""What a token reaches: of one fact, of a list."""

from typing import Any

from services.visits.domain.known import Setting
from services.visits.domain.visits import Visit
from services.visits.store import VISITS, known
from services.visits.store.known import Known
from shared.security.grants import Reach
from shared.security.principals import MENTOR
from shared.storage.mongo import Document
from shared.web.desk import RequestDesk


def require_setting(desk: RequestDesk, setting: Setting) -> None:
    """A mentor's own tandem, or one in a coordinator's reach. Raises ``Invisible``, ``Forbidden``."""
    _require(desk, setting.programme.slug, setting.place.site, setting.place.carrier, setting.person)


async def reached_visit(desk: RequestDesk, key: str) -> Visit:
    """The visit. Raises ``NotFound``, or as ``RequestDesk.require``."""
    visit = await VISITS.get(desk.reader, key)
    person = await Known(desk.reader).person_of(visit.engagement)
    _require(desk, visit.programme, visit.site, visit.carrier, person)
    return visit


def require_place(desk: RequestDesk, fact: Any) -> None:
    """A request or an activity where it belongs. Raises as ``RequestDesk.require``."""
    desk.require(programme=fact.programme, site=fact.site, carrier=fact.carrier)


async def visible(desk: RequestDesk) -> Document:
    """The filter of a list: what any of the caller's grants reaches. What is at no site is against no grant."""
    if desk.scope().everything:
        return {}
    own: list[str] = []
    if any(reach.role == MENTOR for reach in desk.scope().reaches) and desk.principal.person is not None:
        own = await known.own_engagements(desk.reader, desk.principal.person)
    return {"$or": [_filter(reach, own) for reach in desk.scope().reaches]}


def _filter(reach: Reach, own: list[str]) -> Document:
    parts: list[Document] = []
    if reach.programmes is not None:
        parts.append({"programme": {"$in": sorted(reach.programmes)}})
    if reach.sites is not None:
        parts.append({"site": {"$in": [None, *sorted(reach.sites)]}})
    if reach.carrier is not None:
        parts.append({"carrier": {"$in": [None, reach.carrier]}})
    if reach.role == MENTOR:
        parts.append({"engagement": {"$in": own}})
    return {"$and": parts} if parts else {}


def _require(desk: RequestDesk, programme: str, site: str | None, carrier: str | None, person: str | None) -> None:
    # Nobody's person is no mentor's own: an empty list, where None would mean that it does not matter.
    desk.require(programme=programme, site=site, carrier=carrier, person=() if person is None else person)

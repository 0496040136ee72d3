"""Tandems over HTTP."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.tandems import EndBody, TandemBody
from services.matching.api.permissions import PAIR, READ_TANDEMS
from services.matching.api.reach import require_sides, visible
from services.matching.api.rounds import CONSENTS
from services.matching.api.views.tandems import TandemView, tandem_view
from services.matching.commands.begin_tandem import BeginTandem, begin_tandem
from services.matching.commands.end_tandem import EndTandem, end_tandem
from services.matching.domain.tandems import Tandem
from services.matching.store import TANDEMS, known
from shared.kernel.dates import today
from shared.kernel.errors import NotYetKnown
from shared.kernel.ids import new_id
from shared.messaging.freshness import require_fresh
from shared.web.bodies import EngagementId, Page, ParticipationId, Slug, TandemId
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/tandems", tags=["tandems"])


@router.post("", dependencies=[needs(PAIR)], status_code=201, response_model=TandemView, summary="Pair by hand")
async def pair(body: TandemBody, desk: Desk) -> Response:
    """Certificate, clearance, consent, exclusions and places are asked as in an accept; fit is the coordinator's."""
    participation = await known.participation(desk.reader, body.participation)
    engagement = await known.engagement(desk.reader, body.engagement)
    carriers = await known.carriers(desk.reader)
    for side in (participation, engagement):
        require_sides(desk, participation.programme, *known.places_of(carriers, today(desk.moment), side))
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    command = BeginTandem(body.id or new_id("tan"), engagement.id, participation.id, body.date)
    return await desk.commit(lambda work: begin_tandem(work, command), view=lambda one: tandem_view(desk, one))


@router.get("", dependencies=[needs(READ_TANDEMS)], response_model=Page[TandemView], summary="List tandems")
async def list_tandems(
    desk: Desk,
    *,
    programme: Slug | None = None,
    engagement: EngagementId | None = None,
    participation: ParticipationId | None = None,
    running: bool | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """By id; a mentor sees her own."""
    asked = {"counted.programme": programme, "engagement": engagement, "participation": participation}
    query: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    if running is not None:
        query["counted.ended_on"] = None if running else {"$ne": None}
    after = await desk.after(cursor)
    if after is not None:
        query["_id"] = {"$gt": after}
    query |= await visible(desk, "counted.programme", "counted.site", "counted.carrier")
    rows = await TANDEMS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=lambda row: tandem_view(desk, row))


@router.get("/{tandem_id}", dependencies=[needs(READ_TANDEMS)], response_model=TandemView, summary="Read a tandem")
async def read_tandem(tandem_id: TandemId, desk: Desk) -> Response:
    """With what was known of it earlier."""
    found = await _own(desk, tandem_id)
    return desk.answer(found, tandem_view(desk, found))


@router.post(
    "/{tandem_id}:end", dependencies=[needs(PAIR, if_match=True)], response_model=TandemView, summary="End a tandem"
)
async def end(tandem_id: TandemId, body: EndBody, desk: Desk) -> Response:
    """Both places are free again. `If-Match` names the version that the caller saw."""
    await _own(desk, tandem_id)
    command = EndTandem(tandem_id, body.on, body.reason, desk.expected_version())
    return await desk.commit(
        lambda work: end_tandem(work, command), view=lambda one: tandem_view(desk, one), status=200
    )


async def _own(desk: RequestDesk, tandem_id: str) -> Tandem:
    found = await TANDEMS.get(desk.reader, tandem_id)
    counted = found.counted
    desk.require(
        programme=counted.programme,
        site=counted.site,
        carrier=counted.carrier,
        person=await _person(desk, found.engagement),
    )
    return found


async def _person(desk: RequestDesk, engagement: str) -> str | tuple[str, ...]:
    """Whose tandem it is; nobody's where the engagement was erased or has not arrived."""
    try:
        return (await known.engagement(desk.reader, engagement)).person or ()
    except NotYetKnown:
        return ()

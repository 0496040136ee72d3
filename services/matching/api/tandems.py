"""Tandems over HTTP."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.tandems import ActivateBody, EndBody, OnBody, PauseBody, TandemBody, TryBody
from services.matching.api.both import require_both
from services.matching.api.permissions import PAIR, READ_TANDEMS
from services.matching.api.reach import visible
from services.matching.api.rounds import CONSENTS
from services.matching.api.views.tandems import TandemView, tandem_view
from services.matching.commands.begin_tandem import BeginTandem, begin_tandem
from services.matching.commands.end_tandem import EndTandem, end_tandem, reopen_tandem
from services.matching.commands.move_tandem import MoveTandem, move_tandem
from services.matching.domain.tandems import ACTIVE, PAUSED, TRIAL, Tandem
from services.matching.store import TANDEMS, known
from shared.kernel.errors import NotYetKnown
from shared.kernel.ids import new_id
from shared.messaging.freshness import require_fresh
from shared.web.bodies import EngagementId, Page, ParticipationId, Slug, TandemId
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/tandems", tags=["tandems"])


@router.post("", dependencies=[needs(PAIR)], status_code=201, response_model=TandemView, summary="Pair by hand")
async def pair(body: TandemBody, desk: Desk) -> Response:
    """Certificate, clearance, consent, exclusions and places are asked as in an accept; fit is the coordinator's.

    Where a proposal names somebody else for one of the two, `because` says why.
    """
    await require_both(desk, body.engagement, body.participation)
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    command = BeginTandem(
        id=body.id or new_id("tan"),
        engagement=body.engagement,
        participation=body.participation,
        date=body.date,
        because=body.because,
        signed_on=body.signed_on,
    )
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
    command = EndTandem(tandem_id, body.on, body.reason, desk.expected_version(), body.side)
    return await desk.commit(
        lambda work: end_tandem(work, command), view=lambda one: tandem_view(desk, one), status=200
    )


@router.post(
    "/{tandem_id}:reopen", dependencies=[needs(PAIR, if_match=True)], response_model=TandemView, summary="Undo an end"
)
async def reopen(tandem_id: TandemId, desk: Desk) -> Response:
    """Running again as before, for fourteen days after its end, if both still have a place and may be together."""
    await _own(desk, tandem_id)
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    expected = desk.expected_version()
    return await desk.commit(
        lambda work: reopen_tandem(work, tandem_id, expected), view=lambda one: tandem_view(desk, one), status=200
    )


@router.post("/{tandem_id}:try", dependencies=[needs(PAIR, if_match=True)], response_model=TandemView, summary="Try")
async def try_out(tandem_id: TandemId, body: TryBody, desk: Desk) -> Response:
    """After the introduction: a trial, with the day of its review."""
    return await _move(desk, MoveTandem(tandem_id, TRIAL, body.on, desk.expected_version(), until=body.review_on))


@router.post(
    "/{tandem_id}:activate", dependencies=[needs(PAIR, if_match=True)], response_model=TandemView, summary="Activate"
)
async def activate(tandem_id: TandemId, body: ActivateBody, desk: Desk) -> Response:
    """After the introduction or the trial: it goes on for good."""
    command = MoveTandem(tandem_id, ACTIVE, body.on, desk.expected_version(), signed_on=body.signed_on)
    return await _move(desk, command)


@router.post(
    "/{tandem_id}:pause", dependencies=[needs(PAIR, if_match=True)], response_model=TandemView, summary="Pause"
)
async def pause(tandem_id: TandemId, body: PauseBody, desk: Desk) -> Response:
    """It keeps its places: nobody is proposed in the meantime."""
    seen = desk.expected_version()
    return await _move(desk, MoveTandem(tandem_id, PAUSED, body.on, seen, body.reason, body.until))


@router.post(
    "/{tandem_id}:resume", dependencies=[needs(PAIR, if_match=True)], response_model=TandemView, summary="Resume"
)
async def resume(tandem_id: TandemId, body: OnBody, desk: Desk) -> Response:
    """In the phase in which it was before the pause."""
    return await _move(desk, MoveTandem(tandem_id, None, body.on, desk.expected_version()))


async def _move(desk: RequestDesk, command: MoveTandem) -> Response:
    await _own(desk, command.tandem)
    return await desk.commit(
        lambda work: move_tandem(work, command), view=lambda one: tandem_view(desk, one), status=200
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

"""Rounds over HTTP."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.rounds import RoundBody, RoundId
from services.matching.api.permissions import HOLD, READ
from services.matching.api.reach import require_whole, whole_programmes
from services.matching.api.views.rounds import HeldRoundView, RoundView, held_view, round_view
from services.matching.commands.begin_tandem import require_in_period
from services.matching.commands.hold_round import hold_round
from services.matching.commands.prepare_round import prepare_round
from services.matching.domain.rounds import Round
from services.matching.queries.rounds import instance_bytes, result_of
from services.matching.store import ROUNDS, known
from shared.kernel.dates import today
from shared.kernel.ids import new_id
from shared.messaging.freshness import require_fresh
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.storage.newest import newest, place_of
from shared.web.bodies import Page, Slug, View
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

CONSENTS = "registry.consents.v1"

_ALL: Mapping[str, Any] = {}

router = APIRouter(prefix="/v1/cities/{city}/rounds", tags=["rounds"])


@router.post("", dependencies=[needs(HOLD)], status_code=201, response_model=HeldRoundView, summary="Hold a round")
async def hold(body: RoundBody, desk: Desk) -> Response:
    """Proposals are drafts: nothing is begun before a coordinator accepts. Older drafts of the programme expire."""
    day = body.date or today(desk.moment)
    programme = await known.programme(desk.reader, body.programme)
    await require_whole(desk, programme, day)
    require_in_period(programme, day)
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    solver, round_id = desk.extra["solver_pool"], body.id or new_id("rnd")
    command = await prepare_round(desk.reader, solver, round_id, programme.slug, day)
    metrics: Metrics = desk.extra["metrics"]
    metrics.observe(names.ROUND_SECONDS, command.result["seconds"], city=desk.city)
    return await desk.commit(lambda work: hold_round(work, command), view=lambda held: held_view(desk, held))


@router.get("", dependencies=[needs(READ)], response_model=Page[RoundView], summary="List rounds, newest first")
async def list_rounds(desk: Desk, programme: Slug | None = None, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Of one programme, or of all that the token reaches as a whole."""
    return await round_page(desk, programme, limit, cursor, lambda row: round_view(desk, row))


@router.get("/{round_id}", dependencies=[needs(READ)], response_model=RoundView, summary="Read a round")
async def read_round(round_id: RoundId, desk: Desk) -> Response:
    """With what it reached and the prices that prove it."""
    held = await own_round(desk, round_id)
    return desk.answer(held, round_view(desk, held, await result_of(desk.reader, held)))


@router.get("/{round_id}/instance", dependencies=[needs(READ)], summary="The matching file that was solved")
async def read_instance(round_id: RoundId, desk: Desk) -> Response:
    """Exactly the file that ``tueroeffner match solve`` reads; the answer is the same again."""
    return Response(await instance_bytes(desk.reader, await own_round(desk, round_id)), media_type="application/json")


async def own_round(desk: RequestDesk, round_id: str) -> Round:
    """The round, where the token reaches its programme as a whole."""
    held = await ROUNDS.get(desk.reader, round_id)
    await require_whole(desk, await known.programme(desk.reader, held.programme), held.date)
    return held


async def round_page(
    desk: RequestDesk,
    programme: str | None,
    limit: int,
    cursor: str | None,
    view: Callable[[Round], View],
    *,
    only: Mapping[str, Any] = _ALL,
) -> Response:
    """Rounds, newest first: of one programme, or of all that the token reaches as a whole; those of ``only``."""
    day = today(desk.moment)
    if programme is None:
        query: dict[str, Any] = {"programme": {"$in": await whole_programmes(desk, day)}}
    else:
        await require_whole(desk, await known.programme(desk.reader, programme), day)
        query = {"programme": programme}
    after = await desk.after(cursor)
    rows = await newest(desk.reader, ROUNDS, "recorded_at", {**query, **only}, after=after, limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: place_of(row.recorded_at, row.id), view=view)

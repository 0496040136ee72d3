"""Closed periods over HTTP."""

from fastapi import APIRouter
from starlette.responses import Response

from services.reporting.api.bodies import PeriodBody, PeriodId
from services.reporting.api.permissions import CLOSE
from services.reporting.api.reach import require_programme, whole_programmes
from services.reporting.api.views import PeriodView, period_view
from services.reporting.commands import periods as commands
from services.reporting.domain.closed_periods import ClosedPeriod
from services.reporting.queries.figures import WHOLE
from services.reporting.store import PERIODS, known
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import Page
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/periods", tags=["periods"])


@router.post("", dependencies=[needs(CLOSE)], status_code=201, response_model=PeriodView, summary="Close a period")
async def close_period(body: PeriodBody, desk: Desk) -> Response:
    """What is recorded later does not change these days' figures; the report lists it as corrections."""
    if body.begin >= body.until:
        raise Refused("invalid", (Finding("/until", "too-early", f"> {body.begin}"),))
    await require_programme(desk, await known.programme(desk.reader, body.programme), WHOLE)
    new = ClosedPeriod(body.id or new_id("prd"), body.programme, body.begin, body.until)
    return await desk.commit(lambda work: commands.close_period(work, new), view=period_view)


@router.get("", dependencies=[needs(CLOSE)], response_model=Page[PeriodView], summary="List closed periods")
async def list_periods(desk: Desk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Of all programmes that the token reaches as a whole."""
    query: dict[str, object] = {"programme": {"$in": await whole_programmes(desk)}}
    after = await desk.after(cursor)
    if after is not None:
        query["_id"] = {"$gt": after}
    rows = await PERIODS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=period_view)


@router.get("/{period}", dependencies=[needs(CLOSE)], response_model=PeriodView, summary="Read a closed period")
async def read_period(period: PeriodId, desk: Desk) -> Response:
    """Which days, and since when."""
    found = await _reached(desk, period)
    return desk.answer(found, period_view(found))


@router.post(
    "/{period}:reopen",
    dependencies=[needs(CLOSE, may_match=True)],
    response_model=PeriodView,
    summary="Open a closed period again",
)
async def reopen_period(period: PeriodId, desk: Desk) -> Response:
    """What came late counts from now on; sealed reports stay as they are."""
    await _reached(desk, period)
    return await desk.commit(lambda work: commands.reopen_period(work, period), view=period_view, status=200)


async def _reached(desk: RequestDesk, key: str) -> ClosedPeriod:
    found = await PERIODS.get(desk.reader, key)
    await require_programme(desk, await known.programme(desk.reader, found.programme), WHOLE)
    return found

"""Requests of the neighbourhood over HTTP."""

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from services.visits.api.bodies import BrokerBody, FulfilBody, ReasonBody, RequestBody, RequestId
from services.visits.api.permissions import BROKER, READ_REQUESTS
from services.visits.api.reach import require_place, visible
from services.visits.api.views import RequestView, request_view
from services.visits.api.visits import From, Until
from services.visits.commands import requests as commands
from services.visits.domain.requests import Request
from services.visits.queries.lists import between, equal
from services.visits.store import REQUESTS
from services.visits.store.known import Known
from shared.kernel.ids import new_id
from shared.storage.newest import newest, place_of
from shared.web.bodies import Page, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/requests", tags=["requests"])


@router.post("", dependencies=[needs(BROKER)], status_code=201, response_model=RequestView, summary="Receive a request")
async def receive_request(body: RequestBody, desk: Desk) -> Response:
    """For a service of the programme's catalogue."""
    place = await Known(desk.reader).place(body.site, body.district, body.participation, body.date)
    desk.require(programme=body.programme, site=place.site, carrier=place.carrier)
    new = Request(
        id=body.id or new_id("req"),
        programme=body.programme,
        service=body.service,
        date=body.date,
        how_often=body.how_often,
        site=body.site,
        district=body.district,
        participation=body.participation,
    )
    return await desk.commit(lambda work: commands.receive_request(work, new), view=request_view(desk))


@router.get("", dependencies=[needs(READ_REQUESTS)], response_model=Page[RequestView], summary="List requests")
async def list_requests(
    desk: Desk,
    *,
    programme: Slug | None = None,
    state: Literal["open", "brokered", "fulfilled", "closed"] | None = None,
    since: From = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Newest first."""
    queries = (await visible(desk), equal(programme=programme, state=state), between(since, until))
    rows = await newest(desk.reader, REQUESTS, "date", *queries, after=await desk.after(cursor), limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: place_of(row.date, row.id), view=request_view(desk))


@router.get("/{request}", dependencies=[needs(READ_REQUESTS)], response_model=RequestView, summary="Read a request")
async def read_request(request: RequestId, desk: Desk) -> Response:
    """Where it stands, and how it came there."""
    found = await _reached(desk, request)
    return desk.answer(found, request_view(desk)(found))


@router.post(
    "/{request}:broker",
    dependencies=[needs(BROKER, may_match=True)],
    response_model=RequestView,
    summary="Broker a request",
)
async def broker_request(request: RequestId, body: BrokerBody, desk: Desk) -> Response:
    """To the house itself, a volunteer or a partner; again, where the first one could not."""
    await _reached(desk, request)
    return await desk.commit(
        lambda work: commands.broker_request(work, request, body.by, body.engagement),
        view=request_view(desk),
        status=200,
    )


@router.post(
    "/{request}:fulfil",
    dependencies=[needs(BROKER, may_match=True)],
    response_model=RequestView,
    summary="It is fulfilled",
)
async def fulfil_request(request: RequestId, body: FulfilBody, desk: Desk) -> Response:
    """On a day."""
    await _reached(desk, request)
    return await desk.commit(
        lambda work: commands.fulfil_request(work, request, body.on), view=request_view(desk), status=200
    )


@router.post(
    "/{request}:close",
    dependencies=[needs(BROKER, may_match=True)],
    response_model=RequestView,
    summary="Close a request",
)
async def close_request(request: RequestId, body: ReasonBody, desk: Desk) -> Response:
    """Without being fulfilled, for a reason."""
    await _reached(desk, request)
    return await desk.commit(
        lambda work: commands.close_request(work, request, body.reason), view=request_view(desk), status=200
    )


async def _reached(desk: RequestDesk, key: str) -> Request:
    found = await REQUESTS.get(desk.reader, key)
    require_place(desk, found)
    return found

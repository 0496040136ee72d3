"""Requests and activities over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.visits import publishing
from services.visits.api.permissions import BROKER, RECORD
from services.visits.commands import requests as commands
from services.visits.domain.requests import Activity, Request
from services.visits.store.repositories import REQUESTS
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Code, Count, Day, EngagementId, Minutes, Slug, id_of
from shared.web.desk import Desk, Rendered, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["requests"])
RequestId = Annotated[str, id_of("req")]


class RequestBody(Body):
    """What is asked for: what, when, how often."""

    id: RequestId | None = None
    programme: Slug
    service: Code = Field(examples=["child_care"])
    date: Day
    how_often: Code = Field("once", examples=["weekly"])
    site: Slug | None = None
    district: Slug | None = None


class BrokerBody(Body):
    """To whom it is given."""

    by: Literal["own", "volunteer", "partner"]
    engagement: EngagementId | None = None


class DayBody(Body):
    """A day."""

    on: Day


class ActivityBody(Body):
    """A meeting, an event, an offer: how many came."""

    id: Annotated[str, id_of("act")] | None = None
    programme: Slug
    kind: Code = Field(examples=["group_meeting"])
    date: Day
    participants: Count
    about: bool = False
    sessions: Count = 1
    minutes: Minutes = 0
    site: Slug | None = None
    district: Slug | None = None


@router.post("/requests", dependencies=[needs(BROKER)], status_code=201, summary="Receive a request")
async def receive_request(body: RequestBody, desk: Desk) -> Response:
    """For a service of the programme's catalogue."""
    desk.require(programme=body.programme)
    new = Request(
        body.id or new_id("req"),
        body.programme,
        body.service,
        body.date,
        body.how_often,
        body.site,
        None,
        body.district,
    )
    return await desk.commit(lambda work: commands.receive_request(work, new), view=_request)


@router.get("/requests/{request}", dependencies=[needs(BROKER)], summary="Read a request")
async def read_request(request: RequestId, desk: Desk) -> Response:
    """Where it stands."""
    found = await REQUESTS.get(desk.reader, request)
    desk.require(programme=found.programme)
    return desk.answer(found, _request(found))


@router.post("/requests/{request}:broker", dependencies=[needs(BROKER)], summary="Broker a request")
async def broker_request(request: RequestId, body: BrokerBody, desk: Desk) -> Response:
    """To the house itself, a volunteer or a partner."""
    return await desk.commit(
        lambda work: commands.broker_request(work, request, body.by, body.engagement), view=_request, status=200
    )


@router.post("/requests/{request}:fulfil", dependencies=[needs(BROKER)], summary="Record that it is fulfilled")
async def fulfil_request(request: RequestId, body: DayBody, desk: Desk) -> Response:
    """On a day."""
    return await desk.commit(lambda work: commands.fulfil_request(work, request, body.on), view=_request, status=200)


@router.post("/activities", dependencies=[needs(RECORD)], status_code=201, summary="Record an activity")
async def record_activity(body: ActivityBody, desk: Desk) -> Response:
    """Head counts, nobody named."""
    desk.require(programme=body.programme)
    new = Activity(
        id=body.id or new_id("act"),
        programme=body.programme,
        kind=body.kind,
        date=body.date,
        participants=body.participants,
        about=body.about,
        sessions=body.sessions,
        minutes=body.minutes,
        site=body.site,
        district=body.district,
    )
    return await desk.commit(lambda work: commands.record_activity(work, new), view=_activity)


def _request(request: Request) -> Rendered:
    actions = {"open": ["broker"], "brokered": ["fulfil"]}.get(request.state, [])
    return publishing.request(request).model_dump(mode="json") | {"version": request.version, "actions": actions}


def _activity(activity: Activity) -> Rendered:
    return publishing.activity(activity).model_dump(mode="json") | {"version": activity.version}

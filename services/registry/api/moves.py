"""Moves of engagements and participations to another site, over HTTP."""

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import REGISTER
from services.registry.api.reach import reached_engagement, reached_participation, require_place
from services.registry.api.views.engagements import (
    EngagementView,
    ParticipationView,
    engagement_view,
    participation_view,
)
from services.registry.commands import moves as commands
from services.registry.store.repositories import PROGRAMMES
from shared.kernel.dates import Dated, today
from shared.web.bodies import Body, Day, EngagementId, ParticipationId, Slug
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["moves"])


class SiteMoveBody(Body):
    """Where to, and from which day on."""

    site: Slug = Field(examples=["mehrgenerationenhaus"])
    since: Day = Field(examples=["2026-03-01"])


@router.post(
    "/engagements/{engagement}:move",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=EngagementView,
    summary="Move an engagement to another site",
)
async def move_engagement(engagement: EngagementId, body: SiteMoveBody, desk: Desk) -> Response:
    """The same person and engagement, from a day on at another site of the programme; reach of both places is needed.

    What happened before that day stays counted at the former site. The day of the last move corrects that move.
    """
    found = await reached_engagement(desk, engagement)
    await _require_target(desk, found.programme, body)
    programme = await PROGRAMMES.get(desk.reader, found.programme)
    return await desk.commit(
        lambda work: commands.move_engagement(work, engagement, body.site, body.since),
        view=engagement_view(desk, {programme.id: programme}),
        status=200,
    )


@router.post(
    "/participations/{participation}:move",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=ParticipationView,
    summary="Move a participation to another site",
)
async def move_participation(participation: ParticipationId, body: SiteMoveBody, desk: Desk) -> Response:
    """As for engagements; where the family lives is another thing, which is told by the move of the family."""
    found = await reached_participation(desk, participation)
    await _require_target(desk, found.programme, body)
    return await desk.commit(
        lambda work: commands.move_participation(work, participation, body.site, body.since),
        view=participation_view(desk),
        status=200,
    )


async def _require_target(desk: RequestDesk, programme: str, body: SiteMoveBody) -> None:
    await require_place(desk, programme, (Dated(body.since, body.site),), today(desk.moment))

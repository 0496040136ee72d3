"""Participations that are taken up again, over HTTP."""

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import REGISTER
from services.registry.api.reach import reached_participation, require_place
from services.registry.api.views.engagements import ParticipationView, participation_view
from services.registry.commands import reopening as commands
from shared.kernel.dates import today
from shared.web.bodies import Body, Code, Day, ParticipationId
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}/participations", tags=["participations"])


class ReopenBody(Body):
    """Why it goes on, and since when help is waited for: today where it is left out."""

    reason: Code = Field(examples=["came_back"])
    waiting_since: Day | None = Field(None, examples=["2026-03-01"])


@router.post(
    "/{participation}:reopen",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=ParticipationView,
    summary="Take up an ended participation again",
)
async def reopen_participation(participation: ParticipationId, body: ReopenBody, desk: Desk) -> Response:
    """It keeps its id and its history, its former end among it. Tandems stay ended; what is urgent is said anew."""
    found = await reached_participation(desk, participation)
    await require_place(desk, found.programme, found.sites, today(desk.moment))
    return await desk.commit(
        lambda work: commands.reopen_participation(work, participation, body.waiting_since, body.reason),
        view=participation_view(desk),
        status=200,
    )

"""How fair rounds were, over HTTP: for coordinators, and without small groups for the city."""

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.rounds import RoundId
from services.matching.api.permissions import READ, READ_FAIRNESS
from services.matching.api.reach import whole_programmes
from services.matching.api.rounds import own_round, round_page
from services.matching.api.views.fairness import FairnessView, fairness_view
from shared.kernel.errors import NotFound
from shared.web.bodies import Page, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, needs

_REPORTED = {"fairness.families": {"$exists": True}}
"""Rounds with millions of pairs have no report."""

router = APIRouter(prefix="/v1/cities/{city}", tags=["rounds"])


@router.get(
    "/fairness",
    dependencies=[needs(READ_FAIRNESS)],
    response_model=Page[FairnessView],
    summary="How fair the rounds were, newest first",
)
async def list_fairness(
    desk: Desk, programme: Slug | None = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Of one programme, or of all that the token reaches as a whole."""
    whole = await whole_programmes(desk, READ)
    return await round_page(desk, programme, limit, cursor, lambda row: fairness_view(row, whole), only=_REPORTED)


@router.get(
    "/rounds/{round_id}/fairness",
    dependencies=[needs(READ_FAIRNESS)],
    response_model=FairnessView,
    summary="How fair a round was",
)
async def read_fairness(round_id: RoundId, desk: Desk) -> Response:
    """Who was helped and who was not, by groups, and what greedy and first come first served would have done."""
    held = await own_round(desk, round_id)
    if not held.fairness:
        raise NotFound("round-not-reported")
    return desk.answer(held, fairness_view(held, await whole_programmes(desk, READ)))

"""Candidates and the waiting list over HTTP."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.matching.api.permissions import READ
from services.matching.api.reach import require_sides, visible
from services.matching.api.rounds import CONSENTS
from services.matching.api.views.candidates import CandidatesView, CandidateView, OtherView
from services.matching.api.views.waiting import WaitingView, waiting_view
from services.matching.api.words import worded
from services.matching.queries.candidates import Answer, find_candidates
from services.matching.store import known, waiting
from shared.kernel.dates import today
from shared.messaging.freshness import require_fresh
from shared.security.grants import Target
from shared.web.bodies import Day, Page, ParticipationId, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs, rendered

router = APIRouter(prefix="/v1/cities/{city}", tags=["waiting"])


@router.get("/candidates", dependencies=[needs(READ)], response_model=CandidatesView, summary="Who fits, who not, why")
async def candidates(desk: Desk, participation: ParticipationId, date: Day | None = None) -> Response:
    """For one participation without a tandem, on a day: best first by fit less price; every other with its reason."""
    day = date or today(desk.moment)
    taking_part = await known.participation(desk.reader, participation)
    carriers = await known.carriers(desk.reader)
    require_sides(desk, taking_part.programme, *known.places_of(carriers, day, taking_part))
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    answer = await find_candidates(desk.reader, taking_part, day)
    return JSONResponse(rendered(_view(desk, answer, carriers, day)))


@router.get("/waiting", dependencies=[needs(READ)], response_model=Page[WaitingView], summary="Who waits and why")
async def list_waiting(desk: Desk, programme: Slug | None = None, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """After the last round, longest first. `reasons` count mentors by the rule they fail at first."""
    query: dict[str, Any] = {} if programme is None else {"programme": programme}
    after = await desk.after(cursor)
    seen = await visible(desk, "programme", "sites", "carriers")
    parts = [part for part in (seen, _later(after)) if part]
    if parts:
        query["$and"] = parts
    rows = await waiting.find(desk.reader, query, sort=[("waiting_since", 1), ("_id", 1)], limit=limit + 1)
    return await desk.page(
        rows, limit=limit, key=lambda row: f"{row.waiting_since}/{row.id}", view=lambda row: waiting_view(desk, row)
    )


def _later(after: str | None) -> dict[str, Any]:
    if after is None:
        return {}
    since, _, last = after.partition("/")
    return {"$or": [{"waiting_since": {"$gt": since}}, {"waiting_since": since, "_id": {"$gt": last}}]}


def _view(desk: RequestDesk, answer: Answer, carriers: known.Carriers, day: str) -> CandidatesView:
    """Another carrier's engagements are not there for this token."""
    shown = {
        key
        for key, one in answer.engagements.items()
        if desk.sees(_target(one.programme, *known.places_of(carriers, day, one)))
    }
    found = answer.candidates
    return CandidatesView(
        participation=found.participation,
        date=day,
        candidates=[
            CandidateView(
                engagement=one.engagement, fit=one.fit.document(), price=one.price, free_places=one.free_places
            )
            for one in found.candidates
            if one.engagement in shown
        ],
        others=[
            OtherView(engagement=one.engagement, reason=worded(one.reason, desk.language))
            for one in found.others
            if one.engagement in shown
        ],
        would_help=[worded(reason, desk.language, "help") for reason in found.would_help],
    )


def _target(programme: str, sites: tuple[str, ...], carriers: tuple[str, ...]) -> Target:
    return Target(programme=programme, site=sites or None, carrier=carriers or None)

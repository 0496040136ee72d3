"""Candidates and the waiting list over HTTP."""

from asyncio import gather
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final, Literal

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.permissions import READ
from services.matching.api.reach import require_sides, visible
from services.matching.api.rounds import CONSENTS
from services.matching.api.views.candidates import CandidatesView, SwapView, candidates_body, swap_view
from services.matching.api.views.waiting import WaitingView, waiting_view
from services.matching.domain.candidates import candidates_for
from services.matching.domain.standing import Shown
from services.matching.queries.candidates import Answer, find_candidates
from services.matching.queries.standing import Where
from services.matching.queries.swap import find_swap
from services.matching.store import known, waiting
from shared.kernel.dates import today
from shared.messaging.freshness import require_fresh
from shared.security.grants import Target
from shared.web.bodies import Day, Page, ParticipationId, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, json_response, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["waiting"])
Others = Literal["some", "all"]
MOST_OTHERS: Final = 200


@router.get("/candidates", dependencies=[needs(READ)], response_model=CandidatesView, summary="Who fits, who not, why")
async def candidates(
    desk: Desk, *, participation: ParticipationId, date: Day | None = None, others: Others = "some"
) -> Response:
    """For one participation without a tandem, on a day: best first by fit less price. Nobody is moved for it.

    Of the others, each with its reason, there are 200, or all; `others_by_rule` counts all of them.
    """
    asked = await _ask(desk, participation, date)
    most = None if others == "all" else MOST_OTHERS
    found = candidates_for(asked.answer.standing, asked.answer.family, asked.shown, most)
    return Response(candidates_body(found, asked.day, desk.language), media_type="application/json")


@router.get("/swap", dependencies=[needs(READ)], response_model=SwapView, summary="A free place, or one draft to move")
async def swap(desk: Desk, *, participation: ParticipationId, date: Day | None = None) -> Response:
    """Where every mentor that fits is promised by drafts: the one draft that could move to another free place.

    Only looked for. Whoever has been told of a proposal is never asked to move, and never more than one.
    """
    asked = await _ask(desk, participation, date)
    move, others = await find_swap(desk.reader, asked.answer, participation, asked.shown, (asked.day, asked.where.day))
    moved = None if move is None or move.moved is None else others[move.moved]
    named = moved is not None and desk.sees(
        _target(moved.programme, *known.places_of(asked.where.carriers, asked.where.day, moved))
    )
    return json_response(swap_view(participation, asked.day, move, named=named), 200, {})


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question about one participation: the day, where engagements belong today, the answer, who may be shown."""

    day: str
    where: Where
    answer: Answer
    shown: Shown


async def _ask(desk: RequestDesk, participation: str, date: str | None) -> _Asked:
    now = today(desk.moment)
    taking_part, carriers = await known.participation_and_carriers(desk.reader, participation)
    require_sides(desk, taking_part.programme, *known.places_of(carriers, now, taking_part))
    day = date or now
    _, answer = await gather(
        require_fresh(desk.store, CONSENTS, "consents-stale"),
        find_candidates(desk.reader, desk.extra["standings"], taking_part, (day, now), carriers),
    )
    shown = reduce(or_, (part for at, part in answer.seen_at.items() if desk.sees(_target(*at))), Shown())
    return _Asked(day, Where(carriers, now), answer, shown)


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


def _target(programme: str, sites: tuple[str, ...], carriers: tuple[str, ...]) -> Target:
    return Target(programme=programme, site=sites or None, carrier=carriers or None)

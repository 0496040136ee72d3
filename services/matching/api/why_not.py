"""Why not this pair, over HTTP."""

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.rounds import RoundId
from services.matching.api.permissions import READ
from services.matching.api.reach import require_sides
from services.matching.api.rounds import CONSENTS
from services.matching.api.views.why_not import MentorView, WhyNotView, mentor_view, proof_view
from services.matching.api.words import worded
from services.matching.domain.known import Engagement
from services.matching.queries.waiting_mentors import Part, judge_mentors
from services.matching.queries.why_not import Told, why_not_in, why_not_now
from services.matching.store import ROUNDS, known, waiting
from shared.kernel.dates import today
from shared.kernel.errors import NotFound
from shared.messaging.freshness import require_fresh
from shared.security.grants import Target
from shared.web.bodies import Day, EngagementId, Page, ParticipationId
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, json_response, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["waiting"])


@router.get("/why-not", dependencies=[needs(READ)], response_model=WhyNotView, summary="Why not this pair")
async def why_not(
    desk: Desk,
    *,
    engagement: EngagementId,
    participation: ParticipationId,
    round: RoundId | None = None,
    date: Day | None = None,
) -> Response:
    """Both sides must be in reach. The rule that the pair fails first, or what it would have cost the round.

    Without `round` it is about the day: the rule that fails then, else what the programme's last round says.
    """
    taking_part = await known.participation(desk.reader, participation)
    helping = await known.engagement(desk.reader, engagement)
    carriers, now = await known.carriers(desk.reader), today(desk.moment)
    for side in (taking_part, helping):
        require_sides(desk, side.programme, *known.places_of(carriers, now, side))
    rounds = desk.extra["solved_rounds"]
    if round is None:
        await require_fresh(desk.store, CONSENTS, "consents-stale")
        told = await why_not_now(desk.reader, rounds, helping, taking_part, (date or now, now))
    else:
        held = await ROUNDS.get(desk.reader, round)
        if taking_part.programme not in held.slugs:
            raise NotFound("round-not-found")
        told = await why_not_in(desk.reader, rounds, held, helping, taking_part)
    return json_response(_view(desk, engagement, participation, told), 200, {})


@router.get(
    "/waiting/{participation_id}/mentors",
    dependencies=[needs(READ)],
    response_model=Page[MentorView],
    summary="Every mentor, and why not for this one",
)
async def waiting_mentors(
    participation_id: ParticipationId, desk: Desk, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Of one that waits, in its round: each mentor in reach with the first rule that she fails, or with the gap."""
    waits = await waiting.get(desk.reader, participation_id)
    require_sides(desk, waits.programme, waits.sites, waits.carriers)
    carriers, now = await known.carriers(desk.reader), today(desk.moment)

    def sees(one: Engagement) -> bool:
        sites, of_carriers = known.places_of(carriers, now, one)
        return desk.sees(Target(programme=one.programme, site=sites or None, carrier=of_carriers or None))

    after = await desk.after(cursor)
    rows = await judge_mentors(desk.reader, desk.extra["solved_rounds"], waits, sees, Part(after, limit + 1))
    return await desk.page(
        rows,
        limit=limit,
        key=lambda row: row.engagement,
        view=lambda row: mentor_view(row.engagement, row.verdict, desk.language),
    )


def _view(desk: RequestDesk, engagement: str, participation: str, told: Told) -> WhyNotView:
    verdict = told.verdict
    return WhyNotView(
        engagement=engagement,
        participation=participation,
        date=told.date,
        round=told.round,
        reason=worded(verdict.reason, desk.language),
        why=[worded(reason, desk.language, "fit") for reason in verdict.why],
        proof=proof_view(verdict.proof) if verdict.proof else None,
        costs=verdict.costs,
    )

"""Why not this pair, over HTTP."""

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.rounds import RoundId
from services.matching.api.permissions import READ
from services.matching.api.reach import require_sides
from services.matching.api.rounds import CONSENTS
from services.matching.api.views.why_not import WhyNotView, proof_view
from services.matching.api.words import worded
from services.matching.queries.why_not import Told, why_not_in, why_not_now
from services.matching.store import ROUNDS, known
from shared.kernel.dates import today
from shared.kernel.errors import NotFound
from shared.messaging.freshness import require_fresh
from shared.web.bodies import Day, EngagementId, ParticipationId
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
        told = await why_not_now(desk.reader, rounds, helping, taking_part, date or now)
    else:
        held = await ROUNDS.get(desk.reader, round)
        if held.programme != taking_part.programme:
            raise NotFound("round-not-found")
        told = await why_not_in(desk.reader, rounds, held, helping, taking_part)
    return json_response(_view(desk, engagement, participation, told), 200, {})


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

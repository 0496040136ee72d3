"""What is missing, over HTTP: languages, qualifications, mentors."""

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.rounds import RoundId
from services.matching.api.permissions import HOLD, READ_GAPS
from services.matching.api.reach import require_pool, require_whole, whole_programmes
from services.matching.api.views.gaps import GapsView, gaps_view
from services.matching.queries.gaps import find_gaps, round_of
from services.matching.store import known
from shared.web.bodies import Slug
from shared.web.desk import Desk, json_response, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["waiting"])


@router.get("/gaps", dependencies=[needs(READ_GAPS)], response_model=GapsView, summary="What is missing")
async def gaps(desk: Desk, *, programme: Slug, round: RoundId | None = None) -> Response:
    """After a round of the programme, its last one without `round`: the language gap, what to teach, whom to win."""
    await require_whole(desk, await known.programme(desk.reader, programme))
    held = await round_of(desk.reader, programme, round)
    await require_pool(desk, held.slugs)
    found = await find_gaps(desk.reader, desk.extra["solved_rounds"], held)
    whole = await whole_programmes(desk, HOLD) >= {*held.slugs}
    view = gaps_view(found, (programme, held.id, held.date), desk.language, whole)
    return json_response(view, 200, {})

"""What is missing, over HTTP: languages, qualifications, mentors."""

from fastapi import APIRouter
from starlette.responses import Response

from services.matching.api.bodies.rounds import RoundId
from services.matching.api.permissions import HOLD, READ_GAPS
from services.matching.api.reach import require_pool, require_whole
from services.matching.api.views.gaps import GapsView, gaps_view
from services.matching.domain.known import Programme
from services.matching.queries.gaps import find_gaps, round_of
from services.matching.store import known
from shared.kernel.dates import today
from shared.web.bodies import Slug
from shared.web.desk import Desk, RequestDesk, json_response, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["waiting"])


@router.get("/gaps", dependencies=[needs(READ_GAPS)], response_model=GapsView, summary="What is missing")
async def gaps(desk: Desk, *, programme: Slug, round: RoundId | None = None) -> Response:
    """After a round of the programme, its last one without `round`: the language gap, what to teach, whom to win."""
    now = today(desk.moment)
    about = await known.programme(desk.reader, programme)
    await require_whole(desk, about)
    held = await round_of(desk.reader, programme, round)
    await require_pool(desk, held.programmes or (held.programme,))
    found = await find_gaps(desk.reader, desk.extra["solved_rounds"], held)
    whole = await _holds_rounds(desk, about, now)
    view = gaps_view(found, (programme, held.id, held.date), desk.language, whole)
    return json_response(view, 200, {})


async def _holds_rounds(desk: RequestDesk, programme: Programme, day: str) -> bool:
    """Whether the token could hold the round itself: then it sees every case anyway."""
    carriers = await known.carriers(desk.reader)
    return desk.may(HOLD, programme=programme.slug) and all(
        desk.may(HOLD, programme=programme.slug, site=site, carrier=known.carrier_on(carriers, site, day))
        for site in programme.sites
    )

"""Expected waiting over HTTP: figures only, none of fewer than five."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.matching.api.permissions import READ_FAIRNESS
from services.matching.api.reach import require_whole
from services.matching.queries.expected import find_expected
from services.matching.store import known
from shared.kernel.dates import today
from shared.web.bodies import Day, LanguageTag, Slug
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["rounds"])


class ExpectedView(BaseModel):
    """One language, and one topic or (`null`) all of them."""

    language: str = Field(examples=["ar"])
    topic: str | None = Field(examples=["health"])
    families: int = Field(examples=[12], description="whose first tandem began in the last 180 days")
    days: int = Field(examples=[23], description="the median of their waiting until then")


class ExpectedWaitingView(BaseModel):
    """Rows of a programme on a day; groups of fewer than five families are left out."""

    programme: str
    date: str
    items: list[ExpectedView]


@router.get(
    "/expected-waiting",
    dependencies=[needs(READ_FAIRNESS)],
    response_model=ExpectedWaitingView,
    summary="How long somebody may expect to wait",
)
async def expected_waiting(
    desk: Desk, programme: Slug, language: LanguageTag | None = None, date: Day | None = None
) -> ExpectedWaitingView:
    """As those of the same language and topic waited who got a mentor lately. No promise: who comes next may differ."""
    await require_whole(desk, await known.programme(desk.reader, programme))
    day = date or today(desk.moment)
    rows = await find_expected(desk.reader, programme, day)
    return ExpectedWaitingView(
        programme=programme,
        date=day,
        items=[
            ExpectedView(language=one.language, topic=one.topic, families=one.families, days=one.days)
            for one in rows
            if language is None or one.language == language
        ],
    )

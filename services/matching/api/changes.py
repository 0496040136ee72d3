"""What changed since yesterday, over HTTP."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.matching.api.act_words import of_change
from services.matching.api.permissions import DECIDE
from services.matching.api.reach import PROGRAMMES_OF_PROPOSAL, visible
from services.matching.domain.changes import Change, last_working_day
from services.matching.domain.known import Engagement, Participation
from services.matching.queries.changes import changes_since
from services.matching.store import known
from shared.kernel.dates import today
from shared.security.grants import Target
from shared.storage.work import Reader
from shared.web.bodies import Instant, Page
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/changes", tags=["changes"])


class ChangeView(BaseModel):
    """What happened to what: a code with parameters, and the same in words; ids, never people."""

    at: str = Field(examples=["2026-01-16T09:12:00.000Z"])
    kind: str = Field(examples=["proposal-answered"])
    subject: str = Field(examples=["prp_3c9k0000000000000000000000"])
    programme: str = Field(examples=["stadtteilmuetter"])
    params: dict[str, str] = Field(examples=[{"side": "family", "said": "yes"}])
    title: str = Field(examples=["Eine Seite hat geantwortet."])
    link: str = Field(examples=["/v1/cities/rostock/proposals/prp_3c9k0000000000000000000000"])


@router.get("", dependencies=[needs(DECIDE)], response_model=Page[ChangeView], summary="What changed since")
async def list_changes(desk: Desk, since: Instant | None = None, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Oldest first: proposals, answers, decisions, tandems, who joined the pool or left it.

    Without `since` from the beginning of the last working day on.
    """
    begin = since or last_working_day(today(desk.moment))
    sides = await visible(desk, PROGRAMMES_OF_PROPOSAL, "sites", "carriers")
    tandems = await visible(desk, "counted.programme", "counted.site", "counted.carrier")

    async def look(reader: Reader) -> list[Change]:
        carriers = await known.carriers(reader)
        return await changes_since(reader, sides, tandems, lambda side: _sees(desk, side, carriers), begin)

    found = await desk.store.read_at_once(desk.city, look)
    after = await desk.after(cursor)
    rows = [one for one in found if after is None or one.place > after]
    return await desk.page(rows[: limit + 1], limit=limit, key=lambda one: one.place, view=lambda one: _view(desk, one))


def _sees(desk: RequestDesk, side: Engagement | Participation, carriers: known.Carriers) -> bool:
    sites, there = known.places_of(carriers, today(desk.moment), side)
    return desk.sees(Target(programme=side.programme, site=sites or None, carrier=there or None))


def _view(desk: RequestDesk, one: Change) -> ChangeView:
    return ChangeView(
        at=one.at,
        kind=one.kind,
        subject=one.subject,
        programme=one.programme,
        params=dict(one.params),
        title=of_change(one.kind, desk.language),
        link=f"/v1/cities/{desk.city}/{one.about}",
    )

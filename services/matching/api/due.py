"""What waits for a coordinator, over HTTP, for a desk that merges the lists of all services."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.matching.api.act_words import sentence
from services.matching.api.permissions import DECIDE
from services.matching.api.reach import PROGRAMMES_OF_PROPOSAL, visible
from services.matching.queries.due import Visible, due_things
from shared.kernel.dates import today
from shared.kernel.due import Due
from shared.security.grants import Target
from shared.storage.work import Reader
from shared.web.bodies import Page
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/due", tags=["due"])


class DueView(BaseModel):
    """Something that waits for a coordinator: a code with parameters, and the same as a sentence."""

    id: str
    kind: str = Field(examples=["trial-review"])
    subject: str = Field(examples=["tan_3c9k0000000000000000000000"])
    due_at: str = Field(examples=["2026-03-17"])
    since: str = Field(examples=["2026-03-10"])
    params: dict[str, str | int] = Field(examples=[{"review_on": "2026-03-17", "since": "2026-01-20"}])
    title: str = Field(examples=["Über die Probezeit ist am 17.3.2026 zu sprechen."])
    link: str = Field(examples=["/v1/cities/rostock/tandems/tan_3c9k0000000000000000000000"])
    actions: list[str] = Field(examples=[["activate", "end"]])


@router.get("", dependencies=[needs(DECIDE)], response_model=Page[DueView], summary="What waits for you")
async def list_due(
    desk: Desk, limit: Limit = 50, cursor: Cursor = None, role: Literal["coordinator"] = "coordinator"
) -> Response:
    """Longest due first: proposals unanswered or agreed, trials, mentors without a place, families waiting too long."""
    seen = Visible(
        sides=await visible(desk, PROGRAMMES_OF_PROPOSAL, "sites", "carriers"),
        tandems=await visible(desk, "counted.programme", "counted.site", "counted.carrier"),
        sees=lambda slug, sites, carriers: desk.sees(Target(slug, sites or None, carriers or None)),
    )

    async def look(reader: Reader) -> list[Due]:
        return await due_things(reader, seen, today(desk.moment))

    found = await desk.store.read_at_once(desk.city, look)
    after = await desk.after(cursor)
    rows = [due for due in found if after is None or due.place > after]
    return await desk.page(rows[: limit + 1], limit=limit, key=lambda due: due.place, view=lambda due: _view(desk, due))


def _view(desk: RequestDesk, due: Due) -> DueView:
    return DueView(
        id=due.id,
        kind=due.kind,
        subject=due.subject,
        due_at=due.due_on,
        since=due.since,
        params=dict(due.params),
        title=sentence(due, desk.language),
        link=f"/v1/cities/{desk.city}/{due.about}",
        actions=list(due.actions),
    )

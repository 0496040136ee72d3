"""What waits for a coordinator, over HTTP, for a desk that merges the lists of all services."""

from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.registry.api.permissions import QUALIFY
from services.registry.api.reach import seen_subjects
from services.registry.api.shapes import visible
from services.registry.api.words import sentence
from services.registry.domain.due import Due
from services.registry.queries.due import due_things
from shared.kernel.dates import today
from shared.storage.work import Reader
from shared.web.bodies import Page
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/due", tags=["due"])


class DueView(BaseModel):
    """Something that waits for a coordinator: a code with parameters, and the same as a sentence."""

    id: str
    kind: str = Field(examples=["proof-ends"])
    subject: str = Field(examples=["eng_3c9k0000000000000000000000"])
    due_at: str = Field(examples=["2026-03-01"])
    since: str = Field(examples=["2025-12-31"])
    params: dict[str, str | int] = Field(examples=[{"proof": "clearance", "until": "2026-03-01"}])
    title: str = Field(examples=["Führungszeugnis: gilt nur noch bis zum 28.2.2026."])
    link: str = Field(examples=["/v1/cities/rostock/engagements/eng_3c9k0000000000000000000000"])
    actions: list[str] = Field(examples=[["clear"]])


@router.get("", dependencies=[needs(QUALIFY)], response_model=Page[DueView], summary="What waits for you")
async def list_due(
    desk: Desk, limit: Limit = 50, cursor: Cursor = None, role: Literal["coordinator"] = "coordinator"
) -> Response:
    """Longest due first: certifications, proofs, tandems without one, cohorts, consents, long pauses."""

    async def sees(subjects: Iterable[str]) -> frozenset[str]:
        return await seen_subjects(desk, subjects)

    async def look(reader: Reader) -> list[Due]:
        return await due_things(reader, visible(desk.scope()), sees, today(desk.moment))

    found = await desk.store.read_at_once(desk.city, look)
    after = await desk.after(cursor)
    rows = [due for due in found if after is None or due.place > after]
    return await desk.page(
        rows[: limit + 1], limit=limit, key=lambda due: due.place, view=lambda due: due_view(desk, due)
    )


def due_view(desk: RequestDesk, due: Due) -> DueView:
    """One thing, in the language of the request."""
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

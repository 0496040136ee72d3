"""What waits, and for whom, over HTTP, for a desk that merges the lists of all services."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.registry.api.naming import Roles, roles_in_reach
from services.registry.api.permissions import QUALIFY
from services.registry.api.reach import seen_subjects
from services.registry.api.shapes import visible
from services.registry.api.words import sentence, waiting_sentence
from services.registry.domain.places import Programme
from services.registry.domain.waiting import WaitsFor
from services.registry.queries.due import DueThing, due_things
from shared.kernel.dates import today
from shared.storage.work import Reader
from shared.web.bodies import Page, PersonId
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/due", tags=["due"])


class DueView(BaseModel):
    """Something that waits, and for whom: a code with parameters, and the same as a sentence."""

    id: str
    kind: str = Field(examples=["proof-ends"])
    subject: str = Field(examples=["eng_3c9k0000000000000000000000"])
    due_at: str = Field(examples=["2026-03-01"])
    since: str = Field(examples=["2025-12-31"])
    params: dict[str, str | int] = Field(examples=[{"proof": "clearance", "until": "2026-03-01"}])
    title: str = Field(examples=["Führungszeugnis: gilt nur noch bis zum 28.2.2026."])
    link: str = Field(examples=["/v1/cities/rostock/engagements/eng_3c9k0000000000000000000000"])
    actions: list[str] = Field(examples=[["clear"]])
    waits_for: WaitsFor = Field(examples=["deputy"], description="Who is asked now, of the programme concerned.")
    responsible: PersonId | None = Field(
        examples=["per_3c9k0000000000000000000000"],
        description="Who that is, as the programme's roles name her; null where they name nobody in reach.",
    )
    also: list[PersonId] = Field(
        examples=[["per_7d2m0000000000000000000000"]],
        description="For whom it waits besides: who was asked before, others in the same role, other programmes.",
    )
    waits_title: str = Field(examples=["Wartet auf die Vertretung der Koordination."])


AskedNow = Annotated[
    WaitsFor | None, Query(examples=["lead"], description="Only what has come to them: `lead` is open for two weeks.")
]
Responsible = Annotated[
    PersonId | None,
    Query(
        examples=["per_3c9k0000000000000000000000"],
        description="Only what waits for this person: as `responsible`, or among `also`.",
    ),
]


@router.get("", dependencies=[needs(QUALIFY)], response_model=Page[DueView], summary="What waits for whom")
async def list_due(
    desk: Desk,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    role: Literal["coordinator"] = "coordinator",
    waits_for: AskedNow = None,
    responsible: Responsible = None,
) -> Response:
    """Longest due first: certifications, proofs, tandems without one, cohorts, consents, long pauses.

    Each waits for the coordinator of its programme, on the days of a deputy for her; open a week after its day also for
    a deputy, after two weeks for the lead, where they are named.
    """

    async def sees(subjects: Iterable[str]) -> frozenset[str]:
        return await seen_subjects(desk, subjects)

    async def names(programmes: Sequence[Programme]) -> Roles:
        return await roles_in_reach(desk, programmes)

    async def look(reader: Reader) -> list[DueThing]:
        return await due_things(reader, visible(desk.scope()), sees, names, today(desk.moment))

    found = await desk.store.read_at_once(desk.city, look)
    after = await desk.after(cursor)
    rows = [
        thing
        for thing in found
        if (after is None or thing.due.place > after)
        and (waits_for is None or thing.waiting.waits_for == waits_for)
        and (responsible is None or thing.waiting.is_for(responsible))
    ]
    return await desk.page(
        rows[: limit + 1], limit=limit, key=lambda thing: thing.due.place, view=lambda thing: due_view(desk, thing)
    )


def due_view(desk: RequestDesk, thing: DueThing) -> DueView:
    """One thing, in the language of the request."""
    due, waiting = thing.due, thing.waiting
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
        waits_for=waiting.waits_for,
        responsible=waiting.responsible,
        also=list(waiting.also),
        waits_title=waiting_sentence(waiting, desk.language),
    )

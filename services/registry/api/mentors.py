"""What a mentor sees of her own families."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.registry.api.names import display_names
from services.registry.api.permissions import READ_OWN_FAMILIES
from services.registry.api.shapes import visible
from services.registry.queries.own_families import OwnFamily, own_families
from services.registry.store.repositories import ENGAGEMENTS
from shared.web.bodies import Page
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}/mentors/me", tags=["mentors"])


class NamedPersonView(BaseModel):
    """A person as she is called."""

    id: str = Field(examples=["per_3c9k0000000000000000000000"])
    name: str = Field(examples=["Oksana"])


class OwnFamilyView(BaseModel):
    """A family, or a person alone (``family`` is null then), that the mentor is in a running tandem with."""

    tandem: str = Field(examples=["tan_3c9k0000000000000000000000"])
    since: str = Field(examples=["2026-01-20"], description="The day the tandem began.")
    programme: str
    engagement: str
    participation: str
    family: str | None
    persons: list[NamedPersonView]


@router.get(
    "/families",
    dependencies=[needs(READ_OWN_FAMILIES)],
    response_model=Page[OwnFamilyView],
    summary="The families that you accompany",
)
async def list_own_families(desk: Desk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """By tandem. Their names are opened for the page; that is in the audit before the answer leaves."""
    own = await ENGAGEMENTS.find(desk.reader, visible(desk.scope()))
    after = await desk.after(cursor)
    rows = await own_families(desk.reader, [engagement.id for engagement in own], after, limit + 1)
    people = {person.id: person for row in rows[:limit] for person in row.people}
    names = await display_names(desk, list(people.values()))

    def view(row: OwnFamily) -> OwnFamilyView:
        return OwnFamilyView(
            tandem=row.tandem,
            since=row.since,
            programme=row.programme,
            engagement=row.engagement,
            participation=row.participation,
            family=row.family,
            persons=[NamedPersonView(id=person.id, name=names[person.id]) for person in row.people],
        )

    return await desk.page(rows, limit=limit, key=lambda row: row.tandem, view=view)

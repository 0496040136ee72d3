"""Families over HTTP."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import READ_PEOPLE, REGISTER
from services.registry.api.reach import require_family, require_visible, sees_family
from services.registry.api.shapes import dated, narrowed
from services.registry.commands import people as commands
from services.registry.domain.people import Family
from services.registry.store.repositories import FAMILIES
from shared.kernel.dates import Dated, today
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Code, Count, Day, FamilyId, LanguageTag, Level, Note, PersonId, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, needs

router = APIRouter(prefix="/v1/cities/{city}/families", tags=["families"])


class FamilyBody(Body):
    """A family; the address and the way to the door are sealed."""

    id: FamilyId | None = None
    persons: list[PersonId] = Field(default_factory=list)
    adults: Count = 1
    children: Count = 0
    district: Slug
    since: Day | None = Field(None, description="Since when they live there; today if left out.")
    languages: dict[LanguageTag, Level] = Field(examples=[{"uk": "native", "de": "A2"}])
    address: Note | None = None


class MoveBody(Body):
    """A move."""

    district: Slug
    since: Day


@router.post("", dependencies=[needs(REGISTER)], status_code=201, summary="Register a family")
async def register_family(body: FamilyBody, desk: Desk) -> Response:
    """A family in one of the city's districts."""
    key = body.id or new_id("fam")
    contact = await desk.seal(key, {"address": body.address}) if body.address else None
    districts = (Dated(body.since or today(desk.moment), body.district),)
    languages = dict(body.languages)
    family = Family(
        key, tuple(body.persons), body.adults, body.children, districts, languages, contact, desk.principal.subject
    )
    return await desk.commit(lambda work: commands.register_family(work, family), view=_family)


@router.get("/{family}", dependencies=[needs(READ_PEOPLE)], summary="Read a family")
async def read_family(family: FamilyId, desk: Desk, purpose: Code | None = None) -> Response:
    """For a purpose also with what is sealed; that reading is in the audit before the answer leaves."""
    found = await FAMILIES.get(desk.reader, family)
    require_visible(await sees_family(desk, found))
    if purpose is None or found.contact is None:
        return desk.answer(found, _family(found))
    household = await desk.open(found.contact, ("address",), purpose)
    return desk.answer(found, {**_family(found), "household": household})


@router.post("/{family}:move", dependencies=[needs(REGISTER)], summary="Record a move")
async def move_family(family: FamilyId, body: MoveBody, desk: Desk) -> Response:
    """What happened before that day stays with the former district."""
    await require_family(desk, family)
    return await desk.commit(
        lambda work: commands.move_family(work, family, body.district, body.since), view=_family, status=200
    )


@router.get("", dependencies=[needs(READ_PEOPLE)], summary="List families")
async def list_families(desk: Desk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Those in reach, by id."""
    after = await desk.after(cursor)
    shown: list[Family] = []
    while len(shown) <= limit:
        rows = await FAMILIES.find(desk.reader, narrowed({}, after=after), sort=[("_id", 1)], limit=limit + 1)
        shown += [row for row in rows if await sees_family(desk, row)]
        if len(rows) <= limit:
            break
        after = rows[-1].id
    return await desk.page(shown[: limit + 1], limit=limit, key=lambda row: row.id, view=_family)


def _family(family: Family) -> dict[str, Any]:
    return {
        "id": family.id,
        "version": family.version,
        "persons": list(family.persons),
        "adults": family.adults,
        "children": family.children,
        "districts": dated(family.districts),
        "languages": family.languages,
        "actions": ["move"],
    }

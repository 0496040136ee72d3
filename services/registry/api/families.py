"""Families over HTTP."""

from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import Response

from services.registry.api.permissions import READ_PEOPLE, REGISTER
from services.registry.api.reach import require_family, require_person, require_visible, sees_family
from services.registry.api.shapes import narrowed, tuples
from services.registry.api.views.people import FamilyView, HouseholdView, family_view
from services.registry.commands import people as commands
from services.registry.domain.people import Family
from services.registry.store.repositories import FAMILIES
from shared.kernel.dates import Dated, today
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Code, Count, Day, FamilyId, LanguageTag, Level, Note, Page, PersonId, Slug, changes
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

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


class FamilyPatch(Body):
    """A merge patch: what is left out stays; null removes a language or the address. A move is an act of its own."""

    model_config = ConfigDict(json_schema_extra={"example": {"children": 3, "languages": {"de": "B1", "ru": None}}})

    persons: list[PersonId] | None = None
    adults: Count | None = None
    children: Count | None = None
    languages: dict[LanguageTag, Level | None] | None = None
    address: Note | None = None


class MoveBody(Body):
    """A move."""

    district: Slug
    since: Day


@router.post(
    "", dependencies=[needs(REGISTER)], status_code=201, response_model=FamilyView, summary="Register a family"
)
async def register_family(body: FamilyBody, desk: Desk) -> Response:
    """A family in one of the city's districts."""
    for person in body.persons:
        await require_person(desk, person)
    key = body.id or new_id("fam")
    contact = await desk.seal(key, {"address": body.address}) if body.address else None
    districts = (Dated(body.since or today(desk.moment), body.district),)
    languages = dict(body.languages)
    family = Family(
        key, tuple(body.persons), body.adults, body.children, districts, languages, contact, desk.principal.subject
    )
    return await desk.commit(lambda work: commands.register_family(work, family), view=family_view(desk))


@router.get("/{family}", dependencies=[needs(READ_PEOPLE)], response_model=FamilyView, summary="Read a family")
async def read_family(family: FamilyId, desk: Desk, purpose: Code | None = None) -> Response:
    """For a purpose also with what is sealed; that reading is in the audit before the answer leaves."""
    found = await FAMILIES.get(desk.reader, family)
    require_visible(await sees_family(desk, found))
    view = family_view(desk)(found)
    if purpose is None or found.contact is None:
        return desk.answer(found, view)
    opened = await desk.open(found.contact, ("address",), purpose)
    return desk.answer(found, view.model_copy(update={"household": HouseholdView(**opened)}))


@router.patch("/{family}", dependencies=[needs(REGISTER)], response_model=FamilyView, summary="Change a family")
async def change_family(family: FamilyId, body: FamilyPatch, desk: Desk) -> Response:
    """Who belongs to it, how many they are, what they speak, where they live; the address is sealed anew."""
    expected = desk.expected_version()
    await require_family(desk, family)
    for person in body.persons or ():
        await require_person(desk, person)
    values = await _values(desk, family, body)
    return await desk.commit(
        lambda work: commands.change_family(work, family, expected, values), view=family_view(desk), status=200
    )


@router.post(
    "/{family}:move", dependencies=[needs(REGISTER, may_match=True)], response_model=FamilyView, summary="Record a move"
)
async def move_family(family: FamilyId, body: MoveBody, desk: Desk) -> Response:
    """What happened before that day stays with the former district."""
    await require_family(desk, family)
    return await desk.commit(
        lambda work: commands.move_family(work, family, body.district, body.since), view=family_view(desk), status=200
    )


@router.get("", dependencies=[needs(READ_PEOPLE)], response_model=Page[FamilyView], summary="List families")
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
    return await desk.page(shown[: limit + 1], limit=limit, key=lambda row: row.id, view=family_view(desk))


async def _values(desk: RequestDesk, family: str, body: FamilyPatch) -> dict[str, Any]:
    """The patch as the aggregate keeps it. Raises ``Refused`` for null where something must be."""
    sent = changes(body)
    missing = [name for name, value in sent.items() if value is None and name != "address"]
    if missing:
        raise Refused("invalid", tuple(Finding(f"/{name}", "missing", "a value") for name in missing))
    values = tuples(sent)
    if "address" in values:
        address = values.pop("address")
        values["contact"] = None if address is None else await desk.seal(family, {"address": address})
    return values

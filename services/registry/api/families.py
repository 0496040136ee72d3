"""Families over HTTP; who lives there is sealed, and where is told under contacts."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import Response

from services.registry.api.households import (
    HouseholdBody,
    HouseholdPatch,
    patched_household,
    plain_of,
    seal_household,
)
from services.registry.api.permissions import READ_PEOPLE, REGISTER
from services.registry.api.reach import require_family, require_visible, seen_families, sees_family
from services.registry.api.referred import each, require_named
from services.registry.api.shapes import narrowed, tuples
from services.registry.api.views.contacts import names_of
from services.registry.api.views.people import FamilyView, HouseholdView, family_view
from services.registry.commands import contacts
from services.registry.commands import people as commands
from services.registry.domain.contacts import Contact, histories_from, with_histories
from services.registry.domain.people import Family
from services.registry.store.contacts import contact_of
from services.registry.store.repositories import FAMILIES
from shared.kernel.dates import Dated, today, with_value
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Code, Count, Day, FamilyId, LanguageTag, Level, Page, PersonId, Slug, changes
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs
from shared.web.etags import check_not_ahead

router = APIRouter(prefix="/v1/cities/{city}/families", tags=["families"])


class FamilyBody(Body):
    """A family. Who lives there is sealed; where, and how they are reached, are contact data of their own."""

    id: FamilyId | None = None
    persons: list[PersonId] = Field(default_factory=list)
    adults: Count | None = Field(None, description="As many as the household has, else 1, if left out.")
    children: Count | None = Field(None, description="As many as the household has, else 0, if left out.")
    district: Slug
    since: Day | None = Field(None, description="Since when they live there; today if left out.")
    languages: dict[LanguageTag, Level] = Field(examples=[{"uk": "native", "ru": "C1", "de": "A2"}])
    mother_tongues: list[LanguageTag] = Field(default_factory=list, examples=[["uk"]])
    reads: list[LanguageTag] = Field(default_factory=list, description="Languages that they can read.")
    not_wished: list[LanguageTag] = Field(
        default_factory=list, description="Spoken, but not to be spoken to in; never used for matching."
    )
    household: HouseholdBody | None = None
    protected: bool = Field(
        False, description="Where they live is a secret from the first moment on; the district, too, is told to nobody."
    )


class FamilyPatch(Body):
    """A merge patch: what is left out stays; null removes a language or the household. A move is an act of its own."""

    model_config = ConfigDict(json_schema_extra={"example": {"children": 3, "languages": {"de": "B1", "ru": None}}})

    persons: list[PersonId] | None = None
    adults: Count | None = None
    children: Count | None = None
    languages: dict[LanguageTag, Level | None] | None = None
    mother_tongues: list[LanguageTag] | None = None
    reads: list[LanguageTag] | None = None
    not_wished: list[LanguageTag] | None = None
    household: HouseholdPatch | None = None


class MoveBody(Body):
    """A move."""

    district: Slug
    since: Day


@router.post(
    "", dependencies=[needs(REGISTER)], status_code=201, response_model=FamilyView, summary="Register a family"
)
async def register_family(body: FamilyBody, desk: Desk) -> Response:
    """A family in one of the city's districts."""
    await require_named(desk, *each("/persons", body.persons))
    key = body.id or new_id("fam")
    district = Dated(body.since or today(desk.moment), body.district)
    family = Family(
        id=key,
        persons=tuple(body.persons),
        adults=1 if body.adults is None else body.adults,
        children=body.children or 0,
        districts=(district,),
        languages=dict(body.languages),
        mother_tongues=tuple(body.mother_tongues),
        reads=tuple(body.reads),
        not_wished=tuple(body.not_wished),
        registered_by=desk.principal.subject,
    )
    if body.household is not None:
        told = {"adults": body.adults, "children": body.children}
        family = replace(family, **await seal_household(desk, key, plain_of(body.household), told))
    contact = None
    if body.protected:
        where = await desk.seal(key, with_histories({}, {key: family.districts}))
        contact = Contact(key).protected_for(names_of(desk), where)
        family = replace(family, districts=(), protected=True)
    return await desk.commit(
        lambda work: commands.register_family(work, family, body.district, contact), view=family_view(desk)
    )


@router.get("/{family}", dependencies=[needs(READ_PEOPLE)], response_model=FamilyView, summary="Read a family")
async def read_family(family: FamilyId, desk: Desk, purpose: Code | None = None) -> Response:
    """For a purpose also with what is sealed; that reading is in the audit before the answer leaves."""
    found = await FAMILIES.get(desk.reader, family)
    require_visible(await sees_family(desk, found))
    view = family_view(desk)(found)
    if purpose is None or found.household is None:
        return desk.answer(found, view)
    opened = await desk.open(found.household, ("household",), purpose)
    return desk.answer(found, view.model_copy(update={"household": HouseholdView(**opened)}))


@router.patch("/{family}", dependencies=[needs(REGISTER)], response_model=FamilyView, summary="Change a family")
async def change_family(family: FamilyId, body: FamilyPatch, desk: Desk) -> Response:
    """Who belongs to it, how many they are, what they speak; the household is sealed anew."""
    expected = desk.expected_version()
    await require_family(desk, family)
    values = await _values(desk, family, body, expected)
    return await desk.commit(
        lambda work: commands.change_family(work, family, expected, values), view=family_view(desk), status=200
    )


@router.post(
    "/{family}:move", dependencies=[needs(REGISTER, may_match=True)], response_model=FamilyView, summary="Record a move"
)
async def move_family(family: FamilyId, body: MoveBody, desk: Desk) -> Response:
    """What happened before that day stays with the former district. Of a protected family nothing is told."""
    await require_family(desk, family)
    contact = await contact_of(desk.reader, family)
    if contact is not None and contact.protected:
        return await _move_protected(desk, contact, body)
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
        shown += await seen_families(desk, rows)
        if len(rows) <= limit:
            break
        after = rows[-1].id
    return await desk.page(shown[: limit + 1], limit=limit, key=lambda row: row.id, view=family_view(desk))


async def _values(desk: RequestDesk, family: str, body: FamilyPatch, expected: int) -> dict[str, Any]:
    """The patch as the aggregate keeps it. Raises ``Refused`` for null where something must be."""
    sent = changes(body)
    missing = [name for name, value in sent.items() if value is None and name != "household"]
    if missing:
        raise Refused("invalid", tuple(Finding(f"/{name}", "missing", "a value") for name in missing))
    values = tuples(sent)
    found = await FAMILIES.get(desk.reader, family)
    await require_named(desk, *each("/persons", values.get("persons", ())), known=found.persons)
    if values.get("household") is not None:
        check_not_ahead(found.version, expected)
        plain, known = await patched_household(desk, found.household, values["household"])
        told = {name: values.get(name) for name in ("adults", "children")}
        values |= await seal_household(desk, family, plain, told, known=known)
    return values


async def _move_protected(desk: RequestDesk, contact: Contact, body: MoveBody) -> Response:
    contact.require_known_to(names_of(desk))
    plain = {} if contact.where is None else await desk.open(contact.where, ("districts",), "move")
    histories = histories_from(plain)
    moved = with_value(histories.get(contact.id, ()), body.since, body.district)
    where = await desk.seal(contact.id, with_histories(plain, {**histories, contact.id: moved}))
    return await desk.commit(
        lambda work: contacts.move_protected(work, contact.id, body.district, where, contact.version),
        view=family_view(desk),
        status=200,
    )

"""People and families over HTTP; what identifies them is sealed before it is stored."""

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.registry.api.permissions import READ_PEOPLE, REGISTER
from services.registry.api.reach import require_family, require_visible, sees_family, sees_person
from services.registry.commands import people as commands
from services.registry.domain.people import Family, Person
from services.registry.store.repositories import FAMILIES, PEOPLE
from shared.kernel.dates import Dated, today
from shared.kernel.ids import new_id
from shared.kernel.people import PersonName, display
from shared.web.bodies import Body, Code, Count, Day, FamilyId, LanguageTag, Level, Name, Note, PersonId, Slug
from shared.web.desk import Desk, Rendered, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["people"])


class PersonBody(Body):
    """A person; one word is enough of a name."""

    id: PersonId | None = None
    as_documented: Name = Field(examples=["Oksana Beispiel"])
    call_name: Name | None = None
    own_script: Name | None = Field(None, examples=["Оксана"])
    variants: list[Name] = Field(default_factory=list)
    telephone: Name | None = None
    birth_year: int | None = Field(None, ge=1900, le=2100)


class NamesBody(Body):
    """Whose names are asked for."""

    ids: list[PersonId] = Field(max_length=100)


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


@router.post("/people", dependencies=[needs(REGISTER)], status_code=201, summary="Register a person")
async def register_person(body: PersonBody, desk: Desk) -> Response:
    """Her identity is sealed under a key of her own."""
    key = body.id or new_id("per")
    identity = await desk.seal(key, body.model_dump(mode="json", exclude={"id"}, exclude_none=True))
    person = Person(key, identity, today(desk.moment)[:7], desk.principal.subject)
    return await desk.commit(lambda work: commands.register_person(work, person), view=_person)


@router.get("/people/{person}", dependencies=[needs(READ_PEOPLE)], summary="Open a person's identity")
async def read_person(person: PersonId, desk: Desk, purpose: Code) -> Response:
    """For a purpose; the reading is in the audit before the answer leaves."""
    found = await PEOPLE.get(desk.reader, person)
    require_visible(await sees_person(desk, found))
    identity = await desk.open(found.identity, ("identity",), purpose)
    return desk.answer(found, {**_person(found), "identity": identity})


@router.post("/people:names", dependencies=[needs(READ_PEOPLE)], summary="Names of up to 100 people")
async def read_names(body: NamesBody, desk: Desk) -> Response:
    """Names to be shown beside ids; unknown ids are left out."""
    found = await PEOPLE.find(desk.reader, {"_id": {"$in": body.ids}})
    names: dict[str, str] = {}
    for person in found:
        if not await sees_person(desk, person):
            continue
        plain = await desk.open(person.identity, ("name",), "display")
        names[person.id] = display(PersonName(plain["as_documented"], plain.get("call_name")))
    return JSONResponse({"names": names})


@router.post("/families", dependencies=[needs(REGISTER)], status_code=201, summary="Register a family")
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


@router.get("/families/{family}", dependencies=[needs(READ_PEOPLE)], summary="Read a family")
async def read_family(family: FamilyId, desk: Desk) -> Response:
    """Without what is sealed."""
    found = await FAMILIES.get(desk.reader, family)
    require_visible(await sees_family(desk, found))
    return desk.answer(found, _family(found))


@router.post("/families/{family}:move", dependencies=[needs(REGISTER)], summary="Record a move")
async def move_family(family: FamilyId, body: MoveBody, desk: Desk) -> Response:
    """What happened before that day stays with the former district."""
    await require_family(desk, family)
    return await desk.commit(
        lambda work: commands.move_family(work, family, body.district, body.since), view=_family, status=200
    )


def _person(person: Person) -> dict[str, object]:
    return {"id": person.id, "version": person.version, "since": person.since, "actions": ["open"]}


def _family(family: Family) -> Rendered:
    return {
        "id": family.id,
        "version": family.version,
        "persons": list(family.persons),
        "adults": family.adults,
        "children": family.children,
        "districts": [{"from": entry.since, "value": entry.value} for entry in family.districts],
        "languages": family.languages,
        "actions": ["move"],
    }

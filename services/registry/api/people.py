"""People and families over HTTP; what identifies them is sealed before it is stored."""

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.registry.api.duplicates import warning_of
from services.registry.api.names import display_names
from services.registry.api.permissions import READ_PEOPLE, REGISTER
from services.registry.api.reach import require_visible, seen_of, sees_person
from services.registry.api.shapes import search_key
from services.registry.api.together import REGISTRAR, NewPerson, PersonRegistrar
from services.registry.api.views.people import IdentityView, NamesView, OpenedPersonView, PersonView, person_view
from services.registry.api.views.search import RegisteredPersonView
from services.registry.commands import people as commands
from services.registry.domain.duplicates import entered
from services.registry.domain.people import Person
from services.registry.domain.search import FORM, tokens_of
from services.registry.store.repositories import PEOPLE
from shared.kernel.dates import today
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.storage.work import Once
from shared.web.bodies import Body, Code, Name, PersonId, ReferenceDate, apply_patch, changes
from shared.web.desk import Desk, needs
from shared.web.etags import check_not_ahead
from shared.web.hot import hot

router = APIRouter(prefix="/v1/cities/{city}", tags=["people"])


class PersonBody(Body):
    """A person; one word is enough of a name."""

    id: PersonId | None = None
    as_documented: Name = Field(examples=["Oksana Beispiel"])
    call_name: Name | None = None
    own_script: Name | None = Field(None, examples=["Оксана"])
    variants: list[Name] = Field(default_factory=list)
    telephone: Name | None = None
    messenger: Name | None = None
    birth_year: int | None = Field(None, ge=1900, le=2100)
    birth_date: ReferenceDate | None = Field(None, examples=["1990-05-17"])


class NamesBody(Body):
    """Whose names are asked for."""

    ids: list[PersonId] = Field(max_length=100)


class PersonPatch(Body):
    """What may be changed of an identity; null removes."""

    as_documented: Name | None = None
    call_name: Name | None = None
    own_script: Name | None = None
    variants: list[Name] | None = None
    telephone: Name | None = None
    messenger: Name | None = None
    birth_year: int | None = Field(None, ge=1900, le=2100)
    birth_date: ReferenceDate | None = Field(None, examples=["1990-05-17"])


@router.post(
    "/people",
    dependencies=[needs(REGISTER)],
    status_code=201,
    response_model=RegisteredPersonView,
    summary="Register a person",
)
@hot(PersonBody)
async def register_person(body: PersonBody, desk: Desk) -> Response:
    """Her identity is sealed under a key of her own. The answer warns of those who may be the same person."""
    key, secret = body.id or new_id("per"), await search_key(desk)
    plain = body.model_dump(mode="json", exclude={"id"}, exclude_none=True)
    registrar: PersonRegistrar = desk.extra[REGISTRAR]
    warning = await warning_of(desk, await registrar.compare(desk.city, entered(secret, plain)))
    month, tokens = today(desk.moment)[:7], tokens_of(secret, plain)

    def view(registered: Person) -> RegisteredPersonView:
        return RegisteredPersonView(**dict(person_view(desk)(registered)), **dict(warning))

    async def register(once: Once | None) -> Person:
        return await registrar.register(desk.city, NewPerson(key, plain, month, tokens, FORM, desk.actor, once))

    return await desk.commit_by(register, view=view)


@router.get(
    "/people/{person}",
    dependencies=[needs(READ_PEOPLE)],
    response_model=OpenedPersonView,
    summary="Open a person's identity",
)
async def read_person(person: PersonId, desk: Desk, purpose: Code) -> Response:
    """For a purpose; the reading is in the audit before the answer leaves."""
    found = await PEOPLE.get(desk.reader, person)
    require_visible(await sees_person(desk, found))
    identity = await desk.open(found.identity, ("identity",), purpose)
    view = person_view(desk)(found)
    return desk.answer(found, OpenedPersonView(**dict(view), identity=IdentityView(**identity)))


@router.post(
    "/people:names", dependencies=[needs(READ_PEOPLE)], response_model=NamesView, summary="Names of up to 100 people"
)
async def read_names(body: NamesBody, desk: Desk) -> Response:
    """Names to be shown beside ids; unknown ids are left out."""
    found = await PEOPLE.find(desk.reader, {"_id": {"$in": body.ids}})
    return JSONResponse({"names": await display_names(desk, await seen_of(desk, found))})


@router.patch(
    "/people/{person}", dependencies=[needs(REGISTER)], response_model=PersonView, summary="Change a person's identity"
)
async def change_person(person: PersonId, body: PersonPatch, desk: Desk) -> Response:
    """A merge patch of what is sealed; the opening is audited too."""
    expected = desk.expected_version()
    found = await PEOPLE.get(desk.reader, person)
    require_visible(await sees_person(desk, found))
    check_not_ahead(found.version, expected)
    patch = changes(body)
    plain = apply_patch(await desk.open(found.identity, tuple(sorted(patch)), "correction"), patch)
    if not plain.get("as_documented"):
        raise Refused("invalid", (Finding("/as_documented", "missing"),))
    identity = await desk.seal(person, plain)
    tokens = tokens_of(await search_key(desk), plain)
    return await desk.commit(
        lambda work: commands.change_identity(
            work, person, expected, identity, tokens=tokens, fields=tuple(sorted(patch))
        ),
        view=person_view(desk),
        status=200,
    )

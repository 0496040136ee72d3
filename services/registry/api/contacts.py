"""Contact data over HTTP: all of it sealed; a protected address is for those only whom it names."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, Field, StringConstraints
from starlette.responses import Response

from services.registry.api.households import plain_of
from services.registry.api.permissions import READ_PEOPLE, REGISTER
from services.registry.api.reach import require_subject
from services.registry.api.referred import in_contact, persons_of, require_named, require_referred
from services.registry.api.shapes import Slot
from services.registry.api.views.contacts import (
    ContactView,
    OpenedContactView,
    contact_view,
    names_of,
    opened_contact_view,
)
from services.registry.commands import contacts as commands
from services.registry.domain.contacts import (
    TELEPHONE,
    Contact,
    contact_findings,
    histories_from,
    telephone,
    with_histories,
)
from services.registry.store.contacts import CONTACTS, contact_of, open_districts
from services.registry.store.repositories import FAMILIES, PEOPLE
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import FAMILY, ID_PATTERN, is_id
from shared.kernel.sealed import Sealed
from shared.web.bodies import Body, Code, LanguageTag, Name, Note, PersonId, changes, wrong
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/contacts", tags=["contacts"])

SubjectId = Annotated[
    str,
    StringConstraints(pattern=ID_PATTERN.replace("[a-z]{3}", "(per|fam)")),
    Field(description="A family or a person.", examples=["fam_3c9k0000000000000000000000"]),
]


def _telephone(text: str) -> str:
    try:
        return telephone(text)
    except ValueError as error:
        raise wrong("wrong-form", TELEPHONE) from error


Telephone = Annotated[Name, AfterValidator(_telephone), Field(examples=["030 23125042"])]
Postcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]


class FlatBody(Body):
    """A flat, or a room in a shelter, and the way to the door."""

    home: Code | None = Field(None, description="Which of the household's homes this is.")
    street: Name | None = None
    number: Name | None = Field(None, examples=["12 a"])
    postcode: Postcode | None = None
    town: Name | None = None
    shelter: Name | None = None
    room: Name | None = None
    care_of: Name | None = None
    door: Note | None = Field(None, description="How to find the door.")
    letterbox: bool = True


class ChannelBody(Body):
    """A telephone or messenger: who may be called there, when, in which language."""

    kind: Literal["telephone", "sms", "whatsapp", "signal", "viber", "telegram", "threema", "email", "other"]
    number: Telephone | None = None
    handle: Name | None = Field(None, description="For what has no number.")
    person: PersonId | None = None
    whom: Name | None = Field(None, description="Somebody else, such as a neighbour.")
    times: list[Slot] = Field(default_factory=list, description="When; at any time where none is said.")
    language: LanguageTag | None = None


class LettersBody(Body):
    """To whom letters go."""

    to: Name
    language: LanguageTag | None = None


class ContactBody(Body):
    """Contact data. With ``named`` the address is protected from the first moment on."""

    subject: SubjectId
    flats: list[FlatBody] = Field(default_factory=list, max_length=6)
    channels: list[ChannelBody] = Field(default_factory=list, max_length=12)
    letters: LettersBody | None = None
    named: list[Name] | None = Field(None, max_length=20, description="As in `:protect`.")


class ContactPatch(Body):
    """A merge patch; lists are replaced, null removes."""

    flats: list[FlatBody] | None = Field(None, max_length=6)
    channels: list[ChannelBody] | None = Field(None, max_length=12)
    letters: LettersBody | None = None


class ProtectBody(Body):
    """Who alone may know where they live, besides whoever asks for it."""

    named: list[Name] = Field(
        default_factory=list, max_length=20, description="Subjects of tokens, and mentors by their person's id."
    )


@router.post(
    "", dependencies=[needs(REGISTER)], status_code=201, response_model=ContactView, summary="Keep contact data"
)
async def keep_contact(body: ContactBody, desk: Desk) -> Response:
    """Of a family or a person that has none yet."""
    await require_named(desk, ("/subject", body.subject))
    plain = plain_of(body)
    _check(plain)
    await require_referred(desk, in_contact(plain))
    ways = await desk.seal(body.subject, _ways(plain))
    where = {"flats": plain.get("flats", [])}
    if body.named is not None:
        return await _protect(desk, Contact(body.subject, ways=ways), where, body.named, status=201)
    contact = Contact(body.subject, await desk.seal(body.subject, where), ways)
    return await desk.commit(lambda work: commands.keep_contact(work, contact), view=contact_view(desk))


@router.get(
    "/{subject}", dependencies=[needs(READ_PEOPLE)], response_model=OpenedContactView, summary="Open contact data"
)
async def read_contact(subject: SubjectId, desk: Desk, purpose: Code) -> Response:
    """For a purpose; the reading is in the audit before the answer leaves. A protected address only to those named."""
    contact = await _reached(desk, subject)
    ways = await _open(desk, contact.ways, ("channels", "letters"), purpose)
    known = contact.known_to(names_of(desk))
    where = await _open(desk, contact.where, ("flats", "districts"), purpose) if known else None
    return desk.answer(contact, opened_contact_view(desk, contact, where, ways))


@router.patch("/{subject}", dependencies=[needs(REGISTER)], response_model=ContactView, summary="Change contact data")
async def change_contact(subject: SubjectId, body: ContactPatch, desk: Desk) -> Response:
    """What is not sent stays. A protected address is changed by those only who know it."""
    expected = desk.expected_version()
    contact = await _reached(desk, subject)
    sent = changes(body)
    patch = {name: None if value is None else plain_of(body)[name] for name, value in sent.items()}
    _check({name: value for name, value in patch.items() if value is not None})
    if "flats" in patch:
        contact.require_known_to(names_of(desk))
        where = await _open(desk, contact.where, ("flats",), "correction")
        contact = replace(contact, where=await desk.seal(subject, {**where, "flats": patch["flats"] or []}))
    if {"channels", "letters"} & set(patch):
        former = await _open(desk, contact.ways, ("channels", "letters"), "correction")
        ways = _ways({**former, **patch})
        await require_referred(desk, in_contact(ways), known=persons_of(in_contact(former)))
        contact = replace(contact, ways=await desk.seal(subject, ways))
    return await desk.commit(
        lambda work: commands.change_contact(work, contact, expected, tuple(sorted(patch))),
        view=contact_view(desk),
        status=200,
    )


@router.post(
    "/{subject}:protect",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=ContactView,
    summary="Protect an address",
)
async def protect_contact(subject: SubjectId, body: ProtectBody, desk: Desk) -> Response:
    """From now on those named know where they live, and nobody else; the district, too, is told to nobody."""
    await require_subject(desk, subject)
    await (FAMILIES if is_id(subject, FAMILY) else PEOPLE).get(desk.reader, subject)
    contact = await contact_of(desk.reader, subject) or Contact(subject)
    contact.require_known_to(names_of(desk))
    where = await _open(desk, contact.where, ("flats", "districts"), "protection")
    return await _protect(desk, contact, where, body.named, status=200)


@router.post(
    "/{subject}:lift",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=ContactView,
    summary="Lift the protection of an address",
)
async def lift_protection(subject: SubjectId, desk: Desk) -> Response:
    """No secret any more: by one of those named. The districts are told again."""
    contact = await _reached(desk, subject)
    contact.require_known_to(names_of(desk))
    if not contact.protected:
        raise Conflict("not-protected")
    plain = await _open(desk, contact.where, ("flats", "districts"), "protection")
    where = await desk.seal(subject, with_histories(plain, {}))
    return await desk.commit(
        lambda work: commands.lift_protection(work, subject, where, histories_from(plain), contact.version),
        view=contact_view(desk),
        status=200,
    )


async def _protect(
    desk: RequestDesk, contact: Contact, plain: dict[str, Any], named: list[str], *, status: int
) -> Response:
    seen = commands.Seen(contact.version, await open_districts(desk.reader, contact.id))
    hidden = with_histories(plain, {**histories_from(plain), **seen.districts})
    where = await desk.seal(contact.id, hidden)
    protected = contact.protected_for({*named, desk.principal.subject}, where)
    return await desk.commit(
        lambda work: commands.protect_contact(work, protected, seen), view=contact_view(desk), status=status
    )


async def _reached(desk: RequestDesk, subject: str) -> Contact:
    await require_subject(desk, subject)
    return await CONTACTS.get(desk.reader, subject)


async def _open(desk: RequestDesk, sealed: Sealed | None, fields: tuple[str, ...], purpose: str) -> dict[str, Any]:
    return {} if sealed is None else await desk.open(sealed, fields, purpose)


def _ways(plain: dict[str, Any]) -> dict[str, Any]:
    return {name: plain[name] for name in ("channels", "letters") if plain.get(name) is not None}


def _check(plain: dict[str, Any]) -> None:
    findings = contact_findings(plain.get("flats", []), plain.get("channels", []))
    if findings:
        raise Refused("invalid", findings)

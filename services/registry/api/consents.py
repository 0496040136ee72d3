"""Consents over HTTP."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import CONSENT
from services.registry.api.reach import known_subject, require_subject
from services.registry.api.referred import require_named, require_organisation
from services.registry.api.shapes import ConsentId, narrowed
from services.registry.api.views.people import ConsentView, consent_view
from services.registry.commands import consents as commands
from services.registry.domain.consents import Consent
from services.registry.queries.responsible import Entry, responsible_carriers
from services.registry.store.repositories import CONSENTS
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.security.grants import Target
from shared.web.bodies import AnyId, Body, Code, Count, Day, LanguageTag, Page, PersonId, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/consents", tags=["consents"])


class ConsentBody(Body):
    """A consent as it was given; it holds until the day before ``expires_on``."""

    id: ConsentId | None = None
    subject: AnyId = Field(description="A person, family, engagement or participation.")
    purpose: Literal["matching", "special_category", "referral", "photo", "follow_up"]
    receiver: Slug | None = None
    scope: Code | None = Field(
        None, description="Where it is not for all that the purpose needs.", examples=["first_visit"]
    )
    given_by: PersonId | None = None
    capacity: Code = Field(examples=["self"])
    text: Code = Field(examples=["matching_consent"])
    text_version: Count = 1
    text_language: LanguageTag
    how: Code = Field(examples=["in_writing"])
    given_on: Day
    expires_on: Day | None = None


@router.post("", dependencies=[needs(CONSENT)], status_code=201, response_model=ConsentView, summary="Record a consent")
async def give_consent(body: ConsentBody, desk: Desk) -> Response:
    """It is never edited, only withdrawn."""
    if body.expires_on is not None and body.expires_on <= body.given_on:
        raise Refused("invalid", (Finding("/expires_on", "too-early", f"> {body.given_on}"),))
    await require_named(desk, ("/subject", body.subject), ("/given_by", body.given_by))
    await require_organisation(desk, "/receiver", body.receiver)
    data = body.model_dump(exclude={"id"})
    new = Consent(id=body.id or new_id("con"), **data)
    view = await _view_of(desk, new.subject, new)
    return await desk.commit(lambda work: commands.give_consent(work, new), view=view)


@router.get(
    "", dependencies=[needs(CONSENT)], response_model=Page[ConsentView], summary="List the consents of a subject"
)
async def list_consents(desk: Desk, subject: AnyId, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Withdrawn ones too, by id; 404 for a subject that is not there."""
    await known_subject(desk, subject)
    query = narrowed({"subject": subject}, after=await desk.after(cursor))
    rows = await CONSENTS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=await _view_of(desk, subject, *rows))


@router.get("/{consent}", dependencies=[needs(CONSENT)], response_model=ConsentView, summary="Read a consent")
async def read_consent(consent: ConsentId, desk: Desk) -> Response:
    """As it was given; with the carriers that answer for it, the law that binds them, and who watches over them."""
    found = await CONSENTS.get(desk.reader, consent)
    await require_subject(desk, found.subject)
    return desk.answer(found, (await _view_of(desk, found.subject, found))(found))


@router.post(
    "/{consent}:withdraw",
    dependencies=[needs(CONSENT, may_match=True)],
    response_model=ConsentView,
    summary="Withdraw a consent",
)
async def withdraw_consent(consent: ConsentId, desk: Desk) -> Response:
    """From now on nothing rests on it."""
    found = await CONSENTS.get(desk.reader, consent)
    await require_subject(desk, found.subject)
    view = await _view_of(desk, found.subject, found)
    return await desk.commit(lambda work: commands.withdraw_consent(work, consent), view=view, status=200)


async def _view_of(desk: RequestDesk, subject: str, *consents: Consent) -> Callable[[Consent], ConsentView]:
    """The view of consents of one subject."""

    def seen(entry: Entry) -> bool:
        return desk.sees(Target(entry.programme, entry.place.site, entry.place.carrier))

    days = {consent.given_on for consent in consents}
    return consent_view(desk, await responsible_carriers(desk.reader, subject, days, seen))

"""Participations and consents over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.engagements import LeaveBody, Slot
from services.registry.api.permissions import CONSENT, READ_PEOPLE, REGISTER
from services.registry.api.reach import reached_participation, require_place, require_subject
from services.registry.commands import participations as commands
from services.registry.domain.participations import Consent, Participation
from services.registry.store.repositories import CONSENTS
from shared.kernel.dates import Dated
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import (
    AnyId,
    Body,
    Code,
    Count,
    Day,
    FamilyId,
    LanguageTag,
    ParticipationId,
    PersonId,
    Slug,
    id_of,
)
from shared.web.desk import Desk, Rendered, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["participations"])
ConsentId = Annotated[str, id_of("con")]


class ParticipationBody(Body):
    """A family, or a person, that takes part in a programme."""

    id: ParticipationId | None = None
    family: FamilyId | None = None
    person: PersonId | None = None
    programme: Slug
    date: Day
    site: Slug | None = None
    topics: list[Code] = Field(default_factory=list, description="What help is needed with.")
    wishes: list[Code] = Field(default_factory=list)
    not_wished: list[LanguageTag] = Field(default_factory=list)
    slots: list[Slot] = Field(default_factory=list)
    gender_wish: Literal["f", "m", "x"] | None = None
    urgent: bool = False
    interpreter: bool = False
    waiting_since: Day | None = None


class ConsentBody(Body):
    """A consent as it was given."""

    id: ConsentId | None = None
    subject: AnyId
    purpose: Literal["matching", "special_category", "referral", "photo", "follow_up"]
    capacity: Code = Field(examples=["self"])
    text: Code = Field(examples=["matching_consent"])
    text_version: Count = 1
    text_language: LanguageTag
    how: Code = Field(examples=["in_writing"])
    given_on: Day
    expires_on: Day | None = None


@router.post("/participations", dependencies=[needs(REGISTER)], status_code=201, summary="Begin a participation")
async def begin_participation(body: ParticipationBody, desk: Desk) -> Response:
    """Inside the programme's period; of a family or of a person."""
    sites = (Dated(body.date, body.site),) if body.site else ()
    await require_place(desk, body.programme, sites, body.date)
    if (body.family is None) == (body.person is None):
        raise Refused("invalid", (Finding("/family", "one-of-two", "either a family or a person"),))
    await require_subject(desk, body.family or body.person or "")
    new = Participation(
        id=body.id or new_id("ptc"),
        family=body.family,
        person=body.person,
        programme=body.programme,
        date=body.date,
        first=True,
        sites=sites,
        topics=tuple(body.topics),
        wishes=tuple(body.wishes),
        not_wished=tuple(body.not_wished),
        slots=tuple(body.slots),
        gender_wish=body.gender_wish,
        urgent=body.urgent,
        interpreter=body.interpreter,
        waiting_since=body.waiting_since or body.date,
    )
    return await desk.commit(lambda work: commands.begin_participation(work, new), view=_view)


@router.get("/participations/{participation}", dependencies=[needs(READ_PEOPLE)], summary="Read a participation")
async def read_participation(participation: ParticipationId, desk: Desk) -> Response:
    """Its needs and where it stands."""
    found = await reached_participation(desk, participation)
    return desk.answer(found, _view(found))


@router.post("/participations/{participation}:end", dependencies=[needs(REGISTER)], summary="End a participation")
async def end_participation(participation: ParticipationId, body: LeaveBody, desk: Desk) -> Response:
    """Its facts stay."""
    await reached_participation(desk, participation)
    return await desk.commit(
        lambda work: commands.end_participation(work, participation, body.on, body.reason), view=_view, status=200
    )


@router.post("/consents", dependencies=[needs(CONSENT)], status_code=201, summary="Record a consent")
async def give_consent(body: ConsentBody, desk: Desk) -> Response:
    """It is never edited, only withdrawn."""
    await require_subject(desk, body.subject)
    data = body.model_dump(exclude={"id"})
    new = Consent(id=body.id or new_id("con"), **data)
    return await desk.commit(lambda work: commands.give_consent(work, new), view=_consent)


@router.post("/consents/{consent}:withdraw", dependencies=[needs(CONSENT)], summary="Withdraw a consent")
async def withdraw_consent(consent: ConsentId, desk: Desk) -> Response:
    """From this moment on."""
    await require_subject(desk, (await CONSENTS.get(desk.reader, consent)).subject)
    return await desk.commit(lambda work: commands.withdraw_consent(work, consent), view=_consent, status=200)


def _view(participation: Participation) -> Rendered:
    return {
        "id": participation.id,
        "version": participation.version,
        "programme": participation.programme,
        "date": participation.date,
        "first": participation.first,
        "topics": list(participation.topics),
        "waiting_since": participation.waiting_since,
        "ended_on": participation.ended_on,
        "actions": [] if participation.ended_on else ["end"],
    }


def _consent(consent: Consent) -> Rendered:
    return {
        "id": consent.id,
        "version": consent.version,
        "subject": consent.subject,
        "purpose": consent.purpose,
        "given_on": consent.given_on,
        "withdrawn_at": consent.withdrawn_at,
        "actions": [] if consent.withdrawn_at else ["withdraw"],
    }

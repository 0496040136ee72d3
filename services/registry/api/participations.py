"""Participations over HTTP."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import READ_PARTICIPATIONS, REGISTER
from services.registry.api.reach import reached_participation, require_place
from services.registry.api.referred import each, require_named
from services.registry.api.shapes import Gender, LeaveBody, Slot, narrowed, special_key, tuples, visible
from services.registry.api.views.engagements import ParticipationView, participation_view
from services.registry.commands import participations as commands
from services.registry.domain.participations import Participation, Urgency
from services.registry.store.repositories import PARTICIPATIONS
from shared.kernel.dates import Dated
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import (
    Body,
    Code,
    Day,
    EngagementId,
    FamilyId,
    LanguageTag,
    Level,
    Page,
    ParticipationId,
    PersonId,
    Slug,
    changes,
)
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

PURPOSE = "urgency"

router = APIRouter(prefix="/v1/cities/{city}/participations", tags=["participations"])


class UrgencyBody(Body):
    """Why somebody cannot wait; who says so is the caller. It ends by itself."""

    reason: Code = Field(examples=["birth_soon"])
    until: Day = Field(description="The day after the last on which it holds.")


class ParticipationBody(Body):
    """A family, or a person, that takes part in a programme; a family brings its own district and languages."""

    id: ParticipationId | None = None
    family: FamilyId | None = None
    person: PersonId | None = None
    programme: Slug
    date: Day
    site: Slug | None = None
    district: Slug | None = Field(
        None, description="Where a person lives; not for families, nor where her address is protected."
    )
    languages: dict[LanguageTag, Level] | None = Field(None, description="What a person speaks; not for families.")
    topics: list[Code] = Field(default_factory=list, description="What help is needed with.")
    wishes: list[Code] = Field(default_factory=list)
    not_wished: list[LanguageTag] = Field(default_factory=list)
    slots: list[Slot] = Field(default_factory=list)
    gender: Gender | None = Field(None, description="Of whoever is accompanied; unknown where it is left out.")
    gender_wish: Gender | None = Field(None, description="Of the mentor.")
    urgent: bool = Field(False, description="True by itself where an urgency is given, and never without one.")
    urgency: UrgencyBody | None = None
    interpreter: bool = False
    waiting_since: Day | None = None
    excluded: list[EngagementId] = Field(default_factory=list)
    access_route: Code | None = Field(None, description="How they came.", examples=["kita"])
    guardians: list[PersonId] = Field(default_factory=list, description="Persons who may speak for a minor.")


class ParticipationPatch(Body):
    """What may be changed; lists are replaced."""

    topics: list[Code] = Field(default_factory=list)
    wishes: list[Code] = Field(default_factory=list)
    not_wished: list[LanguageTag] = Field(default_factory=list)
    slots: list[Slot] = Field(default_factory=list)
    gender: Gender | None = Field(None, description="Of whoever is accompanied; unknown where it is left out.")
    gender_wish: Gender | None = Field(None, description="Of the mentor.")
    urgent: bool = Field(False, description="True by itself where an urgency is given, and never without one.")
    urgency: UrgencyBody | None = None
    interpreter: bool = False
    waiting_since: Day | None = None
    excluded: list[EngagementId] = Field(default_factory=list)
    access_route: Code | None = Field(None, description="How they came.", examples=["kita"])
    guardians: list[PersonId] = Field(default_factory=list, description="Persons who may speak for a minor.")


@router.post(
    "",
    dependencies=[needs(REGISTER)],
    status_code=201,
    response_model=ParticipationView,
    summary="Begin a participation",
)
async def begin_participation(body: ParticipationBody, desk: Desk) -> Response:
    """Inside the programme's period; of a family or of a person."""
    sites = (Dated(body.date, body.site),) if body.site else ()
    await require_place(desk, body.programme, sites, body.date)
    _require_one(body)
    subjects = (("/family", body.family), ("/person", body.person))
    await require_named(desk, *subjects, *each("/guardians", body.guardians), *each("/excluded", body.excluded))
    new = Participation(
        id=body.id or new_id("ptc"),
        family=body.family,
        person=body.person,
        programme=body.programme,
        date=body.date,
        first=True,
        sites=sites,
        districts=(Dated(body.date, body.district),) if body.district else (),
        languages=dict(body.languages or {}),
        topics=tuple(body.topics),
        wishes=tuple(body.wishes),
        not_wished=tuple(body.not_wished),
        slots=tuple(body.slots),
        gender=body.gender,
        gender_wish=body.gender_wish,
        **await _urgency(desk, changes(body), body.family or body.person, None),
        interpreter=body.interpreter,
        waiting_since=body.waiting_since or body.date,
        excluded=tuple(body.excluded),
        access_route=body.access_route,
        guardians=tuple(body.guardians),
    )
    key = await special_key(desk)
    return await desk.commit(lambda work: commands.begin_participation(work, new, key), view=participation_view(desk))


@router.get(
    "", dependencies=[needs(READ_PARTICIPATIONS)], response_model=Page[ParticipationView], summary="List participations"
)
async def list_participations(
    desk: Desk,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    programme: Slug | None = None,
    family: FamilyId | None = None,
    person: PersonId | None = None,
) -> Response:
    """Those in reach, by id."""
    asked = {"programme": programme, "family": family, "person": person}
    query = narrowed(visible(desk.scope()), after=await desk.after(cursor), **asked)
    rows = await PARTICIPATIONS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=participation_view(desk))


@router.get(
    "/{participation}",
    dependencies=[needs(READ_PARTICIPATIONS)],
    response_model=ParticipationView,
    summary="Read a participation",
)
async def read_participation(participation: ParticipationId, desk: Desk) -> Response:
    """Its needs and where it stands. Why it is urgent is opened for who may change it; that is in the audit."""
    found = await reached_participation(desk, participation)
    view = participation_view(desk)(found)
    if view.urgency is not None and found.urgency is not None and found.urgency.sealed is not None:
        plain = await desk.open(found.urgency.sealed, ("reason",), PURPOSE)
        view.urgency.reason = plain["reason"]
    return desk.answer(found, view)


@router.patch(
    "/{participation}",
    dependencies=[needs(REGISTER)],
    response_model=ParticipationView,
    summary="Change a participation",
)
async def change_participation(participation: ParticipationId, body: ParticipationPatch, desk: Desk) -> Response:
    """Needs, wishes, free times."""
    expected = desk.expected_version()
    found = await reached_participation(desk, participation)
    named = (*each("/guardians", body.guardians), *each("/excluded", body.excluded))
    await require_named(desk, *named, known={*found.guardians, *found.excluded})
    values, key = tuples(changes(body)), await special_key(desk)
    values |= await _urgency(desk, values, found.family or found.person, found.urgency)
    return await desk.commit(
        lambda work: commands.change_participation(work, participation, expected, values, key),
        view=participation_view(desk),
        status=200,
    )


@router.post(
    "/{participation}:end",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=ParticipationView,
    summary="End a participation",
)
async def end_participation(participation: ParticipationId, body: LeaveBody, desk: Desk) -> Response:
    """Its facts stay."""
    await reached_participation(desk, participation)
    return await desk.commit(
        lambda work: commands.end_participation(work, participation, body.on, body.reason),
        view=participation_view(desk),
        status=200,
    )


def _require_one(body: ParticipationBody) -> None:
    if (body.family is None) == (body.person is None):
        raise Refused("invalid", (Finding("/family", "one-of-two", "either a family or a person"),))
    if body.family is not None and (body.district is not None or body.languages is not None):
        raise Refused("invalid", (Finding("/district", "from-the-family", "neither district nor languages"),))


async def _urgency(
    desk: RequestDesk, sent: dict[str, Any], subject: str | None, said: Urgency | None
) -> dict[str, Any]:
    """What is sent of an urgency as the aggregate keeps it, its reason under the subject's key.

    Nothing is urgent without a reason and an end. Raises ``Refused`` where both are missing and nothing was ``said``
    of them before, or where it contradicts itself, and ``Conflict("erased")`` where there is no subject any more.
    """
    if "urgent" not in sent and "urgency" not in sent:
        return {}
    urgency = sent.get("urgency")
    urgent = sent.get("urgent", urgency is not None)
    if urgency is not None and not urgent:
        raise Refused("invalid", (Finding("/urgent", "contradiction", "true, or no urgency"),))
    if urgency is None and urgent and (said is None or "urgency" in sent):
        raise Refused("invalid", (Finding("/urgency", "missing", "a reason and the day after the last"),))
    if urgency is None:
        # Still urgent, and nothing said of why: what was said stays.
        return {"urgent": True} if urgent else {"urgent": False, "urgency": None}
    if subject is None:
        raise Conflict("erased")
    sealed = await desk.seal(subject, {"reason": urgency["reason"]})
    return {"urgent": True, "urgency": Urgency(desk.principal.subject, urgency["until"], sealed)}

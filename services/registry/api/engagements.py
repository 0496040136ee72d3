"""Engagements over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import QUALIFY, READ_ENGAGEMENTS, REGISTER
from services.registry.api.reach import reached_engagement, require_place
from services.registry.api.referred import each, require_named
from services.registry.api.shapes import (
    CohortId,
    DayBody,
    Gender,
    LeaveBody,
    Slot,
    narrowed,
    special_key,
    tuples,
    visible,
)
from services.registry.api.views.engagements import EngagementView, engagement_view
from services.registry.commands import engagements as commands
from services.registry.domain.engagements import Clearance, Engagement
from services.registry.store.repositories import ENGAGEMENTS, PROGRAMMES
from shared.kernel.dates import Dated
from shared.kernel.ids import new_id
from shared.storage.work import Work
from shared.web.bodies import (
    Body,
    Code,
    Count,
    Day,
    EngagementId,
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

router = APIRouter(prefix="/v1/cities/{city}/engagements", tags=["engagements"])


class EngagementBody(Body):
    """A person as mentor or volunteer."""

    id: EngagementId | None = None
    person: PersonId
    programme: Slug
    role: Code = Field(examples=["stadtteilmutter"])
    date: Day
    site: Slug | None = None
    languages: dict[LanguageTag, Level] = Field(default_factory=dict)
    reach: list[Slug] = Field(default_factory=list, description="Districts that she goes to.")
    topics: list[Code] = Field(default_factory=list)
    slots: list[Slot] = Field(default_factory=list)
    capacity: Count = 1
    gender: Gender | None = None
    gender_wish: Gender | None = Field(None, description="Of whoever she accompanies.")
    excluded: list[ParticipationId] = Field(default_factory=list)
    cohort: CohortId | None = Field(None, description="Enrols her in the same step.")


class EngagementPatch(Body):
    """What may be changed; lists and languages are replaced."""

    languages: dict[LanguageTag, Level] = Field(default_factory=dict)
    reach: list[Slug] = Field(default_factory=list)
    topics: list[Code] = Field(default_factory=list)
    slots: list[Slot] = Field(default_factory=list)
    capacity: Count = 1
    gender: Gender | None = None
    gender_wish: Gender | None = Field(None, description="Of whoever she accompanies.")
    excluded: list[ParticipationId] = Field(default_factory=list)


class ClearanceBody(Body):
    """The certificate of good conduct (erweitertes Führungszeugnis): its day and the day it was seen, nothing else.

    Who saw it is who sends this. That of somebody with a relevant entry is not recorded at all.
    """

    issued_on: Day
    seen_on: Day
    nothing_relevant: Literal[True] = True
    corrects: bool = Field(False, description="Instead of the one that stands, which was recorded by mistake.")


@router.post(
    "", dependencies=[needs(REGISTER)], status_code=201, response_model=EngagementView, summary="Begin an engagement"
)
async def begin_engagement(body: EngagementBody, desk: Desk) -> Response:
    """Inside the programme's period."""
    sites = (Dated(body.date, body.site),) if body.site else ()
    await require_place(desk, body.programme, sites, body.date)
    await require_named(desk, ("/person", body.person), *each("/excluded", body.excluded))
    new = Engagement(
        id=body.id or new_id("eng"),
        person=body.person,
        programme=body.programme,
        role=body.role,
        date=body.date,
        first=True,
        sites=sites,
        languages=dict(body.languages),
        reach=tuple(body.reach),
        topics=tuple(body.topics),
        slots=tuple(body.slots),
        capacity=body.capacity,
        gender=body.gender,
        gender_wish=body.gender_wish,
        excluded=tuple(body.excluded),
        cohort=body.cohort,
    )
    key, programme = await special_key(desk), await PROGRAMMES.get(desk.reader, body.programme)
    view = engagement_view(desk, {programme.id: programme})
    return await desk.commit(lambda work: commands.begin_engagement(work, new, key), view=view)


@router.get("", dependencies=[needs(READ_ENGAGEMENTS)], response_model=Page[EngagementView], summary="List engagements")
async def list_engagements(
    desk: Desk,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    programme: Slug | None = None,
    person: PersonId | None = None,
    cohort: CohortId | None = None,
) -> Response:
    """Those in reach, by id."""
    asked = {"programme": programme, "person": person, "cohort": cohort}
    query = narrowed(visible(desk.scope()), after=await desk.after(cursor), **asked)
    rows = await ENGAGEMENTS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    named = await PROGRAMMES.find(desk.reader, {"_id": {"$in": sorted({row.programme for row in rows})}})
    view = engagement_view(desk, {found.id: found for found in named})
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=view)


@router.get(
    "/{engagement}", dependencies=[needs(READ_ENGAGEMENTS)], response_model=EngagementView, summary="Read an engagement"
)
async def read_engagement(engagement: EngagementId, desk: Desk) -> Response:
    """With the stage that follows from its facts."""
    found = await reached_engagement(desk, engagement)
    return desk.answer(found, (await _view_of(desk, found))(found))


@router.patch(
    "/{engagement}", dependencies=[needs(REGISTER)], response_model=EngagementView, summary="Change an engagement"
)
async def change_engagement(engagement: EngagementId, body: EngagementPatch, desk: Desk) -> Response:
    """Languages, reach, topics, slots, capacity, gender, exclusions."""
    expected, key, values = desk.expected_version(), await special_key(desk), tuples(changes(body))

    async def change(work: Work, engagement: str) -> Engagement:
        return await commands.change_engagement(work, engagement, expected, values, key)

    found = await reached_engagement(desk, engagement)
    await require_named(desk, *each("/excluded", body.excluded), known=found.excluded)
    return await _act(desk, engagement, change)


@router.post(
    "/{engagement}:clear",
    dependencies=[needs(QUALIFY, may_match=True)],
    response_model=EngagementView,
    summary="Record the certificate seen",
)
async def clear_engagement(engagement: EngagementId, body: ClearanceBody, desk: Desk) -> Response:
    """Refused where it was older than three months when it was seen. Of several the one issued last stands."""
    clearance = Clearance(body.issued_on, body.seen_on, desk.principal.subject)

    async def clear(work: Work, engagement: str) -> Engagement:
        return await commands.clear_engagement(work, engagement, clearance, corrects=body.corrects)

    return await _act(desk, engagement, clear)


@router.post(
    "/{engagement}:certify",
    dependencies=[needs(QUALIFY, may_match=True)],
    response_model=EngagementView,
    summary="Certify",
)
async def certify_engagement(engagement: EngagementId, body: DayBody, desk: Desk) -> Response:
    """Refused, naming them, where required modules are missing."""
    return await _act(desk, engagement, lambda work, key: commands.certify_engagement(work, key, body.on))


@router.post(
    "/{engagement}:pause",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=EngagementView,
    summary="Pause",
)
async def pause_engagement(engagement: EngagementId, desk: Desk) -> Response:
    """No new families for a while."""
    return await _act(desk, engagement, commands.pause_engagement)


@router.post(
    "/{engagement}:resume",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=EngagementView,
    summary="Resume",
)
async def resume_engagement(engagement: EngagementId, desk: Desk) -> Response:
    """There again."""
    return await _act(desk, engagement, commands.resume_engagement)


@router.post(
    "/{engagement}:leave",
    dependencies=[needs(REGISTER, may_match=True)],
    response_model=EngagementView,
    summary="End an engagement",
)
async def leave_engagement(engagement: EngagementId, body: LeaveBody, desk: Desk) -> Response:
    """Its facts stay."""
    return await _act(desk, engagement, lambda work, key: commands.leave_engagement(work, key, body.on, body.reason))


Act = Callable[[Work, str], Awaitable[Engagement]]


async def _act(desk: RequestDesk, key: str, act: Act) -> Response:
    found = await reached_engagement(desk, key)
    return await desk.commit(lambda work: act(work, key), view=await _view_of(desk, found), status=200)


async def _view_of(desk: RequestDesk, engagement: Engagement) -> Callable[[Engagement], EngagementView]:
    programme = await PROGRAMMES.get(desk.reader, engagement.programme)
    return engagement_view(desk, {programme.id: programme})

"""Engagements, cohorts, attendances and outcomes over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import QUALIFY, READ_PEOPLE, REGISTER
from services.registry.api.reach import (
    reached_cohort,
    reached_engagement,
    reached_participation,
    require_person,
    require_place,
)
from services.registry.commands import engagements as commands
from services.registry.domain.engagements import Clearance, Engagement
from services.registry.domain.outcomes import Attendance, Cohort, Outcome
from services.registry.domain.places import Programme
from services.registry.store.repositories import PROGRAMMES
from shared.kernel.dates import Dated
from shared.kernel.errors import Finding, Refused
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
    Minutes,
    Name,
    ParticipationId,
    PersonId,
    Slug,
    id_of,
)
from shared.web.desk import Desk, Rendered, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["engagements"])
CohortId = Annotated[str, id_of("coh")]
Slot = Annotated[str, Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)-(am|noon|pm|eve)$", examples=["wed-pm"])]


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
    gender: Literal["f", "m", "x"] | None = None


class ClearanceBody(Body):
    """The certificate of good conduct: its day and the day it was seen, nothing else."""

    issued_on: Day
    seen_on: Day


class DayBody(Body):
    """A day."""

    on: Day


class LeaveBody(Body):
    """A day and a reason."""

    on: Day
    reason: Code


class CohortBody(Body):
    """A qualification."""

    id: CohortId | None = None
    programme: Slug
    name: Name
    opened_on: Day


class EnrolBody(Body):
    """Who joins."""

    engagement: EngagementId


class AttendanceBody(Body):
    """One trainee at one module."""

    id: Annotated[str, id_of("att")] | None = None
    cohort: CohortId
    engagement: EngagementId
    module: Code
    date: Day
    state: Literal["present", "excused", "absent", "made_up"]
    minutes: Minutes = 0


class OutcomeBody(Body):
    """What somebody reached."""

    id: Annotated[str, id_of("out")] | None = None
    engagement: EngagementId | None = None
    participation: ParticipationId | None = None
    kind: Code = Field(examples=["self_employment"])
    date: Day


@router.post("/engagements", dependencies=[needs(REGISTER)], status_code=201, summary="Begin an engagement")
async def begin_engagement(body: EngagementBody, desk: Desk) -> Response:
    """Inside the programme's period."""
    sites = (Dated(body.date, body.site),) if body.site else ()
    await require_place(desk, body.programme, sites, body.date)
    await require_person(desk, body.person)
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
    )
    return await desk.commit(lambda work: commands.begin_engagement(work, new), view=_short)


@router.get("/engagements/{engagement}", dependencies=[needs(READ_PEOPLE)], summary="Read an engagement")
async def read_engagement(engagement: EngagementId, desk: Desk) -> Response:
    """With the stage that follows from its facts."""
    found = await reached_engagement(desk, engagement)
    programme = await PROGRAMMES.get(desk.reader, found.programme)
    return desk.answer(found, _whole(found, programme))


@router.post("/engagements/{engagement}:clear", dependencies=[needs(QUALIFY)], summary="Record the certificate seen")
async def clear_engagement(engagement: EngagementId, body: ClearanceBody, desk: Desk) -> Response:
    """Refused where it was older than three months when it was seen."""
    await reached_engagement(desk, engagement)
    clearance = Clearance(body.issued_on, body.seen_on)
    return await desk.commit(
        lambda work: commands.clear_engagement(work, engagement, clearance), view=_short, status=200
    )


@router.post("/engagements/{engagement}:certify", dependencies=[needs(QUALIFY)], summary="Certify")
async def certify_engagement(engagement: EngagementId, body: DayBody, desk: Desk) -> Response:
    """Refused, naming them, where required modules are missing."""
    await reached_engagement(desk, engagement)
    return await desk.commit(
        lambda work: commands.certify_engagement(work, engagement, body.on), view=_short, status=200
    )


@router.post("/engagements/{engagement}:leave", dependencies=[needs(REGISTER)], summary="End an engagement")
async def leave_engagement(engagement: EngagementId, body: LeaveBody, desk: Desk) -> Response:
    """Its facts stay."""
    await reached_engagement(desk, engagement)
    return await desk.commit(
        lambda work: commands.leave_engagement(work, engagement, body.on, body.reason), view=_short, status=200
    )


@router.post("/cohorts", dependencies=[needs(QUALIFY)], status_code=201, summary="Open a cohort")
async def open_cohort(body: CohortBody, desk: Desk) -> Response:
    """With the modules of its programme."""
    desk.require(programme=body.programme)
    new = Cohort(body.id or new_id("coh"), body.programme, body.name, body.opened_on)
    return await desk.commit(lambda work: commands.open_cohort(work, new), view=_cohort)


@router.post("/cohorts/{cohort}:enrol", dependencies=[needs(QUALIFY)], summary="Enrol a trainee")
async def enrol(cohort: CohortId, body: EnrolBody, desk: Desk) -> Response:
    """An engagement of the same programme."""
    await reached_cohort(desk, cohort)
    await reached_engagement(desk, body.engagement)
    return await desk.commit(lambda work: commands.enrol(work, cohort, body.engagement), view=_cohort, status=200)


@router.post("/attendances", dependencies=[needs(QUALIFY)], status_code=201, summary="Record an attendance")
async def record_attendance(body: AttendanceBody, desk: Desk) -> Response:
    """One trainee at one module of her cohort."""
    await reached_engagement(desk, body.engagement)
    new = Attendance(
        id=body.id or new_id("att"),
        cohort=body.cohort,
        engagement=body.engagement,
        programme="",
        module=body.module,
        date=body.date,
        state=body.state,
        minutes=body.minutes,
    )
    return await desk.commit(lambda work: commands.record_attendance(work, new), view=_fact)


@router.post("/outcomes", dependencies=[needs(QUALIFY)], status_code=201, summary="Record an outcome")
async def record_outcome(body: OutcomeBody, desk: Desk) -> Response:
    """Of an engagement or of a participation; not of both."""
    if (body.engagement is None) == (body.participation is None):
        raise Refused("invalid", (Finding("/engagement", "one-of-two", "either an engagement or a participation"),))
    if body.engagement is not None:
        await reached_engagement(desk, body.engagement)
    if body.participation is not None:
        await reached_participation(desk, body.participation)
    new = Outcome(body.id or new_id("out"), "", body.kind, body.date, body.engagement, body.participation)

    async def record(work: Work) -> Outcome:
        return await commands.record_outcome(work, new)

    return await desk.commit(record, view=_fact)


def _short(engagement: Engagement) -> dict[str, object]:
    return {
        "id": engagement.id,
        "version": engagement.version,
        "programme": engagement.programme,
        "role": engagement.role,
        "date": engagement.date,
        "first": engagement.first,
        "certified_on": engagement.certified_on,
        "clearance_until": engagement.clearance.until if engagement.clearance else None,
        "left_on": engagement.left_on,
    }


def _whole(engagement: Engagement, programme: Programme) -> Rendered:
    stage = engagement.stage(programme)
    actions = {"qualified": ["certify"], "left": []}.get(stage, ["clear", "leave"])
    missing = programme.missing(frozenset(engagement.passed))
    return {**_short(engagement), "stage": stage, "modules_missing": list(missing), "actions": actions}


def _cohort(cohort: Cohort) -> Rendered:
    return {"id": cohort.id, "version": cohort.version, "name": cohort.name, "enrolled": cohort.enrolled}


def _fact(fact: Attendance | Outcome) -> Rendered:
    return {"id": fact.id, "version": fact.version, "programme": fact.programme, "date": fact.date}

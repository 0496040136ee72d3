"""Cohorts, attendances and outcomes over HTTP."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import QUALIFY, READ_PEOPLE
from services.registry.api.reach import reached_cohort, reached_engagement, reached_participation
from services.registry.api.shapes import AttendanceId, CohortId, OutcomeId, narrowed, visible
from services.registry.api.views.cohorts import (
    About,
    AttendanceView,
    CohortView,
    OutcomeView,
    attendance_view,
    cohort_view,
    outcome_view,
)
from services.registry.commands import cohorts as commands
from services.registry.domain.outcomes import Attendance, Cohort, Outcome
from services.registry.store.repositories import ATTENDANCES, COHORTS, ENGAGEMENTS, OUTCOMES, PARTICIPATIONS
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Code, Day, EngagementId, Minutes, Name, Page, ParticipationId, Slug, changes
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["qualification"])
State = Literal["present", "excused", "absent", "made_up"]


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

    id: AttendanceId | None = None
    cohort: CohortId
    engagement: EngagementId
    module: Code
    date: Day
    state: State
    minutes: Minutes = 0


class AttendancePatch(Body):
    """What is corrected, and why; ``status: withdrawn`` takes an entry back that was a mistake."""

    reason: Code = Field(examples=["entered_wrongly"])
    date: Day = "1900-01-01"
    state: State = "present"
    minutes: Minutes = 0
    status: Literal["valid", "withdrawn"] = "valid"


class OutcomeBody(Body):
    """What somebody reached."""

    id: OutcomeId | None = None
    engagement: EngagementId | None = None
    participation: ParticipationId | None = None
    kind: Code = Field(examples=["self_employment"])
    date: Day


class OutcomePatch(Body):
    """What is corrected, and why; ``status: withdrawn`` takes an entry back that was a mistake."""

    reason: Code = Field(examples=["entered_wrongly"])
    kind: Code = "other"
    date: Day = "1900-01-01"
    status: Literal["valid", "withdrawn"] = "valid"


@router.post(
    "/cohorts", dependencies=[needs(QUALIFY)], status_code=201, response_model=CohortView, summary="Open a cohort"
)
async def open_cohort(body: CohortBody, desk: Desk) -> Response:
    """With the modules of its programme."""
    desk.require(programme=body.programme)
    new = Cohort(body.id or new_id("coh"), body.programme, body.name, body.opened_on)
    return await desk.commit(lambda work: commands.open_cohort(work, new), view=cohort_view(desk))


@router.get("/cohorts", dependencies=[needs(READ_PEOPLE)], response_model=Page[CohortView], summary="List cohorts")
async def list_cohorts(desk: Desk, limit: Limit = 50, cursor: Cursor = None, programme: Slug | None = None) -> Response:
    """Those of programmes in reach, by id."""
    programmes = desk.scope().programmes
    reach: dict[str, Any] = {} if programmes is None else {"programme": {"$in": sorted(programmes)}}
    query = narrowed(reach, after=await desk.after(cursor), programme=programme)
    rows = await COHORTS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=cohort_view(desk))


@router.get("/cohorts/{cohort}", dependencies=[needs(READ_PEOPLE)], response_model=CohortView, summary="Read a cohort")
async def read_cohort(cohort: CohortId, desk: Desk) -> Response:
    """One of them; its trainees are ``GET …/engagements?cohort=``."""
    found = await reached_cohort(desk, cohort)
    return desk.answer(found, cohort_view(desk)(found))


@router.post(
    "/cohorts/{cohort}:enrol",
    dependencies=[needs(QUALIFY, may_match=True)],
    response_model=CohortView,
    summary="Enrol a trainee",
)
async def enrol(cohort: CohortId, body: EnrolBody, desk: Desk) -> Response:
    """An engagement of the same programme."""
    await reached_cohort(desk, cohort)
    await reached_engagement(desk, body.engagement)
    return await desk.commit(
        lambda work: commands.enrol(work, cohort, body.engagement), view=cohort_view(desk), status=200
    )


@router.post(
    "/attendances",
    dependencies=[needs(QUALIFY)],
    status_code=201,
    response_model=AttendanceView,
    summary="Record an attendance",
)
async def record_attendance(body: AttendanceBody, desk: Desk) -> Response:
    """One trainee at one module of her cohort."""
    engagement = await reached_engagement(desk, body.engagement)
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
    return await desk.commit(
        lambda work: commands.record_attendance(work, new), view=attendance_view(desk, {engagement.id: engagement})
    )


@router.patch(
    "/attendances/{attendance}",
    dependencies=[needs(QUALIFY)],
    response_model=AttendanceView,
    summary="Correct an attendance",
)
async def correct_attendance(attendance: AttendanceId, body: AttendancePatch, desk: Desk) -> Response:
    """What was known before stays readable."""
    expected = desk.expected_version()
    engagement = await reached_engagement(desk, (await ATTENDANCES.get(desk.reader, attendance)).engagement)
    values = {name: value for name, value in changes(body).items() if name != "reason"}
    return await desk.commit(
        lambda work: commands.correct_attendance(work, attendance, expected, values, body.reason),
        view=attendance_view(desk, {engagement.id: engagement}),
        status=200,
    )


@router.get(
    "/attendances", dependencies=[needs(READ_PEOPLE)], response_model=Page[AttendanceView], summary="List attendances"
)
async def list_attendances(
    desk: Desk,
    limit: Limit = 50,
    cursor: Cursor = None,
    cohort: CohortId | None = None,
    engagement: EngagementId | None = None,
) -> Response:
    """Those in reach, by id."""
    asked = {"cohort": cohort, "engagement": engagement}
    query = narrowed(visible(desk.scope()), after=await desk.after(cursor), **asked)
    rows = await ATTENDANCES.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    about = await ENGAGEMENTS.find(desk.reader, {"_id": {"$in": sorted({row.engagement for row in rows})}})
    view = attendance_view(desk, {found.id: found for found in about})
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=view)


@router.post(
    "/outcomes", dependencies=[needs(QUALIFY)], status_code=201, response_model=OutcomeView, summary="Record an outcome"
)
async def record_outcome(body: OutcomeBody, desk: Desk) -> Response:
    """Of an engagement or of a participation; not of both."""
    if (body.engagement is None) == (body.participation is None):
        raise Refused("invalid", (Finding("/engagement", "one-of-two", "either an engagement or a participation"),))
    new = Outcome(body.id or new_id("out"), "", body.kind, body.date, body.engagement, body.participation)
    about = await _about(desk, new)
    return await desk.commit(lambda work: commands.record_outcome(work, new), view=outcome_view(desk, about))


@router.patch(
    "/outcomes/{outcome}", dependencies=[needs(QUALIFY)], response_model=OutcomeView, summary="Correct an outcome"
)
async def correct_outcome(outcome: OutcomeId, body: OutcomePatch, desk: Desk) -> Response:
    """What was known before stays readable."""
    expected, about = desk.expected_version(), await _about(desk, await OUTCOMES.get(desk.reader, outcome))
    values = {name: value for name, value in changes(body).items() if name != "reason"}
    return await desk.commit(
        lambda work: commands.correct_outcome(work, outcome, expected, values, body.reason),
        view=outcome_view(desk, about),
        status=200,
    )


@router.get("/outcomes", dependencies=[needs(READ_PEOPLE)], response_model=Page[OutcomeView], summary="List outcomes")
async def list_outcomes(
    desk: Desk, limit: Limit = 50, cursor: Cursor = None, programme: Slug | None = None
) -> Response:
    """Those in reach, by id."""
    query = narrowed(visible(desk.scope()), after=await desk.after(cursor), programme=programme)
    rows = await OUTCOMES.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    engagements = {"_id": {"$in": [row.engagement for row in rows]}}
    participations = {"_id": {"$in": [row.participation for row in rows]}}
    about: dict[str, About] = {found.id: found for found in await ENGAGEMENTS.find(desk.reader, engagements)}
    about |= {found.id: found for found in await PARTICIPATIONS.find(desk.reader, participations)}
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=outcome_view(desk, about))


async def _about(desk: RequestDesk, outcome: Outcome) -> dict[str, About]:
    """The engagement or participation that reached it, which the caller must reach."""
    found: About
    if outcome.engagement is not None:
        found = await reached_engagement(desk, outcome.engagement)
    else:
        found = await reached_participation(desk, outcome.participation or "")
    return {found.id: found}

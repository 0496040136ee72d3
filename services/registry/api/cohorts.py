"""Attendances and outcomes over HTTP."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import QUALIFY, READ_PEOPLE
from services.registry.api.reach import reached_engagement, reached_participation
from services.registry.api.referred import require_named
from services.registry.api.shapes import AttendanceId, CohortId, OutcomeId, narrowed, visible
from services.registry.api.views.cohorts import (
    About,
    AttendanceView,
    OutcomeView,
    attendance_view,
    outcome_view,
)
from services.registry.commands import cohorts as commands
from services.registry.domain.outcomes import Attendance, Outcome
from services.registry.store.repositories import ATTENDANCES, ENGAGEMENTS, OUTCOMES, PARTICIPATIONS
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Code, Day, EngagementId, Minutes, Page, ParticipationId, Slug, changes
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["qualification"])
State = Literal["present", "excused", "absent", "made_up"]


class AttendanceBody(Body):
    """One trainee at one module."""

    id: AttendanceId | None = None
    cohort: CohortId
    engagement: EngagementId
    module: Code
    date: Day
    state: State
    minutes: Minutes = 0
    made_up_on: Day | None = Field(None, description="Only with made_up; the day of the session where left out.")


class AttendancePatch(Body):
    """What is corrected, and why; ``status: withdrawn`` takes an entry back that was a mistake."""

    reason: Code = Field(examples=["entered_wrongly"])
    date: Day = "1900-01-01"
    state: State = "present"
    minutes: Minutes = 0
    made_up_on: Day | None = None
    status: Literal["valid", "withdrawn"] = "valid"


class OutcomeBody(Body):
    """What somebody reached."""

    id: OutcomeId | None = None
    engagement: EngagementId | None = None
    participation: ParticipationId | None = None
    kind: Code = Field(examples=["self_employment"])
    date: Day
    evidence: Code | None = Field(None, description="What was seen, not the paper.", examples=["business_registration"])
    evidence_seen_on: Day | None = None


class OutcomePatch(Body):
    """What is corrected, and why; ``status: withdrawn`` takes an entry back that was a mistake."""

    reason: Code = Field(examples=["entered_wrongly"])
    kind: Code = "other"
    date: Day = "1900-01-01"
    evidence: Code | None = Field(None, description="What was seen, not the paper.", examples=["business_registration"])
    evidence_seen_on: Day | None = None
    status: Literal["valid", "withdrawn"] = "valid"


@router.post(
    "/attendances",
    dependencies=[needs(QUALIFY)],
    status_code=201,
    response_model=AttendanceView,
    summary="Record an attendance",
)
async def record_attendance(body: AttendanceBody, desk: Desk) -> Response:
    """One trainee at one module of her cohort."""
    await require_named(desk, ("/engagement", body.engagement))
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
        made_up_on=body.made_up_on,
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
    await require_named(desk, ("/engagement", body.engagement), ("/participation", body.participation))
    new = Outcome(
        id=body.id or new_id("out"),
        programme="",
        kind=body.kind,
        date=body.date,
        engagement=body.engagement,
        participation=body.participation,
        evidence=body.evidence,
        evidence_seen_on=body.evidence_seen_on,
    )
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

"""Views of attendances and outcomes."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from services.registry.api.permissions import QUALIFY
from services.registry.domain.engagements import Engagement
from services.registry.domain.outcomes import Attendance, Outcome
from services.registry.domain.participations import Participation
from shared.web.bodies import View
from shared.web.desk import RequestDesk

About = Engagement | Participation
"""Whose outcome it is."""


class AttendanceView(View):
    """An attendance with what was known of it earlier."""

    programme: str
    cohort: str
    engagement: str
    module: str
    date: str
    state: str = Field(examples=["present"])
    minutes: int
    made_up_on: str | None
    status: str = Field(examples=["valid"])
    recorded_at: str
    versions: list[dict[str, Any]] = Field(default_factory=list)


class OutcomeView(View):
    """What somebody reached."""

    programme: str
    engagement: str | None
    participation: str | None
    kind: str = Field(examples=["self_employment"])
    date: str
    evidence: str | None = Field(examples=["business_registration"])
    evidence_seen_on: str | None
    status: str = Field(examples=["valid"])
    recorded_at: str
    versions: list[dict[str, Any]] = Field(default_factory=list)


def attendance_view(desk: RequestDesk, engagements: Mapping[str, Engagement]) -> Callable[[Attendance], AttendanceView]:
    """The view of an attendance for this token; ``engagements`` has that of each: who reaches it may correct."""

    def view(attendance: Attendance) -> AttendanceView:
        return AttendanceView(
            id=attendance.id,
            version=attendance.version,
            actions=["correct"] if _qualifies(desk, engagements.get(attendance.engagement)) else [],
            programme=attendance.programme,
            cohort=attendance.cohort,
            engagement=attendance.engagement,
            module=attendance.module,
            date=attendance.date,
            state=attendance.state,
            minutes=attendance.minutes,
            made_up_on=attendance.made_up_on,
            status=attendance.status,
            recorded_at=attendance.recorded_at,
            versions=[dict(entry) for entry in attendance.versions],
        )

    return view


def outcome_view(desk: RequestDesk, about: Mapping[str, About]) -> Callable[[Outcome], OutcomeView]:
    """The view of an outcome for this token; ``about`` has whose each is: who reaches that may correct."""

    def view(outcome: Outcome) -> OutcomeView:
        return OutcomeView(
            id=outcome.id,
            version=outcome.version,
            actions=["correct"]
            if _qualifies(desk, about.get(outcome.engagement or outcome.participation or ""))
            else [],
            programme=outcome.programme,
            engagement=outcome.engagement,
            participation=outcome.participation,
            kind=outcome.kind,
            date=outcome.date,
            evidence=outcome.evidence,
            evidence_seen_on=outcome.evidence_seen_on,
            status=outcome.status,
            recorded_at=outcome.recorded_at,
            versions=[dict(entry) for entry in outcome.versions],
        )

    return view


def _qualifies(desk: RequestDesk, about: About | None) -> bool:
    if about is None:
        return False
    place = about.place
    return desk.may(QUALIFY, programme=about.programme, site=place.site, carrier=place.carrier)

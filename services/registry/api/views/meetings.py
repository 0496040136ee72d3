"""Views of series of group meetings, and of each meeting."""

from collections.abc import Callable, Collection
from typing import Any

from pydantic import BaseModel, Field

from services.registry.api.permissions import QUALIFY
from services.registry.domain.meetings import Meeting, Series
from shared.kernel.dates import today
from shared.web.bodies import View
from shared.web.desk import RequestDesk


class AttendedView(BaseModel):
    """Whether somebody came."""

    engagement: str = Field(examples=["eng_3c9k0000000000000000000000"])
    state: str = Field(examples=["present"])


class SeriesView(View):
    """A series: its planned days up to today, and the next one."""

    programme: str
    cohort: str | None
    name: str
    first_on: str
    until: str | None
    weeks: int = Field(examples=[1])
    begin: str | None = Field(examples=["09:00"])
    minutes: int
    place: str | None
    days: list[str] = Field(description="The last sixty planned days up to today.", examples=[["2026-01-15"]])
    next_on: str | None = Field(examples=["2026-01-22"])


class MeetingView(View):
    """A meeting that was held or cancelled, and who came."""

    series: str
    programme: str
    date: str
    state: str = Field(examples=["held"])
    minutes: int
    attended: list[AttendedView] = Field(description="Those in your reach.")
    present: int = Field(description="How many came.")
    recorded_at: str
    versions: list[dict[str, Any]] = Field(default_factory=list)


def attended_in(attended: dict[str, str], seen: Collection[str]) -> list[AttendedView]:
    """Who came of those who are seen, as a list."""
    return [AttendedView(engagement=key, state=state) for key, state in attended.items() if key in seen]


def series_view(desk: RequestDesk) -> Callable[[Series], SeriesView]:
    """The view of a series for this token."""
    day = today(desk.moment)

    def view(series: Series) -> SeriesView:
        return SeriesView(
            id=series.id,
            version=series.version,
            actions=["end", "record"] if desk.may(QUALIFY, programme=series.programme) else [],
            programme=series.programme,
            cohort=series.cohort,
            name=series.name,
            first_on=series.first_on,
            until=series.until,
            weeks=series.weeks,
            begin=series.begin,
            minutes=series.minutes,
            place=series.place,
            days=list(series.days(day)),
            next_on=series.next_after(day),
        )

    return view


def meeting_view(desk: RequestDesk, seen: Collection[str]) -> Callable[[Meeting], MeetingView]:
    """The view of a meeting for this token; ``seen`` are the engagements in the caller's reach."""

    def view(meeting: Meeting) -> MeetingView:
        return MeetingView(
            id=meeting.id,
            version=meeting.version,
            actions=["correct"] if desk.may(QUALIFY, programme=meeting.programme) else [],
            series=meeting.series,
            programme=meeting.programme,
            date=meeting.date,
            state=meeting.state,
            minutes=meeting.minutes,
            attended=attended_in(meeting.attended, seen),
            present=meeting.present,
            recorded_at=meeting.recorded_at,
            versions=[_version(entry, seen) for entry in meeting.versions],
        )

    return view


def _version(entry: dict[str, Any], seen: Collection[str]) -> dict[str, Any]:
    return {**entry, "attended": [shown.model_dump() for shown in attended_in(entry["attended"], seen)]}

"""Group meetings over HTTP: a series, week by week, and who came. They are counted for no module."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import QUALIFY, READ_PEOPLE
from services.registry.api.reach import require_whole, seen_engagements
from services.registry.api.referred import require_named
from services.registry.api.shapes import ClockTime, CohortId, MeetingId, SeriesId, narrowed, of_programmes
from services.registry.api.views.meetings import MeetingView, SeriesView, meeting_view, series_view
from services.registry.commands import meetings as commands
from services.registry.domain.meetings import Meeting, Series
from services.registry.store.qualification import MEETINGS, SERIES
from shared.kernel.errors import Finding, NotFound, Refused
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Code, Day, EngagementId, Minutes, Name, Page, Slug, changes
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/meeting-series", tags=["meetings"])


class SeriesBody(Body):
    """A series of meetings."""

    id: SeriesId | None = None
    programme: Slug
    cohort: CohortId | None = None
    name: Name = Field(examples=["Gruppentreffen"])
    first_on: Day
    until: Day | None = Field(None, description="The day from which there is none any more.")
    weeks: int = Field(1, ge=1, le=52, description="From one meeting to the next.")
    begin: ClockTime | None = None
    minutes: Minutes = 0
    place: Name | None = Field(None, examples=["Haus am Hafen, Raum 2"])


class SeriesPatch(Body):
    """When the series ends."""

    until: Day


class AttendedBody(Body):
    """Whether somebody came."""

    engagement: EngagementId
    state: Literal["present", "excused", "absent"]


class MeetingBody(Body):
    """A meeting of the series; moved ones have the day on which they were held."""

    id: MeetingId | None = None
    date: Day
    state: Literal["held", "cancelled"] = "held"
    minutes: Minutes | None = Field(None, description="The series' own where left out.")
    attended: list[AttendedBody] = Field(default_factory=list, max_length=500)


class MeetingPatch(Body):
    """What is corrected, and why; the list of who came is replaced."""

    reason: Code = Field(examples=["entered_wrongly"])
    state: Literal["held", "cancelled"] = "held"
    minutes: Minutes = 0
    attended: list[AttendedBody] = Field(default_factory=list, max_length=500)


@router.post("", dependencies=[needs(QUALIFY)], status_code=201, response_model=SeriesView, summary="Open a series")
async def open_series(body: SeriesBody, desk: Desk) -> Response:
    """Of a programme, or of one of its cohorts."""
    await require_whole(desk, body.programme)
    new = Series(
        id=body.id or new_id("ser"),
        programme=body.programme,
        name=body.name,
        first_on=body.first_on,
        weeks=body.weeks,
        until=body.until,
        cohort=body.cohort,
        begin=body.begin,
        minutes=body.minutes,
        place=body.place,
    )
    return await desk.commit(lambda work: commands.open_series(work, new), view=series_view(desk))


@router.get("", dependencies=[needs(READ_PEOPLE)], response_model=Page[SeriesView], summary="List series")
async def list_series(desk: Desk, limit: Limit = 50, cursor: Cursor = None, programme: Slug | None = None) -> Response:
    """Those of programmes in reach, by id."""
    query = narrowed(of_programmes(desk.scope()), after=await desk.after(cursor), programme=programme)
    rows = await SERIES.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=series_view(desk))


@router.get("/{series}", dependencies=[needs(READ_PEOPLE)], response_model=SeriesView, summary="Read a series")
async def read_series(series: SeriesId, desk: Desk) -> Response:
    """With its planned days up to today."""
    found = await _reached(desk, series)
    return desk.answer(found, series_view(desk)(found))


@router.patch("/{series}", dependencies=[needs(QUALIFY)], response_model=SeriesView, summary="End a series")
async def end_series(series: SeriesId, body: SeriesPatch, desk: Desk) -> Response:
    """From a day on; what was recorded stays."""
    expected = desk.expected_version()
    await require_whole(desk, (await _reached(desk, series)).programme)
    return await desk.commit(
        lambda work: commands.end_series(work, series, expected, body.until), view=series_view(desk), status=200
    )


@router.post(
    "/{series}/meetings",
    dependencies=[needs(QUALIFY)],
    status_code=201,
    response_model=MeetingView,
    summary="Record a meeting",
)
async def record_meeting(series: SeriesId, body: MeetingBody, desk: Desk) -> Response:
    """That it was held and who came, or that it was cancelled."""
    found = await _reached(desk, series)
    usual = found.minutes if body.state == "held" else 0
    new = Meeting(
        id=body.id or new_id("mtg"),
        series=series,
        programme=found.programme,
        date=body.date,
        state=body.state,
        minutes=usual if body.minutes is None else body.minutes,
        attended=await _attended(desk, body.attended),
    )
    return await desk.commit(lambda work: commands.record_meeting(work, new), view=meeting_view(desk, new.attended))


@router.get(
    "/{series}/meetings",
    dependencies=[needs(READ_PEOPLE)],
    response_model=Page[MeetingView],
    summary="List the meetings of a series",
)
async def list_meetings(series: SeriesId, desk: Desk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Those recorded, by day."""
    await _reached(desk, series)
    after = await desk.after(cursor)
    query: dict[str, Any] = {"series": series, **({} if after is None else {"date": {"$gt": after}})}
    rows = await MEETINGS.find(desk.reader, query, sort=[("date", 1)], limit=limit + 1)
    view = meeting_view(desk, await _seen(desk, *rows))
    return await desk.page(rows, limit=limit, key=lambda row: row.date, view=view)


@router.get(
    "/{series}/meetings/{meeting}",
    dependencies=[needs(READ_PEOPLE)],
    response_model=MeetingView,
    summary="Read a meeting",
)
async def read_meeting(series: SeriesId, meeting: MeetingId, desk: Desk) -> Response:
    """Who came, and what was known earlier."""
    found = await _reached_meeting(desk, series, meeting)
    return desk.answer(found, meeting_view(desk, await _seen(desk, found))(found))


@router.patch(
    "/{series}/meetings/{meeting}",
    dependencies=[needs(QUALIFY)],
    response_model=MeetingView,
    summary="Correct a meeting",
)
async def correct_meeting(series: SeriesId, meeting: MeetingId, body: MeetingPatch, desk: Desk) -> Response:
    """What was known before stays readable; so does who came of those out of your reach."""
    expected, found = desk.expected_version(), await _reached_meeting(desk, series, meeting)
    seen = await _seen(desk, found)
    values = {name: value for name, value in changes(body).items() if name != "reason"}
    if values.keys() - {"attended"}:
        await require_whole(desk, found.programme)
    if "attended" in values:
        others = {key: state for key, state in found.attended.items() if key not in seen}
        values["attended"] = {**others, **await _attended(desk, body.attended)}
        seen |= {row.engagement for row in body.attended}
    return await desk.commit(
        lambda work: commands.correct_meeting(work, meeting, expected, values, body.reason),
        view=meeting_view(desk, seen),
        status=200,
    )


async def _reached(desk: RequestDesk, key: str) -> Series:
    found = await SERIES.get(desk.reader, key)
    desk.require(programme=found.programme)
    return found


async def _reached_meeting(desk: RequestDesk, series: str, key: str) -> Meeting:
    found = await MEETINGS.get(desk.reader, key)
    if found.series != series:
        raise NotFound("meeting-not-found")
    desk.require(programme=found.programme)
    return found


async def _seen(desk: RequestDesk, *meetings: Meeting) -> frozenset[str]:
    """Who of all that ever stood in these meetings is in the caller's reach."""
    states = [meeting.attended for meeting in meetings]
    states += [entry["attended"] for meeting in meetings for entry in meeting.versions]
    return await seen_engagements(desk, {key for state in states for key in state})


async def _attended(desk: RequestDesk, rows: list[AttendedBody]) -> dict[str, str]:
    """Who came, by engagement; each is named once, and in the caller's reach."""
    keys = [row.engagement for row in rows]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise Refused("invalid", (Finding(f"/attended/{number}/engagement", "used-twice"),))
    await require_named(desk, *((f"/attended/{number}/engagement", key) for number, key in enumerate(keys)))
    return {row.engagement: row.state for row in rows}

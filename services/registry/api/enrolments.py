"""Cohorts over HTTP: what they teach, who has a place, who waits for one."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from services.registry.api.permissions import QUALIFY, READ_PEOPLE
from services.registry.api.reach import reached_cohort, require_whole, seen_engagements
from services.registry.api.referred import require_named
from services.registry.api.shapes import ClockTime, CohortId, Places, narrowed, of_programmes
from services.registry.api.views.enrolments import CohortView, seating_view
from services.registry.commands import enrolments as commands
from services.registry.domain.cohorts import Cohort, ModulePlan, Seating, Session
from services.registry.store.repositories import COHORTS, PROGRAMMES
from shared.kernel.ids import new_id
from shared.web.bodies import Body, Code, Day, EngagementId, Name, Page, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/cohorts", tags=["qualification"])
LONGEST = 60_000
"""Minutes of a module: a thousand hours."""


class SessionBody(Body):
    """One date of a module."""

    date: Day
    begin: ClockTime | None = None
    until: ClockTime | None = Field(None, examples=["12:00"])
    place: Name | None = Field(None, examples=["Haus am Hafen, Raum 2"])


class ModulePlanBody(Body):
    """How the cohort teaches one of its programme's modules."""

    code: Code = Field(examples=["health"])
    minutes: int | None = Field(None, ge=1, le=LONGEST, examples=[540])
    partner: Name | None = Field(None, description="Where it is not the programme's.", examples=["Hebamme"])
    sessions: list[SessionBody] = Field(default_factory=list, max_length=100)

    def plan(self) -> ModulePlan:
        """As the cohort keeps it."""
        sessions = tuple(Session(one.date, one.begin, one.until, one.place) for one in self.sessions)
        return ModulePlan(self.code, self.minutes, self.partner, sessions)


class CohortBody(Body):
    """A qualification."""

    id: CohortId | None = None
    programme: Slug
    name: Name
    opened_on: Day
    places: Places | None = Field(None, description="How many it takes; any number where left out.")
    plan: list[ModulePlanBody] = Field(default_factory=list, max_length=100)
    like: CohortId | None = Field(None, description="Takes over places and plan, without dates, where left out here.")


class CohortPatch(Body):
    """What may be changed; the plan is replaced, ``places: null`` takes any number."""

    name: Name = "-"
    places: Places | None = None
    plan: list[ModulePlanBody] = Field(default_factory=list, max_length=100)

    def values(self) -> dict[str, Any]:
        """What was sent, as the cohort keeps it."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return sent | ({"plan": tuple(one.plan() for one in self.plan)} if "plan" in sent else {})


class EnrolBody(Body):
    """Who joins."""

    engagement: EngagementId


class LeavingBody(Body):
    """Who leaves."""

    engagement: EngagementId


@router.post("", dependencies=[needs(QUALIFY)], status_code=201, response_model=CohortView, summary="Open a cohort")
async def open_cohort(body: CohortBody, desk: Desk) -> Response:
    """With the modules of its programme, and how it teaches them."""
    await require_whole(desk, body.programme)
    new = Cohort(
        id=body.id or new_id("coh"),
        programme=body.programme,
        name=body.name,
        opened_on=body.opened_on,
        places=body.places,
        plan=tuple(one.plan() for one in body.plan),
    )
    view = await _view_of(desk, new)
    return await desk.commit(lambda work: commands.open_cohort(work, new, body.like), view=view)


@router.get("", dependencies=[needs(READ_PEOPLE)], response_model=Page[CohortView], summary="List cohorts")
async def list_cohorts(desk: Desk, limit: Limit = 50, cursor: Cursor = None, programme: Slug | None = None) -> Response:
    """Those of programmes in reach, by id."""
    query = narrowed(of_programmes(desk.scope()), after=await desk.after(cursor), programme=programme)
    rows = await COHORTS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    view = await _view_of(desk, *rows)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=lambda row: view(Seating(row)))


@router.get("/{cohort}", dependencies=[needs(READ_PEOPLE)], response_model=CohortView, summary="Read a cohort")
async def read_cohort(cohort: CohortId, desk: Desk) -> Response:
    """Its modules with dates and places, and who waits."""
    found = await reached_cohort(desk, cohort)
    return desk.answer(found, (await _view_of(desk, found))(Seating(found)))


@router.patch("/{cohort}", dependencies=[needs(QUALIFY)], response_model=CohortView, summary="Change a cohort")
async def change_cohort(cohort: CohortId, body: CohortPatch, desk: Desk) -> Response:
    """More places are given to those who wait, in turn; ``seated`` says to whom."""
    expected, found = desk.expected_version(), await reached_cohort(desk, cohort)
    await require_whole(desk, found.programme)
    return await desk.commit(
        lambda work: commands.change_cohort(work, cohort, expected, body.values()),
        view=await _view_of(desk, found),
        status=200,
    )


@router.post(
    "/{cohort}:enrol",
    dependencies=[needs(QUALIFY, may_match=True)],
    response_model=CohortView,
    summary="Enrol a trainee",
)
async def enrol(cohort: CohortId, body: EnrolBody, desk: Desk) -> Response:
    """An engagement of the same programme; where no place is free she is the last of those who wait."""
    found = await reached_cohort(desk, cohort)
    await require_named(desk, ("/engagement", body.engagement))
    return await desk.commit(
        lambda work: commands.enrol(work, cohort, body.engagement),
        view=await _view_of(desk, found, joining=body.engagement),
        status=200,
    )


@router.post(
    "/{cohort}:leave",
    dependencies=[needs(QUALIFY, may_match=True)],
    response_model=CohortView,
    summary="Take a trainee out",
)
async def leave_cohort(cohort: CohortId, body: LeavingBody, desk: Desk) -> Response:
    """Out of the cohort or off its waiting list; whoever is next moves up, and is named in ``seated``."""
    found = await reached_cohort(desk, cohort)
    await require_named(desk, ("/engagement", body.engagement))
    return await desk.commit(
        lambda work: commands.leave_cohort(work, cohort, body.engagement),
        view=await _view_of(desk, found),
        status=200,
    )


async def _view_of(desk: RequestDesk, *cohorts: Cohort, joining: str | None = None) -> Callable[[Seating], CohortView]:
    """For these cohorts, and for them as they will be: who waits or moves up waits now, or is about to join."""
    found = await PROGRAMMES.find(desk.reader, {"_id": {"$in": sorted({cohort.programme for cohort in cohorts})}})
    keys = {key for cohort in cohorts for key in cohort.waiting} | ({joining} if joining is not None else set())
    return seating_view(desk, {programme.id: programme for programme in found}, await seen_engagements(desk, keys))

"""Views of cohorts: what they teach, where and when, who has a place and who waits for one."""

from collections.abc import Callable, Collection, Mapping

from pydantic import BaseModel, Field

from services.registry.api.permissions import QUALIFY
from services.registry.domain.cohorts import Cohort, Seating
from services.registry.domain.modules import Module
from services.registry.domain.places import Programme
from shared.web.bodies import View
from shared.web.desk import RequestDesk

_ENGAGEMENTS: list[list[str]] = [["eng_3c9k0000000000000000000000"]]


class SessionView(BaseModel):
    """One date of a module."""

    date: str = Field(examples=["2026-01-15"])
    begin: str | None = Field(examples=["09:00"])
    until: str | None = Field(examples=["12:00"])
    place: str | None = Field(examples=["Haus am Hafen, Raum 2"])


class CohortModuleView(BaseModel):
    """A module of the programme, and how this cohort teaches it."""

    code: str = Field(examples=["health"])
    title: str = Field(examples=["Gesundheit"])
    required: bool
    topics: list[str] = Field(examples=[["health"]])
    partner: str | None
    minutes: int | None = Field(examples=[540])
    sessions: list[SessionView]


class CohortView(View):
    """A cohort, its places and its modules; its trainees are ``GET …/engagements?cohort=``."""

    programme: str
    name: str
    opened_on: str
    enrolled: int
    places: int | None = Field(description="How many it takes; null for any number.")
    free: int | None = Field(description="How many places are left; null for any number.")
    waits: int = Field(description="How many wait for a place.")
    waiting: list[str] = Field(description="Those in your reach who wait, the next one first.", examples=_ENGAGEMENTS)
    seated: list[str] = Field(
        description="Those in your reach who have got a place by this act.", examples=_ENGAGEMENTS
    )
    modules: list[CohortModuleView]


def seating_view(
    desk: RequestDesk, programmes: Mapping[str, Programme], seen: Collection[str]
) -> Callable[[Seating], CohortView]:
    """The view of a cohort after a change, for this token.

    ``programmes`` has the programme of each that is shown, ``seen`` the engagements in the caller's reach.
    """

    def view(seating: Seating) -> CohortView:
        cohort = seating.cohort
        acts = ["change", "enrol", *(["leave"] if cohort.enrolled or cohort.waiting else [])]
        return CohortView(
            id=cohort.id,
            version=cohort.version,
            actions=acts if desk.may(QUALIFY, programme=cohort.programme) else [],
            programme=cohort.programme,
            name=cohort.name,
            opened_on=cohort.opened_on,
            enrolled=cohort.enrolled,
            places=cohort.places,
            free=cohort.free,
            waits=len(cohort.waiting),
            waiting=[key for key in cohort.waiting if key in seen],
            seated=[key for key in seating.seated if key in seen],
            modules=[
                _module(cohort, module) for module in programmes[cohort.programme].teaching(cohort.opened_on).modules
            ],
        )

    return view


def _module(cohort: Cohort, module: Module) -> CohortModuleView:
    plan = cohort.plan_of(module.code)
    return CohortModuleView(
        code=module.code,
        title=module.title,
        required=module.required,
        topics=list(module.topics),
        partner=plan.partner or module.partner,
        minutes=plan.minutes,
        sessions=[
            SessionView(date=session.date, begin=session.begin, until=session.until, place=session.place)
            for session in plan.sessions
        ],
    )

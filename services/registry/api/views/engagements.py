"""Views of engagements and participations."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, Field

from services.registry import publishing
from services.registry.api.permissions import QUALIFY, REGISTER
from services.registry.api.views.people import LEVELS, Levels
from services.registry.api.views.proofs import (
    ClearanceView,
    StandingView,
    clearance_view,
    earlier_clearances,
    standings,
)
from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation, Urgency
from services.registry.domain.places import Programme
from shared.contracts.base import Since
from shared.kernel.dates import today
from shared.web.bodies import View
from shared.web.desk import RequestDesk


class EngagementView(View):
    """An engagement with the stage that follows from its facts."""

    person: str | None
    programme: str
    role: str
    date: str
    first: bool
    stage: str = Field(examples=["active"])
    site: str | None
    sites: list[Since]
    languages: Levels = LEVELS
    reach: list[str]
    topics: list[str]
    special_topics: int = Field(description="How many special topics she offers; which ones is not told.")
    qualified: list[str]
    modules_missing: list[str]
    needs_certificate: bool
    slots: list[str] = Field(examples=[["wed-pm"]])
    capacity: int
    gender: str | None
    gender_wish: str | None
    excluded: list[str] = Field(description="Participations that she is not to be paired with; for who may change it.")
    cohort: str | None
    certified_on: str | None
    clearance_until: str | None = Field(description="The day from which a proof that is needed holds no longer.")
    clearance: ClearanceView | None = Field(description="The one issued last; only for who may record it.")
    earlier_clearances: list[ClearanceView] = Field(description="Those issued before; only for who may record it.")
    proofs: list[StandingView] = Field(description="What the role needs; only for who may record it.")
    left_on: str | None


class UrgencyView(BaseModel):
    """Why somebody cannot wait, who said so, and until when."""

    reason: str | None = Field(
        None, description="Where one participation is read; lists leave it sealed.", examples=["birth_soon"]
    )
    by: str
    until: str


class ParticipationView(View):
    """A participation: the needs and where it stands. Reasons are told to those only who may change it."""

    family: str | None
    person: str | None
    programme: str
    date: str
    first: bool
    site: str | None
    districts: list[Since]
    languages: Levels = LEVELS
    not_wished: list[str]
    topics: list[str]
    special_topics: int = Field(description="How many special topics are needed; which ones is not told.")
    wishes: list[str]
    slots: list[str] = Field(examples=[["wed-pm"]])
    gender: str | None
    gender_wish: str | None
    urgent: bool
    urgency: UrgencyView | None = None
    interpreter: bool
    access_route: str | None
    excluded: list[str] = Field(description="Engagements not to be paired with; for who may change it.")
    guardians: list[str] = Field(description="Persons who may speak for a minor.")
    waiting_since: str | None
    ended_on: str | None
    ended_because: str | None


def engagement_view(desk: RequestDesk, programmes: Mapping[str, Programme]) -> Callable[[Engagement], EngagementView]:
    """The view of an engagement for this token; ``programmes`` has the programme of each that is shown."""
    day = today(desk.moment)

    def view(engagement: Engagement) -> EngagementView:
        programme = programmes[engagement.programme]
        stage = engagement.stage(programme, day)
        checks = desk.may(QUALIFY, **_where(engagement))
        return EngagementView(
            id=engagement.id,
            version=engagement.version,
            actions=_engagement_actions(desk, engagement, stage),
            person=engagement.person,
            programme=engagement.programme,
            role=engagement.role,
            date=engagement.date,
            first=engagement.first,
            stage=stage,
            site=engagement.place.site,
            sites=list(publishing.since(engagement.sites)),
            languages=engagement.languages or {},
            reach=list(engagement.reach),
            topics=list(engagement.topics),
            special_topics=len(engagement.special),
            qualified=list(engagement.qualified(programme)),
            modules_missing=list(engagement.missing(programme)),
            needs_certificate=engagement.needs_certificate(programme),
            slots=list(engagement.slots),
            capacity=engagement.capacity,
            gender=engagement.gender,
            gender_wish=engagement.gender_wish,
            excluded=list(engagement.excluded) if desk.may(REGISTER, **_where(engagement)) else [],
            cohort=engagement.cohort,
            certified_on=engagement.certified_on,
            clearance_until=engagement.proved_until(programme, day),
            clearance=clearance_view(engagement) if checks else None,
            earlier_clearances=earlier_clearances(engagement) if checks else [],
            proofs=standings(engagement, programme, day) if checks and engagement.person else [],
            left_on=engagement.left_on,
        )

    return view


def participation_view(desk: RequestDesk) -> Callable[[Participation], ParticipationView]:
    """The view of a participation for this token."""

    def view(participation: Participation) -> ParticipationView:
        place, urgency = participation.place, participation.urgency
        may = desk.may(REGISTER, programme=participation.programme, site=place.site, carrier=place.carrier)
        return ParticipationView(
            id=participation.id,
            version=participation.version,
            actions=_participation_actions(participation) if may else [],
            family=participation.family,
            person=participation.person,
            programme=participation.programme,
            date=participation.date,
            first=participation.first,
            site=place.site,
            districts=list(publishing.since(participation.districts)),
            languages=participation.languages or {},
            not_wished=list(participation.unwished),
            topics=list(participation.topics),
            special_topics=len(participation.special),
            wishes=list(participation.wishes),
            slots=list(participation.slots),
            gender=participation.gender,
            gender_wish=participation.gender_wish,
            urgent=participation.urgent,
            urgency=_urgency(urgency) if urgency is not None and may else None,
            interpreter=participation.interpreter,
            access_route=participation.access_route,
            excluded=list(participation.excluded) if may else [],
            guardians=list(participation.guardians) if may else [],
            waiting_since=participation.waiting_since,
            ended_on=participation.ended_on,
            ended_because=participation.ended_because,
        )

    return view


def _urgency(urgency: Urgency) -> UrgencyView:
    return UrgencyView(reason=urgency.reason, by=urgency.by, until=urgency.until)


def _participation_actions(participation: Participation) -> list[str]:
    if participation.family is None and participation.person is None:
        return []
    return ["change", "move", "end"] if participation.ended_on is None else ["reopen"]


def _engagement_actions(desk: RequestDesk, engagement: Engagement, stage: str) -> list[str]:
    if engagement.person is None or stage == "left":
        return []
    where = _where(engagement)
    found = (
        ["change", "move", "resume" if stage == "paused" else "pause", "leave"] if desk.may(REGISTER, **where) else []
    )
    if desk.may(QUALIFY, **where):
        found += ["clear", *(["certify"] if stage == "qualified" else [])]
    return found


def _where(engagement: Engagement) -> dict[str, Any]:
    place = engagement.place
    return {
        "programme": engagement.programme,
        "site": place.site,
        "carrier": place.carrier,
        "person": engagement.person,
    }

"""Those who wait, as they are answered."""

from pydantic import Field

from services.matching.api.permissions import PAIR
from services.matching.api.views import Reasons
from services.matching.api.words import worded
from services.matching.domain.waiting import Waiter
from shared.web.bodies import View
from shared.web.desk import RequestDesk

_REASONS = [[{"rule": "language", "mentors": 4, "title": "Gemeinsame Sprache"}]]


class WaitingView(View):
    """A participation that waits; ``id`` is the participation's. Special topics are not shown."""

    round: str
    programme: str
    district: str | None = None
    languages: list[str]
    topics: list[str]
    waiting_since: str
    urgent: bool
    reasons: Reasons = Field(examples=_REASONS)
    would_help: Reasons = Field(examples=[[{"rule": "clearance", "mentors": 1, "title": "Führungszeugnis"}]])


def waiting_view(desk: RequestDesk, waiter: Waiter) -> WaitingView:
    """One who waits."""
    pairs = desk.may(PAIR, programme=waiter.programme, site=waiter.sites or None, carrier=waiter.carriers or None)
    reasons = [{"rule": rule, "mentors": mentors} for rule, mentors in waiter.reasons]
    return WaitingView(
        id=waiter.id,
        version=waiter.version,
        actions=["candidates", "mentors", *(["pair"] if pairs else [])],
        round=waiter.round,
        programme=waiter.programme,
        district=waiter.district,
        languages=list(waiter.languages),
        topics=list(waiter.topics),
        waiting_since=waiter.waiting_since,
        urgent=waiter.urgent,
        reasons=[worded(reason, desk.language, "count") for reason in reasons],
        would_help=[worded(reason, desk.language, "help") for reason in waiter.would_help],
    )

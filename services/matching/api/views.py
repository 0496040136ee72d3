"""What matching answers, as OpenAPI tells it; and how aggregates become it."""

from typing import Any

from pydantic import BaseModel, Field

from services.matching import publishing
from services.matching.api.permissions import DECIDE, PAIR
from services.matching.api.words import worded
from services.matching.commands.hold_round import HeldRound
from services.matching.domain.proposals import DRAFT, Proposal, Round
from services.matching.domain.tandems import Tandem
from services.matching.domain.waiting import Waiter
from shared.web.bodies import View
from shared.web.desk import RequestDesk

Reasons = list[dict[str, Any]]
_WHY = [[{"rule": "language", "language": "ar", "level": "native", "title": "Gemeinsame Sprache"}]]
_REASONS = [[{"rule": "language", "mentors": 4, "title": "Gemeinsame Sprache"}]]


class ProposalView(View):
    """A pair that a round proposed, and what became of it."""

    round: str
    programme: str
    date: str
    engagement: str
    participation: str
    state: str = Field(examples=["draft"])
    because: str | None = None
    until: str | None = None
    tandem: str | None = None
    decided_at: str | None = None
    fit: dict[str, int] = Field(examples=[{"language": 300, "distance": 200, "total": 500}])
    why: Reasons = Field(examples=_WHY)


class TandemView(View):
    """A tandem with what is counted of it and its earlier versions."""

    engagement: str
    participation: str
    programme: str
    date: str
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    ended_on: str | None = None
    ended_because: str | None = None
    running: bool
    proposal: str | None = None
    recorded_at: str
    versions: list[dict[str, Any]] = Field(default_factory=list)


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


class RoundView(View):
    """A round: what it was about, what came out, and the proof that nothing better was possible."""

    programme: str
    date: str
    recorded_at: str
    counts: dict[str, int]
    input_sha256: str
    engine: str
    policy: dict[str, Any]
    objective: dict[str, Any] = Field(default_factory=dict)
    certificate: dict[str, Any] = Field(default_factory=dict)
    milliseconds: int
    left_out: list[dict[str, str]]
    unavailable: Reasons


class HeldRoundView(RoundView):
    """A round as it was held, with its proposals and those who wait."""

    proposals: list[ProposalView]
    waiting: list[WaitingView]


class CandidateView(BaseModel):
    """A mentor that fits. ``price`` is what her place was worth to others in the last round."""

    engagement: str
    fit: dict[str, int]
    price: int
    free_places: int


class OtherView(BaseModel):
    """A mentor that does not fit, and the rule she fails at first."""

    engagement: str
    reason: dict[str, Any] = Field(examples=[{"rule": "language", "language": "fa", "needed": "B1", "has": "A2"}])


class CandidatesView(BaseModel):
    """Candidates, best first; the others with their reason; what would help."""

    participation: str
    date: str
    candidates: list[CandidateView]
    others: list[OtherView]
    would_help: Reasons


def proposal_view(desk: RequestDesk, proposal: Proposal) -> ProposalView:
    """A proposal for this token."""
    decides = proposal.state == DRAFT and desk.may(
        DECIDE, programme=proposal.programme, site=proposal.sites or None, carrier=proposal.carriers or None
    )
    return ProposalView(
        id=proposal.id,
        version=proposal.version,
        actions=["accept", "reject"] if decides else [],
        round=proposal.round,
        programme=proposal.programme,
        date=proposal.date,
        engagement=proposal.engagement,
        participation=proposal.participation,
        state=proposal.state,
        because=proposal.because,
        until=proposal.until,
        tandem=proposal.tandem,
        decided_at=proposal.decided_at,
        fit=proposal.fit,
        why=[worded(reason, desk.language) for reason in proposal.why],
    )


def tandem_view(desk: RequestDesk, tandem: Tandem) -> TandemView:
    """A tandem for this token."""
    counted = tandem.counted
    ends = tandem.runs and desk.may(PAIR, programme=counted.programme, site=counted.site, carrier=counted.carrier)
    told = publishing.tandem_v1(tandem).model_dump(mode="json", exclude={"id", "status"})
    return TandemView(
        id=tandem.id,
        version=tandem.version,
        actions=["end"] if ends else [],
        running=tandem.runs,
        proposal=tandem.proposal,
        **told,
    )


def waiting_view(desk: RequestDesk, waiter: Waiter) -> WaitingView:
    """One who waits."""
    reasons = [{"rule": rule, "mentors": mentors} for rule, mentors in waiter.reasons]
    return WaitingView(
        id=waiter.id,
        version=waiter.version,
        actions=["candidates"],
        round=waiter.round,
        programme=waiter.programme,
        district=waiter.district,
        languages=list(waiter.languages),
        topics=list(waiter.topics),
        waiting_since=waiter.waiting_since,
        urgent=waiter.urgent,
        reasons=[worded(reason, desk.language) for reason in reasons],
        would_help=[worded(reason, desk.language) for reason in waiter.would_help],
    )


def round_view(desk: RequestDesk, held: Round, result: dict[str, Any] | None = None) -> RoundView:
    """A round; with its result also what it reached and the proof."""
    proof = {name: result[name] for name in ("objective", "certificate")} if result else {}
    return RoundView(
        id=held.id,
        version=held.version,
        actions=["instance"],
        programme=held.programme,
        date=held.date,
        recorded_at=held.recorded_at,
        counts=held.counts,
        input_sha256=held.input_sha256,
        engine=held.engine,
        policy=held.policy,
        milliseconds=held.milliseconds,
        left_out=list(held.left_out),
        unavailable=[
            {"engagement": key, **worded(reason, desk.language)} for key, reason in sorted(held.unavailable.items())
        ],
        **proof,
    )


def held_view(desk: RequestDesk, held: HeldRound, result: dict[str, Any]) -> HeldRoundView:
    """A round that has just been held."""
    return HeldRoundView(
        **round_view(desk, held.round, result).model_dump(),
        proposals=[proposal_view(desk, proposal) for proposal in held.proposals],
        waiting=[waiting_view(desk, waiter) for waiter in held.waiting],
    )

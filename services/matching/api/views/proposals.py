"""Proposals as they are answered."""

from pydantic import Field

from services.matching.api.permissions import DECIDE
from services.matching.api.views import Reasons
from services.matching.api.words import worded
from services.matching.domain.proposals import DRAFT, Proposal
from shared.web.bodies import View
from shared.web.desk import RequestDesk

_WHY = [[{"rule": "language", "language": "ar", "level": "native", "title": "Gemeinsame Sprache"}]]


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
        why=[worded(reason, desk.language, "fit") for reason in proposal.why],
    )

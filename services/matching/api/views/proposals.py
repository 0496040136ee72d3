"""Proposals as they are answered."""

from typing import Any

from pydantic import Field

from services.matching.api.act_words import because
from services.matching.api.both import may_decide, may_undo
from services.matching.api.views import Reasons
from services.matching.api.words import worded
from services.matching.domain.proposals import DRAFT, PROPOSED, Proposal
from shared.web.bodies import View
from shared.web.desk import RequestDesk

_WHY = [[{"rule": "language", "language": "ar", "level": "native", "title": "Gemeinsame Sprache"}]]
_ANSWERS = [{"mentor": {"said": "yes", "on": "2026-01-17"}}]


class ProposalView(View):
    """A pair that a round proposed, what both sides have said to it, and what became of it."""

    round: str
    programme: str
    date: str
    engagement: str
    participation: str
    state: str = Field(examples=["draft"])
    because: str | None = None
    because_title: str | None = Field(default=None, examples=["Die Familie hat abgelehnt."])
    side: str | None = Field(default=None, examples=["family"])
    until: str | None = None
    tandem: str | None = None
    decided_at: str | None = None
    drafted_at: str | None = None
    told_on: str | None = None
    expires_on: str | None = None
    answers: dict[str, dict[str, str]] = Field(default_factory=dict, examples=_ANSWERS)
    pinned: bool = False
    fit: dict[str, int] = Field(examples=[{"language": 300, "distance": 200, "total": 500}])
    why: Reasons = Field(examples=_WHY)


def proposal_view(desk: RequestDesk, proposal: Proposal) -> ProposalView:
    """A proposal for this token."""
    names: dict[str, Any] = {name: getattr(proposal, name) for name in _SAME}
    return ProposalView(
        **names,
        actions=_actions(desk, proposal),
        because_title=because(proposal.because, desk.language),
        answers={side: {"said": one.said, "on": one.on} for side, one in proposal.answers.items()},
        why=[worded(reason, desk.language, "fit") for reason in proposal.why],
    )


_SAME = tuple(name for name in ProposalView.model_fields if name not in ("actions", "because_title", "answers", "why"))


def _actions(desk: RequestDesk, proposal: Proposal) -> list[str]:
    """What the caller may do now: a yes needs both sides in reach, a no and an answer one."""
    one, both = may_decide(desk, proposal)
    if proposal.state == DRAFT:
        return (["accept", "propose"] if both else []) + (["reject"] if one else [])
    if proposal.state == PROPOSED:
        return (["accept"] if both else []) + (["answer", "reject"] if one else [])
    return ["undo"] if proposal.may_undo(desk.moment) and may_undo(desk, proposal) else []

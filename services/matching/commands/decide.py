"""Rejecting a proposal: the pair is excluded from then on, for ever or until a day."""

from dataclasses import dataclass

from services.matching.domain.proposals import Proposal
from services.matching.store import PROPOSALS
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class RejectProposal:
    """A coordinator's no, its reason as a code, and the day from which the pair may be proposed again."""

    proposal: str
    reason: str
    until: str | None = None


async def reject_proposal(work: Work, command: RejectProposal) -> Proposal:
    """The proposal, rejected. Raises ``Conflict("already-decided")``."""
    proposal = await PROPOSALS.get(work, command.proposal)
    rejected = proposal.rejected(command.reason, command.until, work.now)
    return await PROPOSALS.save(work, rejected, "rejected", ("state", "because", "until"))

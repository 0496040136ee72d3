"""The acts on a proposal: who may, and what is then run. The same for one and for many at once."""

from collections.abc import Awaitable, Callable

from services.matching.api.bodies.proposals import AcceptBody, AnswerBody, ProposeBody, RejectBody
from services.matching.api.both import reached_proposal, require_both, require_side
from services.matching.api.rounds import CONSENTS
from services.matching.commands.begin_tandem import AcceptProposal, accept_proposal
from services.matching.commands.decide import AnswerProposal, ProposeToBoth, RejectProposal, propose, reject_proposal
from services.matching.commands.decide import answer as answer_proposal
from services.matching.domain.proposals import Proposal
from services.matching.domain.tandems import Tandem
from shared.messaging.freshness import require_fresh
from shared.storage.work import Work
from shared.web.desk import RequestDesk

DecidesProposal = Callable[[Work], Awaitable[Proposal]]
BeginsTandem = Callable[[Work], Awaitable[Tandem]]


async def accepting(desk: RequestDesk, key: str, body: AcceptBody) -> BeginsTandem:
    """Whoever accepts reaches both sides; consents are as fresh as can be."""
    proposal = await reached_proposal(desk, key)
    await require_both(desk, proposal.engagement, proposal.participation)
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    command = AcceptProposal(key, body.date, body.answers is not None, body.because, body.signed_on)
    return lambda work: accept_proposal(work, command)


async def proposing(desk: RequestDesk, key: str, body: ProposeBody) -> DecidesProposal:
    """As for accepting: telling both is the step to it."""
    proposal = await reached_proposal(desk, key)
    await require_both(desk, proposal.engagement, proposal.participation)
    await require_fresh(desk.store, CONSENTS, "consents-stale")
    command = ProposeToBoth(key, body.on, body.expires_on)
    return lambda work: propose(work, command)


async def answering(desk: RequestDesk, key: str, body: AnswerBody) -> DecidesProposal:
    """A side's answer is written down by whoever reaches that side."""
    proposal = await reached_proposal(desk, key)
    await require_side(desk, proposal, body.side)
    command = AnswerProposal(key, body.side, body.answer, body.on, body.reason, body.until)
    return lambda work: answer_proposal(work, command)


async def rejecting(desk: RequestDesk, key: str, body: RejectBody) -> DecidesProposal:
    """Either side may say no."""
    await reached_proposal(desk, key)
    command = RejectProposal(key, body.reason, body.until, body.side)
    return lambda work: reject_proposal(work, command)

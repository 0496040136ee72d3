"""What a person does with a proposal besides accepting it: tell both, write down their answers, reject."""

from dataclasses import dataclass
from typing import Literal

from services.matching.commands.begin_tandem import require_pair, require_rules
from services.matching.domain.proposals import PROPOSED, Proposal
from services.matching.domain.reasons import OneOfTwo, Side, side_of
from services.matching.store import PROPOSALS, known, pins, places, pool
from services.matching.store.policies import policy_of
from shared.kernel.dates import days_after
from shared.kernel.errors import Conflict
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class ProposeToBoth:
    """Both were told on that day, and may answer until ``expires_on``; without it as long as the policy says."""

    proposal: str
    on: str | None = None
    expires_on: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """What one side said. A no has a reason, and keeps the pair apart until a day."""

    proposal: str
    side: OneOfTwo
    answer: Literal["yes", "no"]
    on: str | None = None
    reason: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class RejectProposal:
    """A coordinator's no, its reason as a code, and the day from which the pair may be proposed again."""

    proposal: str
    reason: str
    until: str | None = None
    side: Side | None = None


async def propose(work: Work, command: ProposeToBoth) -> Proposal:
    """The proposal, told to both; from now on no round moves either of them.

    Raises ``Conflict`` (``already-decided``, ``already-told``, ``already-in-a-tandem``, ``places-full``,
    ``proposal-outdated``) and all that forbids a pair.
    """
    proposal = await PROPOSALS.get(work, command.proposal)
    day = command.on or work.today
    policy = await policy_of(work, proposal.programme, day)
    told = proposal.told(day, command.expires_on or days_after(day, policy.proposal_days), work.now)
    engagement = await known.engagement(work, proposal.engagement)
    participation = await known.participation(work, proposal.participation)
    await require_pair(work, engagement, participation, max(day, work.today))
    if not proposal.pinned:
        await require_rules(work, engagement, participation, max(day, work.today))
    await _require_places(work, proposal, engagement.capacity)
    await pool.meet_rounds(work, proposal.programme)
    for side in (engagement.id, participation.id):
        await places.meet(work, side)
    return await PROPOSALS.save(work, told, "proposed", ("state", "told_on", "expires_on"))


async def answer(work: Work, command: AnswerProposal) -> Proposal:
    """The proposal with one side's answer; a no rejects it. Raises ``Conflict`` (``not-told``, ``already-decided``)."""
    proposal = await PROPOSALS.get(work, command.proposal)
    answered = proposal.answered(command.side, command.on or work.today, work.now)
    if command.answer == "yes":
        return await PROPOSALS.save(work, answered, "answered", (f"answers.{command.side}",))
    policy = await policy_of(work, proposal.programme, work.today)
    until = command.until or days_after(work.today, policy.again_days)
    reason = command.reason or f"declined_by_{command.side}"
    return await reject_proposal(work, RejectProposal(proposal.id, reason, until, command.side))


async def reject_proposal(work: Work, command: RejectProposal) -> Proposal:
    """The proposal, rejected. Raises ``Conflict("already-decided")``."""
    proposal = await PROPOSALS.get(work, command.proposal)
    side = side_of(command.reason, command.side)
    rejected = proposal.rejected(command.reason, command.until, work.now, side)
    mentors = await known.engagements(work, [proposal.engagement])
    families = await known.participations(work, [proposal.participation])
    named = rejected.naming(
        next((one.person for one in mentors), None), next((one.family or one.person for one in families), None)
    )
    # A round that is being solved may propose the same two again: it must see this no.
    await pool.meet_rounds(work, proposal.programme)
    await pins.lift(work, {"engagement": proposal.engagement, "participation": proposal.participation}, command.reason)
    return await PROPOSALS.save(work, named, "rejected", ("state", "because", "until", "side"))


async def _require_places(work: Work, proposal: Proposal, capacity: int) -> None:
    """Nobody is told of two at once, and no mentor of more than she has places for."""
    if await places.running(work, proposal.participation):
        raise Conflict("already-in-a-tandem")
    sides = [{"engagement": proposal.engagement}, {"participation": proposal.participation}]
    told = await PROPOSALS.find(work, {"$or": sides, "state": PROPOSED})
    if any(one.participation == proposal.participation for one in told):
        raise Conflict("told-of-another")
    taken = len(await places.running(work, proposal.engagement)) + len(told)
    if taken >= capacity:
        raise Conflict("places-full", params={"places": capacity, "running": taken})

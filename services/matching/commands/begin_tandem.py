"""A tandem begins: by accepting a proposal, or by hand; the same checks for both, all in one transaction."""

from dataclasses import dataclass
from typing import get_args

from services.matching.domain.availability import unavailable
from services.matching.domain.explanation import Reason
from services.matching.domain.known import Engagement, Participation, Programme, exclude_each_other, site_on
from services.matching.domain.pair_rules import rule_broken
from services.matching.domain.pool import pool_file
from services.matching.domain.proposals import DRAFT, LIVE, PROPOSED, Proposal
from services.matching.domain.reasons import ByHandReason
from services.matching.domain.tandems import INTRODUCTION, Step, Tandem, counted_at
from services.matching.store import PROPOSALS, TANDEMS, known, pins, places, policies, pool, rejections, waiting
from shared.kernel.errors import Conflict, Finding, Refused
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class BeginTandem:
    """A pair made by hand; ``date`` is the day it begins, ``because`` why it is another than the one proposed."""

    id: str
    engagement: str
    participation: str
    date: str
    proposal: str | None = None
    because: str | None = None
    signed_on: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptProposal:
    """A coordinator's yes; without ``date`` the tandem begins today.

    ``both_said_yes``: she says so herself, in this act. Of a draft that is what an accept means.
    """

    proposal: str
    date: str | None = None
    both_said_yes: bool = False
    because: str | None = None
    signed_on: str | None = None


async def accept_proposal(work: Work, command: AcceptProposal) -> Tandem:
    """The tandem. Raises ``Conflict`` (``already-decided``, ``proposal-outdated``), ``Refused("answers-missing")``.

    And all that ``begin_tandem`` raises.
    """
    proposal = await PROPOSALS.get(work, command.proposal)
    tandem, day = work.new_id("tan"), command.date or work.today
    if command.both_said_yes or proposal.state == DRAFT:
        proposal = proposal.with_yes_of_both(day, work.now)
    await PROPOSALS.save(work, proposal.accepted(tandem, work.now), "accepted", ("state", "answers", "tandem"))
    begin = BeginTandem(
        id=tandem,
        engagement=proposal.engagement,
        participation=proposal.participation,
        date=day,
        proposal=proposal.id,
        because=command.because,
        signed_on=command.signed_on,
    )
    return await begin_tandem(work, begin, keeps_rules=not proposal.pinned and command.because is None)


async def begin_tandem(work: Work, command: BeginTandem, *, keeps_rules: bool = False) -> Tandem:
    """The tandem, told; other proposals for the participation expire, its pins are lifted, its waiting ends.

    Raises ``Conflict`` (``places-full``, ``already-in-a-tandem``, ``participation-ended``, ``engagement-ended``),
    ``Refused`` with the code of the rule that forbids the pair or ``departure-reason-missing``, and ``NotYetKnown``.
    ``keeps_rules``: also ``Conflict("proposal-outdated")`` where a rule of the round no longer lets the pair pass.
    """
    engagement = await known.engagement(work, command.engagement)
    participation = await known.participation(work, command.participation)
    programme = await known.programme(work, participation.programme)
    await _require_same_pool(work, programme, engagement, command.date)
    await require_pair(work, engagement, participation, command.date)
    await places.require_free(work, engagement.id, participation.id, engagement.capacity)
    # From here on nobody else of the programme goes on: what is looked at now is not looked at in vain.
    await pool.meet_rounds(work, programme.slug)
    if keeps_rules:
        await require_rules(work, engagement, participation, command.date)
    instead_of = await _instead_of(work, engagement, participation, command)
    await places.take(work, command.id, engagement.id, participation.id, engagement.capacity)
    await settle(work, participation.id)
    site = site_on(command.date, participation, engagement)
    where = known.where(await known.carriers(work), site, participation, command.date)
    tandem = Tandem(
        id=command.id,
        engagement=engagement.id,
        participation=participation.id,
        counted=counted_at(command.date, programme.slug, where),
        recorded_at=work.now,
        proposal=command.proposal,
        steps=(Step(INTRODUCTION, command.date, work.now),),
        because=command.because,
        instead_of=instead_of,
        signed_on=command.signed_on,
    )
    return await TANDEMS.save(work, tandem, "begun")


async def settle(work: Work, participation: str) -> None:
    """Whoever has a mentor is proposed nobody, pinned to nobody, and waits no longer."""
    await pool.expire_drafts(work, {"participation": participation}, "tandem_begun")
    await pins.lift(work, {"participation": participation}, "tandem_begun")
    await waiting.no_longer(work, participation)


def require_in_period(programme: Programme, day: str) -> None:
    """Raises ``Refused("outside-programme")`` with the period for a day on which nothing of the programme begins."""
    if not programme.begins_on(day):
        raise Refused("outside-programme", (Finding("/date", "outside-programme", programme.period_in_words),))


async def _require_same_pool(work: Work, programme: Programme, engagement: Engagement, day: str) -> None:
    if engagement.programme not in await policies.group_of(work, programme.slug, day):
        raise Refused("other-programme", (Finding("/engagement", "other-programme", programme.slug),))
    require_in_period(programme, day)


async def require_pair(work: Work, engagement: Engagement, participation: Participation, day: str) -> None:
    """Raises ``Conflict`` or ``Refused`` with the code of what forbids the pair on that day, whoever wants it."""
    if engagement.has_gone:
        raise Conflict("engagement-ended")
    if participation.has_gone:
        raise Conflict("participation-ended")
    reason = unavailable(engagement, day)
    if reason is not None:
        raise _refusal(reason)
    consents = await known.consents(work, day, participation.subjects, today=work.today)
    if not consents.allows_matching(participation):
        raise Refused("consent")
    # A day in the future outlives no rejection: it stands until that day has come.
    rejected = await rejections.between(work, [engagement], [participation], min(day, work.today))
    if rejected or exclude_each_other(engagement, participation):
        raise Refused("exclusion")


async def require_rules(work: Work, engagement: Engagement, participation: Participation, day: str) -> None:
    """Raises ``Conflict("proposal-outdated")`` with the rule of the file that the pair fails by now."""
    broken = rule_broken(pool_file(await pool.pool_of_pair(work, engagement, participation, day, work.today)))
    if broken is not None:
        raise Conflict("proposal-outdated", params={"rule": broken})


async def _instead_of(
    work: Work, engagement: Engagement, participation: Participation, command: BeginTandem
) -> str | None:
    """The proposal that named somebody else for one of the two; the person then says why she departs from it."""
    sides = [{"participation": participation.id}, {"engagement": engagement.id}]
    live = await PROPOSALS.find(work, {"$or": sides, "state": {"$in": list(LIVE)}}, sort=[("_id", 1)])
    others = [one for one in live if (one.engagement, one.participation) != (engagement.id, participation.id)]
    found = [one for one in others if one.participation == participation.id]
    # Drafts for a mentor's places compete with each other; who was told, or is passed over by hand, is another thing.
    hers = [one for one in others if one not in found and (command.proposal is None or one.state == PROPOSED)]
    found += await _without_place(work, engagement, hers)
    if not found:
        return None
    if command.because is None:
        expected = ", ".join(get_args(ByHandReason))
        raise Refused(
            "departure-reason-missing",
            (Finding("/because", "departure-reason-missing", expected),),
            params={"proposal": found[0].id},
        )
    return found[0].id


async def _without_place(work: Work, engagement: Engagement, others: list[Proposal]) -> list[Proposal]:
    """The mentor's proposals for others, where she has no place for one of them if she takes one more."""
    free = engagement.capacity - len(await places.running(work, engagement.id))
    return others if 0 < free < len(others) + 1 else []


def _refusal(reason: Reason) -> Refused:
    return Refused(str(reason["rule"]), params={name: value for name, value in reason.items() if name != "rule"})

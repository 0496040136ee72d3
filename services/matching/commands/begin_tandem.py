"""A tandem begins: by accepting a proposal, or by hand; the same checks for both, all in one transaction."""

from dataclasses import dataclass

from services.matching.domain.availability import unavailable
from services.matching.domain.explanation import Reason
from services.matching.domain.known import Engagement, Participation, Programme, exclude_each_other, site_on
from services.matching.domain.tandems import Tandem, counted_at
from services.matching.store import PROPOSALS, TANDEMS, known, places, policies, pool, waiting
from shared.kernel.errors import Conflict, Finding, Refused
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class BeginTandem:
    """A pair made by hand; ``date`` is the day it begins."""

    id: str
    engagement: str
    participation: str
    date: str
    proposal: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptProposal:
    """A coordinator's yes; without ``date`` the tandem begins today."""

    proposal: str
    date: str | None = None


async def accept_proposal(work: Work, command: AcceptProposal) -> Tandem:
    """The tandem. Raises ``Conflict("already-decided")`` and all that ``begin_tandem`` raises."""
    proposal = await PROPOSALS.get(work, command.proposal)
    tandem = work.new_id("tan")
    await PROPOSALS.save(work, proposal.accepted(tandem, work.now), "accepted")
    begin = BeginTandem(
        id=tandem,
        engagement=proposal.engagement,
        participation=proposal.participation,
        date=command.date or work.today,
        proposal=proposal.id,
    )
    return await begin_tandem(work, begin)


async def begin_tandem(work: Work, command: BeginTandem) -> Tandem:
    """The tandem, told; other drafts for the participation expire, its waiting ends.

    Raises ``Conflict`` (``places-full``, ``already-in-a-tandem``, ``participation-ended``, ``engagement-ended``),
    ``Refused`` with the code of the rule that forbids the pair, and ``NotYetKnown``.
    """
    engagement = await known.engagement(work, command.engagement)
    participation = await known.participation(work, command.participation)
    programme = await known.programme(work, participation.programme)
    await _require_same_pool(work, programme, engagement, command.date)
    await _require_pair(work, engagement, participation, command.date)
    await pool.meet_rounds(work, programme.slug)
    await places.take(work, command.id, engagement.id, participation.id, engagement.capacity)
    await pool.expire_drafts(work, {"participation": participation.id}, "tandem_begun")
    await waiting.no_longer(work, participation.id)
    site = site_on(command.date, participation, engagement)
    where = known.where(await known.carriers(work), site, participation, command.date)
    tandem = Tandem(
        id=command.id,
        engagement=engagement.id,
        participation=participation.id,
        counted=counted_at(command.date, programme.slug, where),
        recorded_at=work.now,
        proposal=command.proposal,
    )
    return await TANDEMS.save(work, tandem, "begun")


def require_in_period(programme: Programme, day: str) -> None:
    """Raises ``Refused("outside-programme")`` with the period for a day on which nothing of the programme begins."""
    if not programme.begins_on(day):
        raise Refused("outside-programme", (Finding("/date", "outside-programme", programme.period_in_words),))


async def _require_same_pool(work: Work, programme: Programme, engagement: Engagement, day: str) -> None:
    if engagement.programme not in await policies.group_of(work, programme.slug, day):
        raise Refused("other-programme", (Finding("/engagement", "other-programme", programme.slug),))
    require_in_period(programme, day)


async def _require_pair(work: Work, engagement: Engagement, participation: Participation, day: str) -> None:
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
    rejected = await pool.rejection_stands(work, engagement.id, participation.id, day)
    if rejected or exclude_each_other(engagement, participation):
        raise Refused("exclusion")


def _refusal(reason: Reason) -> Refused:
    return Refused(str(reason["rule"]), params={name: value for name, value in reason.items() if name != "rule"})

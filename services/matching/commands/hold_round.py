"""A round is stored: its proposals as drafts, who waits and why. Solving it came before, in another process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.matching.commands.drop_special import drop_special
from services.matching.commands.round_record import HoldRound, record_of, store_files
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.pair_reasons import PairReasons
from services.matching.domain.proposals import Proposal
from services.matching.domain.rounds import Round
from services.matching.domain.waiting import Waiter, reasons_of
from services.matching.store import ROUNDS, known, places, pool, waiting
from shared.kernel.dates import value_on
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class HeldRound:
    """The round, its proposals, who waits after it, and the result document."""

    round: Round
    proposals: tuple[Proposal, ...]
    waiting: tuple[Waiter, ...]
    result: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The round's id."""
        return self.round.id

    @property
    def version(self) -> int:
        """The round's version."""
        return self.round.version


async def hold_round(work: Work, command: HoldRound) -> HeldRound:
    """Stores all of it in one transaction; older drafts of the programme expire.

    Whoever has got a tandem since the pool was read is left out. Raises ``Conflict("round-in-progress")`` where
    another round of the programme was held meanwhile.
    """
    slug, result = command.pool.programme.slug, command.result
    await pool.next_round(work, slug, command.expected, command.id)
    for other in command.pool.slugs[1:]:
        await pool.meet_rounds(work, other)
    families = [pair["family"] for pair in result["pairs"]] + [one["family"] for one in result["waiting"]]
    settled = await places.settled(work, families)
    sides = await _sides(work, command)
    drafts = [_proposal(work, command, pair, sides) for pair in result["pairs"] if pair["family"] not in settled]
    waiters = [waiter for waiter in _waiters(command, sides) if waiter.id not in settled]
    await pool.expire_drafts(work, {"programme": {"$in": list(command.pool.slugs)}}, "newer_round")
    proposals = await pool.store_proposals(work, drafts, "drafted")
    await waiting.after_round(work, command.pool.slugs, waiters)
    await drop_special(work, slug)
    await store_files(work, command)
    held = await ROUNDS.save(work, record_of(command, work, len(proposals), len(waiters)), "held")
    return HeldRound(held, tuple(proposals), tuple(waiters), result)


@dataclass(frozen=True, slots=True)
class _Sides:
    engagements: Mapping[str, Engagement]
    participations: Mapping[str, Participation]
    carriers: known.Carriers
    reasons: PairReasons


async def _sides(work: Work, command: HoldRound) -> _Sides:
    source = command.pool
    return _Sides(
        engagements={one.id: one for one in source.engagements},
        participations={one.id: one for one in source.participations},
        carriers=await known.carriers(work),
        reasons=PairReasons.of(source, command.file),
    )


def _proposal(work: Work, command: HoldRound, pair: Mapping[str, Any], sides: _Sides) -> Proposal:
    engagement, participation = sides.engagements[pair["mentor"]], sides.participations[pair["family"]]
    day = command.pool.date
    sites, carriers = known.places_of(sides.carriers, day, engagement, participation)
    return Proposal(
        id=work.new_id("prp"),
        round=command.id,
        programme=participation.programme,
        date=day,
        engagement=engagement.id,
        participation=participation.id,
        fit=dict(pair["fit"]),
        why=sides.reasons.told(pair),
        sites=sites,
        carriers=carriers,
    )


def _waiters(command: HoldRound, sides: _Sides) -> list[Waiter]:
    found: list[Waiter] = []
    for entry in command.result["waiting"]:
        one = sides.participations[entry["family"]]
        sites, carriers = known.places_of(sides.carriers, command.pool.date, one)
        waiter = Waiter(
            id=one.id,
            round=command.id,
            programme=one.programme,
            district=value_on(one.districts, command.pool.date),
            languages=one.helpful_languages,
            topics=tuple(sorted(one.topics)),
            waiting_since=one.waits_since,
            reasons=reasons_of(entry["first_failed"], command.file),
            would_help=command.helps[one.id],
            urgent=one.urgent,
            sites=sites,
            carriers=carriers,
        )
        found.append(waiter)
    return found

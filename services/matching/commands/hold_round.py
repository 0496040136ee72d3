"""A round is stored: its proposals as drafts, who waits and why. Solving it came before, in another process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.matching.commands.drafts import Drafts, drafts_of
from services.matching.commands.drop_special import drop_special
from services.matching.commands.round_record import HoldRound, record_of, store_files
from services.matching.domain.explanation import Reason
from services.matching.domain.known import Participation
from services.matching.domain.pins import Pin
from services.matching.domain.proposals import Proposal
from services.matching.domain.rounds import Round
from services.matching.domain.waiting import Waiter, reasons_of
from services.matching.store import ROUNDS, known, pins, pool, waiting
from services.matching.store.now import Now, read_now
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
    """Stores all of it in one transaction. A draft that is proposed again keeps its id, all others expire.

    Everybody concerned is read again: whoever has got a tandem, has ended, was erased, rejected or told since the pool
    was read is left out. Raises ``Conflict("round-in-progress")`` where another round of the programme was held.
    """
    slug = command.pool.programme.slug
    await pool.next_round(work, slug, command.expected, command.id)
    for other in command.pool.slugs[1:]:
        await pool.meet_rounds(work, other)
    pinned = await pins.in_pool(work, command.pool.slugs, command.pool.date)
    now = await _read_now(work, command, pinned)
    carriers = await known.carriers(work)
    drafts = drafts_of(command, now, pinned, carriers, work.now)
    proposals = await _store(work, command.id, drafts, now)
    waiters = _waiters(command, now, drafts, carriers)
    await waiting.after_round(work, command.pool.slugs, waiters)
    await drop_special(work, slug)
    await store_files(work, command)
    held = await ROUNDS.save(work, record_of(command, work, len(proposals), len(waiters)), "held")
    return HeldRound(held, tuple(proposals), tuple(waiters), command.result)


async def _read_now(work: Work, command: HoldRound, pinned: Sequence[Pin]) -> Now:
    pairs, left = command.result["pairs"], command.result["waiting"]
    mentors = {pair["mentor"] for pair in pairs} | {pin.engagement for pin in pinned}
    families = {one["family"] for one in (*pairs, *left)} | {pin.participation for pin in pinned}
    return await read_now(work, command.pool.slugs, sorted(mentors), sorted(families), command.pool.date)


async def _store(work: Work, round_id: str, drafts: Drafts, now: Now) -> list[Proposal]:
    """All in one write a kind; what was drafted, kept and overtaken is noted once each, about the round."""
    expired = [one.expired("newer_round", work.now) for one in drafts.overtaken(now)]
    found: list[Proposal] = []
    for fact, proposals in (("expired", expired), ("drafted-again", drafts.kept), ("drafted", drafts.fresh)):
        saved = await pool.store_proposals(work, proposals, fact)
        if saved:
            work.note(f"proposals.{fact}", round_id)
        if fact != "expired":
            found += saved
    return found


def _waiters(command: HoldRound, now: Now, drafts: Drafts, carriers: known.Carriers) -> list[Waiter]:
    """Those whom the solver left, and those whose pair no longer holds; nobody who is gone, told or in a tandem."""
    told = {one.participation for one in (*now.told, *drafts.kept, *drafts.fresh)}
    # As the pool had them, which has seen since when they wait.
    sides = {**now.participations, **{one.id: one for one in command.pool.participations}}
    found = [
        _waiter(command, sides[key], carriers, reasons_of(entry["first_failed"], command.file), command.helps[key])
        for entry in command.result["waiting"]
        if now.waits(key := entry["family"]) and key not in told
    ]
    dropped = sorted(drafts.dropped.items())
    return found + [_waiter(command, sides[key], carriers, ((code, 1),)) for key, code in dropped if now.waits(key)]


def _waiter(
    command: HoldRound,
    one: Participation,
    carriers: known.Carriers,
    reasons: tuple[tuple[str, int], ...],
    would_help: tuple[Reason, ...] = (),
) -> Waiter:
    sites, there = known.places_of(carriers, command.pool.date, one)
    return Waiter(
        id=one.id,
        round=command.id,
        programme=one.programme,
        district=value_on(one.districts, command.pool.date),
        languages=one.helpful_languages,
        topics=tuple(sorted(one.topics)),
        waiting_since=one.waits_since,
        reasons=reasons,
        would_help=would_help,
        urgent=one.urgent,
        sites=sites,
        carriers=there,
    )

"""Why one engagement is no proposal for one participation: as things are now, or in a round."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.pool import Pool, pool_file
from services.matching.domain.rounds import Round
from services.matching.domain.solved import SolvedRound
from services.matching.domain.why_not import MentorFacts, Verdict, judge, reason_now
from services.matching.queries.solved import SolvedRounds
from services.matching.store import ROUNDS, known, places
from services.matching.store.pairs import pool_of_pair
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Told:
    """The verdict on a pair, the day that it is about, and the round that it is of (``None``: of none)."""

    verdict: Verdict
    date: str
    round: str | None = None


async def why_not_in(
    reader: Reader, rounds: SolvedRounds, held: Round, engagement: Engagement, participation: Participation
) -> Told:
    """In a round. Raises ``Refused("not-in-round")`` where one of the two was not looked at in it."""
    solved = await rounds.of(reader, held)
    faults: list[Finding] = []
    if engagement.id not in solved.mentors and engagement.id not in solved.unavailable:
        faults.append(Finding("/engagement", "not-in-round"))
    if participation.id not in solved.families:
        faults.append(Finding("/participation", "not-in-round"))
    if faults:
        raise Refused("not-in-round", tuple(faults))
    programme = await known.programme(reader, held.programme)
    facts = facts_in(solved, engagement)
    # In a large round it may take a fifth of a second: beside the loop.
    verdict = await asyncio.to_thread(judge, solved, programme, facts, engagement.id, participation.id)
    return Told(verdict, held.date, held.id)


async def why_not_now(
    reader: Reader, rounds: SolvedRounds, engagement: Engagement, participation: Participation, day: str
) -> Told:
    """The rule that the pair fails on a day; where it fails none, what the programme's last round says."""
    reason = await _fails(reader, engagement, participation, day)
    if reason is not None:
        return Told(reason, day)
    newest = await ROUNDS.find(reader, {"programme": participation.programme}, sort=[("recorded_at", -1)], limit=1)
    if newest:
        solved = await rounds.of(reader, newest[0])
        if engagement.id in solved.mentors and participation.id in solved.families:
            told = await why_not_in(reader, rounds, newest[0], engagement, participation)
            if told.verdict.proof is not None or told.verdict.why:
                return told
    return Told(Verdict({"rule": "undecided"}), day)


async def _fails(reader: Reader, engagement: Engagement, participation: Participation, day: str) -> Verdict | None:
    pool = await pool_of_pair(reader, engagement, participation, day)
    if (engagement.id, participation.id) in pool.running:
        return Verdict({"rule": "together"})
    if engagement.has_gone or participation.has_gone:
        return Verdict({"rule": "ended"})
    if engagement.programme != participation.programme:
        return Verdict({"rule": "other-programme"})
    reason = _rule(pool, engagement, participation)
    if reason is None and await places.running(reader, participation.id):
        return Verdict({"rule": "accompanied"})
    return reason


def _rule(pool: Pool, engagement: Engagement, participation: Participation) -> Verdict | None:
    file = pool_file(pool)
    if engagement.id in file.unavailable:
        return Verdict(file.unavailable[engagement.id])
    if file.left_out:
        first = file.left_out[0]
        return Verdict({"rule": "left-out", "side": first.id, "pointer": first.pointer})
    instance = read_instance(file.document)
    facts = MentorFacts(engagement.modules_missing, engagement.capacity, len(pool.running))
    reason = reason_now(instance, pool.programme, facts, engagement.id, participation.id)
    return None if reason is None else Verdict(reason)


def facts_in(solved: SolvedRound, engagement: Engagement) -> MentorFacts:
    """What else is known of a mentor in a round: her places and those taken as the file has them."""
    mentor = solved.mentors.get(engagement.id)
    taken = Counter(solved.frozen.values())[engagement.id]
    return MentorFacts(engagement.modules_missing, mentor.capacity if mentor else 0, taken)

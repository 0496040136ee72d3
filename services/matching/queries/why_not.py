"""Why one engagement is no proposal for one participation: as things are now, or in a round."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace

from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.pool import Pool, pool_file
from services.matching.domain.rounds import Round
from services.matching.domain.solved import SolvedRound
from services.matching.domain.why_not import MentorFacts, Verdict, judge, reason_now
from services.matching.queries.solved import SolvedRounds
from services.matching.store import ROUNDS, TANDEMS, known, pins, places
from services.matching.store.pool import pool_of_pair
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
    programme = await known.programme(reader, engagement.programme)
    facts = facts_in(solved, engagement)
    # In a large round it may take a fifth of a second: beside the loop.
    verdict = await asyncio.to_thread(judge, solved, programme, facts, engagement.id, participation.id)
    return Told(verdict, held.date, held.id)


async def why_not_now(
    reader: Reader, rounds: SolvedRounds, engagement: Engagement, participation: Participation, days: tuple[str, str]
) -> Told:
    """The rule that the pair fails on a day; where it fails none, what the last round says. ``days``: and today."""
    source = await pool_of_pair(reader, engagement, participation, *days)
    reason = await _fails(reader, source, engagement, participation)
    if reason is not None:
        return Told(reason, days[0])
    newest = await ROUNDS.find(reader, {"programme": source.programme.slug}, sort=[("recorded_at", -1)], limit=1)
    if newest:
        solved = await rounds.of(reader, newest[0])
        if engagement.id in solved.mentors and participation.id in solved.families:
            told = await why_not_in(reader, rounds, newest[0], engagement, participation)
            if told.verdict.proof is not None or told.verdict.why:
                return told
    return Told(Verdict({"rule": "undecided"}), days[0])


async def _fails(reader: Reader, source: Pool, engagement: Engagement, participation: Participation) -> Verdict | None:
    tandems = await TANDEMS.find(reader, {"engagement": engagement.id, "counted.ended_on": None})
    running = tuple((one.engagement, one.participation) for one in tandems)
    if (engagement.id, participation.id) in running:
        return Verdict({"rule": "together"})
    if engagement.has_gone or participation.has_gone:
        return Verdict({"rule": "ended"})
    if engagement.programme not in source.slugs:
        return Verdict({"rule": "other-programme"})
    # Whoever was told, or is pinned, stands where a round would leave her: the rule says so only if no other does.
    held = await pins.held(reader, source.slugs, source.date)
    pair = (engagement.id, participation.id)
    hers = tuple(one for one in held if one[0] == engagement.id and one != pair)
    reason = _rule(replace(source, running=(*running, *hers)), engagement, participation)
    if reason is None and pair in held:
        return Verdict({"rule": "together"})
    settled = await places.running(reader, participation.id) or any(one[1] == participation.id for one in held)
    return Verdict({"rule": "accompanied"}) if reason is None and settled else reason


def _rule(pool: Pool, engagement: Engagement, participation: Participation) -> Verdict | None:
    file = pool_file(pool)
    if engagement.id in file.unavailable:
        return Verdict(file.unavailable[engagement.id])
    if file.left_out:
        first = file.left_out[0]
        return Verdict({"rule": "left-out", "side": first.id, "pointer": first.pointer})
    instance = read_instance(file.document)
    facts = MentorFacts(engagement.modules_missing, engagement.capacity, len(pool.running))
    reason = reason_now(instance, pool.programme_of(engagement), facts, engagement.id, participation.id)
    return None if reason is None else Verdict(reason)


def facts_in(solved: SolvedRound, engagement: Engagement) -> MentorFacts:
    """What else is known of a mentor in a round: her places and those taken as the file has them."""
    mentor = solved.mentors.get(engagement.id)
    taken = Counter(solved.frozen.values())[engagement.id]
    return MentorFacts(engagement.modules_missing, mentor.capacity if mentor else 0, taken)

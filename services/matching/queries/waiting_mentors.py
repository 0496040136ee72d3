"""Of one family that waits: every mentor of its round, and why she was not proposed for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from services.matching.domain.known import Engagement
from services.matching.domain.waiting import Waiter
from services.matching.domain.why_not import Verdict, judge
from services.matching.queries.solved import SolvedRounds
from services.matching.queries.why_not import facts_in
from services.matching.store import ROUNDS, known
from shared.storage.work import Reader

_PATIENCE: Final = 25


@dataclass(frozen=True, slots=True)
class Judged:
    """A mentor and the verdict on her; what the pair would cost exactly is told where it is near."""

    engagement: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list: what follows after a key, and how many at most."""

    after: str | None
    limit: int


async def judge_mentors(
    reader: Reader, rounds: SolvedRounds, waiter: Waiter, sees: Callable[[Engagement], bool], part: Part
) -> list[Judged]:
    """By id, those that may be seen; whoever has gone since is not told."""
    held = await ROUNDS.get(reader, waiter.round)
    solved = await rounds.of(reader, held)
    if waiter.id not in solved.families:
        return []
    keys = sorted(key for key in {*solved.mentors, *solved.unavailable} if part.after is None or key > part.after)
    engagements = await known.engagements_by(reader, {"_id": {"$in": keys}}, sort=[("_id", 1)])
    seen = list(islice((one for one in engagements if sees(one)), part.limit))
    programmes = {slug: await known.programme(reader, slug) for slug in {one.programme for one in seen}}

    def verdict(one: Engagement) -> Verdict:
        programme, facts = programmes[one.programme], facts_in(solved, one)
        return judge(solved, programme, facts, one.id, waiter.id, patience=_PATIENCE)

    def judged() -> list[Judged]:
        return [Judged(one.id, verdict(one)) for one in seen]

    return await asyncio.to_thread(judged)

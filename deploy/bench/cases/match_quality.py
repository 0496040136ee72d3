"""What an optimal round is worth: beside greedy, and to those who were proposed somebody before."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from deploy.bench.harness import Bench, Pair, benchmark
from deploy.bench.match_towns import city

GREEDY_NOTES: Final = """
Both choose from the same pairs of the same 2,000 families and 500 mentors, who have places for about half, three
quarters and five quarters of the families. Greedy takes the best pair first, by urgency, waiting and then fit; deferred
acceptance gives the same, for both sides order pairs alike. What is lost is lost to order: a mentor whom nobody else
could replace is given to a family that had others. Judged at three quarters, which is what waiting lists look like.
"""
STABLE_NOTES: Final = """
Five of 500 mentors leave after a round over 2,000 families, and the next round is held with the proposals of the first
as drafts. Counted are the proposals that stand, of those whose mentor is still there. The policy's points for
continuity (100 of 880) keep them; neither the number of families helped nor the order of waiting suffers for it.

**Missed, and on purpose.** With thirteen places less, thirteen families fewer can be helped. Which ones is decided by
the order of waiting and not by who had a draft: where a mentor left who was meant for somebody who has waited long, the
draft of somebody who has waited less is lost. Those are `lost_to_who_waited_longer` below. Of the families who are
still helped, `of_those_still_helped` keep their mentor (in basis points); more points for continuity save two of the
eight others. Whoever has been told of a proposal is not moved at all.
"""
_PLACES: Final[Mapping[int, tuple[int, ...]]] = {
    50: (1, 2, 3),
    75: (1, 2, 3, 4, 5),
    125: (5,),
}
_JUDGED: Final = 75
_LEAVES: Final = 100
"""Every hundredth mentor leaves."""


@benchmark(
    name="match-greedy",
    what="families matched by a round, M (2,000 families, 500 mentors)",
    baseline="families matched by greedy, from the same pairs",
    unit="families",
    goal=1.05,
    direction="at_least",
    notes=GREEDY_NOTES,
)
async def greedy(bench: Bench) -> None:
    """Three ratios of places to families; nothing here depends on time."""

    def pair(ratio: int) -> Pair:
        async def ours(_: float) -> float:
            return _matched(ratio)["round"]

        async def theirs(_: float) -> float:
            return _matched(ratio)["greedy"]

        return Pair(ours, theirs)

    await bench.grows("places for 100 families", {ratio: pair(ratio) for ratio in _PLACES}, at=_JUDGED)
    bench.condition(first_come={str(ratio): _matched(ratio)["first_come"] for ratio in _PLACES})


@benchmark(
    name="match-stable",
    what="proposals that a round keeps after 1 % of the mentors left, M",
    baseline="proposals whose mentor is still there",
    unit="proposals",
    goal=0.99,
    direction="at_least",
    notes=STABLE_NOTES,
)
async def stable(bench: Bench) -> None:
    """One round, five mentors less, and the next."""

    async def kept(_: float) -> float:
        return _after_leaving().kept

    async def standing(_: float) -> float:
        return _after_leaving().standing

    await bench.in_turns(kept, standing)
    found = _after_leaving()
    helped = found.standing - found.dropped
    bench.condition(lost_to_who_waited_longer=found.dropped, of_those_still_helped=found.kept * 10_000 // helped)


@dataclass(frozen=True, slots=True)
class _Left:
    """Proposals whose mentor stayed, those of them that stand, and those whose family is helped no more."""

    standing: int
    kept: int
    dropped: int


@cache
def _matched(ratio: int) -> dict[str, int]:
    from services.matching.commands.fairness import report_round
    from services.matching.domain.policy import Policy, policy_document

    document, policy = city(2_000, 500, places=_PLACES[ratio]), policy_document(Policy())
    report = report_round(document, policy, dict(_pairs(document)), {})
    return {way: reached["matched"] for way, reached in report["compared"].items()}


@cache
def _after_leaving() -> _Left:
    document = city(2_000, 500)
    gone = {row["id"] for row in document["mentors"][::_LEAVES]}
    standing = {family: mentor for family, mentor in _pairs(document) if mentor not in gone}
    drafts = [[mentor, family] for family, mentor in standing.items()]
    mentors = [row for row in document["mentors"] if row["id"] not in gone]
    again = dict(_pairs({**document, "mentors": mentors, "drafts": drafts}))
    return _Left(
        standing=len(standing),
        kept=sum(again.get(family) == mentor for family, mentor in standing.items()),
        dropped=len(standing.keys() - again.keys()),
    )


def _pairs(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Family and mentor of each proposal."""
    from services.matching.commands.solve_instance import solve_instance

    result = solve_instance(document, None, lambda: 0.0)
    return [(pair["family"], pair["mentor"]) for pair in result["pairs"]]

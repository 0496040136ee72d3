"""The pairs of a solved round as drafts: those that still hold when the round is stored, under the ids they had."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.matching.commands.round_record import HoldRound
from services.matching.domain.explanation import Reason, names_special, why_pair, without_special_topics
from services.matching.domain.fit import fit_of
from services.matching.domain.instance import Pair
from services.matching.domain.instance_check import read_instance
from services.matching.domain.pair_reasons import PairReasons
from services.matching.domain.pins import Pin
from services.matching.domain.policy import read_policy
from services.matching.domain.proposals import Proposal, Reached
from services.matching.store import known
from services.matching.store.now import FreePlaces, Now
from shared.kernel.ids import new_id

PINNED: Reason = {"rule": "pinned"}


@dataclass(slots=True)
class Drafts:
    """Drafts that are new, drafts that stay, and of the families whose pair no longer holds what keeps it apart."""

    fresh: list[Proposal] = field(default_factory=list)
    kept: list[Proposal] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)

    def overtaken(self, now: Now) -> list[Proposal]:
        """The drafts of earlier rounds that this one does not propose again."""
        kept = {one.id for one in self.kept}
        return [draft for draft in now.drafts.values() if draft.id not in kept]


def drafts_of(command: HoldRound, now: Now, pins: Iterable[Pin], carriers: known.Carriers, moment: str) -> Drafts:
    """Pins come first: a person wanted them. Whoever was told meanwhile, or is gone, is in none."""
    maker = _Maker(command, now, carriers, moment)
    maker.free.take_all(one.engagement for one in now.told)
    settled = {one.participation for one in now.told}
    for pin in pins:
        if pin.participation not in settled:
            settled.add(pin.participation)
            maker.add((pin.engagement, pin.participation), None)
    for found in command.result["pairs"]:
        if found["family"] not in settled:
            maker.add((found["mentor"], found["family"]), found)
    return maker.made


class _Maker:
    def __init__(self, command: HoldRound, now: Now, carriers: known.Carriers, moment: str) -> None:
        self.made, self.free = Drafts(), FreePlaces(now)
        self._command, self._now, self._carriers, self._moment = command, now, carriers, moment
        self._before, self._reasons = now.drafts, PairReasons.of(command.pool, command.file)

    def add(self, pair: Pair, found: Mapping[str, Any] | None) -> None:
        """The pair as a draft, or what keeps it apart by now; ``found`` is the solver's, ``None`` for a pin."""
        obstacle = self._now.obstacle(pair)
        if obstacle is None and found is not None and self._rests_on_lost_consent(pair, found["why"]):
            obstacle = "topic"
        if obstacle is None and not self.free.take(pair[0]):
            obstacle = "capacity"
        if obstacle is not None:
            self.made.dropped[pair[1]] = obstacle
            return
        draft, before = self._draft(pair, found), self._before.get(pair)
        if before is None:
            self.made.fresh.append(draft)
        else:
            self.made.kept.append(before.again(draft))

    def _draft(self, pair: Pair, found: Mapping[str, Any] | None) -> Proposal:
        engagement, participation = self._now.engagements[pair[0]], self._now.participations[pair[1]]
        day = self._command.pool.date
        sites, carriers = known.places_of(self._carriers, day, engagement, participation)
        reached = {
            side: Reached(*known.places_of(self._carriers, day, one), one.programme)
            for side, one in (("mentor", engagement), ("family", participation))
        }
        fit, why = self._of_pin(pair) if found is None else (dict(found["fit"]), self._reasons.told(found))
        if names_special(why) and not self._now.allows_special(pair):
            why = without_special_topics(why)
        return Proposal(
            id=new_id("prp"),
            round=self._command.id,
            programme=participation.programme,
            date=day,
            engagement=engagement.id,
            participation=participation.id,
            fit=fit,
            why=why,
            sites=sites,
            carriers=carriers,
            drafted_at=self._moment,
            pinned=found is None,
            reached=reached,
        )

    def _rests_on_lost_consent(self, pair: Pair, why: Iterable[Reason]) -> bool:
        """Whether the two were found by a special topic that may not be used any more: the file is of an older day."""
        return names_special(why) and not self._now.allows_special(pair)

    def _of_pin(self, pair: Pair) -> tuple[dict[str, int], tuple[Reason, ...]]:
        """What fits and what does not is told; that she wants it all the same is the person's to say."""
        document, policy = self._command.file.document, read_policy(self._command.policy)
        rows = {
            name: [row for row in document[name] if row["id"] == key]
            for name, key in zip(("mentors", "families"), pair, strict=True)
        }
        if not all(rows.values()):
            return {"total": 0}, (PINNED,)
        instance = read_instance({**document, **rows, "frozen": [], "drafts": []})
        mentor, family = instance.mentors[0], instance.families[0]
        fit = fit_of(mentor, family, False, policy.weights)
        why = why_pair(instance, mentor, family, False, policy)
        told = self._reasons.told({"mentor": mentor.id, "family": family.id, "why": why})
        return fit.document(), (PINNED, *told)

"""Why a mentor was not proposed for a family: the rule that the pair fails at first, or what the pair would have cost.

Nothing in here names anybody but the two who are asked about.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.matching.domain.detour import PATIENCE, Detour, least_detour
from services.matching.domain.explanation import Reason, public_topics, why_pair
from services.matching.domain.instance import Family, Instance, Mentor
from services.matching.domain.known import Programme
from services.matching.domain.rules import RULES, MentorSets, places_mask
from services.matching.domain.solved import SolvedRound
from shared.kernel.languages import LEVELS, SUFFICIENT


@dataclass(frozen=True, slots=True)
class MentorFacts:
    """What the file does not say of a mentor: the modules that she lacks, her places, and how many are taken."""

    modules_missing: tuple[str, ...] = ()
    places: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows the gap by subtraction: ``family_price + mentor_price - weight``.

    The weight is ``unit * rank + fit``. No pair weighs more than its two prices together, and the prices of a round
    add up to what it reached; so a round with this pair reaches at least ``gap`` less.
    """

    family_price: int
    mentor_price: int
    weight: int
    unit: int
    rank: int
    fit: int

    @property
    def gap(self) -> int:
        """What a round with this pair reaches less, at least."""
        return self.family_price + self.mentor_price - self.weight


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: a reason, and for a pair that passes every rule the proof, or why it was proposed.

    ``costs`` is what the best round with this pair reaches less, exactly; ``None`` where finding it takes too long.
    """

    reason: Reason
    proof: Proof | None = None
    costs: int | None = None
    why: tuple[Reason, ...] = ()


def judge(
    solved: SolvedRound, programme: Programme, facts: MentorFacts, mentor: str, family: str, *, patience: int = PATIENCE
) -> Verdict:
    """Why the pair is no proposal of the round, or why it is; both were in the file, or the mentor unavailable.

    With less ``patience`` the answer comes sooner, and tells the gap alone where the exact costs are far to seek.
    """
    asking = solved.families[family]
    if mentor in solved.unavailable:
        return Verdict(solved.unavailable[mentor])
    helper = solved.mentors[mentor]
    if solved.frozen.get(family) == mentor:
        return Verdict({"rule": "together"})
    if solved.chosen.get(family) == mentor:
        is_draft = (mentor, family) in solved.drafts
        return Verdict({"rule": "proposed"}, why=why_pair(solved.instance, helper, asking, is_draft, solved.policy))
    failed = first_rule(solved, mentor, asking)
    if failed is not None:
        return Verdict(rule_reason(programme, helper, asking, failed, facts))
    return _passing(solved, helper, asking, patience)


def _passing(solved: SolvedRound, mentor: Mentor, family: Family, patience: int) -> Verdict:
    """Of a pair that passes every rule of the file and was not chosen."""
    if family.id in solved.frozen:
        return Verdict({"rule": "accompanied"})
    if solved.reduced:
        # The pair may pass only for what is no longer in the file, and its prices prove nothing about it.
        return Verdict({"rule": "reduced"})
    return _gap(solved, mentor, family, patience)


def reason_now(instance: Instance, programme: Programme, facts: MentorFacts, mentor: str, family: str) -> Reason | None:
    """The first rule that a pair of a file fails, before any round; ``None`` if it passes all."""
    helper = next(one for one in instance.mentors if one.id == mentor)
    asking = next(one for one in instance.families if one.id == family)
    sets = MentorSets.of(instance)
    failed = _first(sets, mentor, sets.passing(asking, places_mask(instance.free_places())))
    return None if failed is None else rule_reason(programme, helper, asking, failed, facts)


def first_rule(solved: SolvedRound, mentor: str, family: Family) -> str | None:
    """The first rule that the pair fails; ``None`` if it passes all."""
    return _first(solved.sets, mentor, solved.sets.passing(family, solved.with_places))


def _first(sets: MentorSets, mentor: str, passing: Sequence[int]) -> str | None:
    bit = 1 << sets.position[mentor]
    return next((rule for rule, passes in zip(RULES, passing, strict=True) if not passes & bit), None)


def _gap(solved: SolvedRound, mentor: Mentor, family: Family, patience: int) -> Verdict:
    fit = solved.fit(mentor, family).total
    proof = Proof(
        family_price=solved.family_prices.get(family.id, 0),
        mentor_price=solved.mentor_prices.get(mentor.id, 0),
        weight=solved.unit * solved.ranks[family.id] + fit,
        unit=solved.unit,
        rank=solved.ranks[family.id],
        fit=fit,
    )
    return _priced(solved, proof, family.id, least_detour(solved, mentor, family, patience))


def _priced(solved: SolvedRound, proof: Proof, family: str, detour: Detour | None) -> Verdict:
    chosen = family in solved.chosen
    if detour is None:
        if proof.gap == 0:
            return Verdict({"rule": "hardly-worse"}, proof)
        lost, ranks = proof.gap, proof.gap // proof.unit
    else:
        lost = proof.gap + detour.cost
        ranks = detour.ranks - (0 if chosen else proof.rank)
    costs = None if detour is None else lost
    if lost == 0:
        return Verdict({"rule": "equally-good"}, proof, costs)
    if ranks == 0:
        bound = {"at_least": True} if costs is None else {}
        return Verdict({"rule": "better-elsewhere", "points": lost, **bound}, proof, costs)
    if chosen:
        return Verdict({"rule": "needed-by-another"}, proof, costs)
    # One family comes in and one goes out, who stands so many ranks higher.
    urgent = solved.first_urgent is not None and proof.rank < solved.first_urgent <= proof.rank + ranks
    return Verdict({"rule": "needed-by-urgent" if urgent else "needed-by-longer-waiting"}, proof, costs)


def rule_reason(programme: Programme, mentor: Mentor, family: Family, rule: str, facts: MentorFacts) -> Reason:
    """The rule that a pair fails at first, with what was needed and what was there."""
    tell: Mapping[str, Callable[[], dict[str, Any]]] = {
        "language": lambda: _language(mentor, family),
        "topic": lambda: {"topics": public_topics(family.topics - mentor.topics)},
        "qualification": lambda: _qualification(programme, mentor, family, facts),
        "availability": lambda: {"slots": sorted(family.slots)},
        "district": lambda: {"district": family.district},
        "gender": lambda: _gender(mentor, family),
        "capacity": lambda: {"places": facts.places, "taken": facts.taken},
    }
    return {"rule": rule, **(tell[rule]() if rule in tell else {})}


def _language(mentor: Mentor, family: Family) -> dict[str, Any]:
    """The common language that comes closest, with the level of the weaker of the two; else what would be needed."""
    wished = {tag: level for tag, level in family.languages.items() if tag not in family.not_wished}
    common = [
        (-min(LEVELS.index(level), LEVELS.index(mentor.languages[tag])), tag)
        for tag, level in wished.items()
        if tag in mentor.languages
    ]
    if not common:
        return {"needed": SUFFICIENT, "languages": sorted(wished)}
    level, tag = min(common)
    return {"needed": SUFFICIENT, "language": tag, "has": LEVELS[-level]}


def _gender(mentor: Mentor, family: Family) -> dict[str, Any]:
    """The family's wish where that is not fulfilled, else the mentor's; nothing of what the other side is."""
    if family.gender_wish is not None and family.gender_wish != mentor.gender:
        return {"wished": family.gender_wish}
    return {"wished": mentor.gender_wish, "by": "mentor"}


def _qualification(programme: Programme, mentor: Mentor, family: Family, facts: MentorFacts) -> dict[str, Any]:
    topics = family.topics - mentor.qualified
    taught = programme.modules_for(topics)
    # The modules that teach the topic; those that she lacks come from her own record where it names any of them.
    own = [module for module in taught if module in facts.modules_missing]
    return {"topics": public_topics(topics), "modules": own or taught}

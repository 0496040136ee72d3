"""For one participation: which mentors fit and how well, and of every other one why not. Nobody is moved for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.matching.domain.explanation import Reason, public_topics, why_waiting
from services.matching.domain.fit import Fit, fit_of
from services.matching.domain.instance import Family, Mentor
from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Engagement
from services.matching.domain.policy import Policy
from services.matching.domain.pool import Pool, PoolFile
from services.matching.domain.rules import RULES, MentorSets, places_mask
from services.matching.domain.waiting import with_unavailable
from shared.kernel.languages import LEVELS, SUFFICIENT


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mentor that passes every rule. ``price`` is what her place was worth to others in the last round."""

    engagement: str
    fit: Fit
    price: int
    free_places: int


@dataclass(frozen=True, slots=True)
class NotACandidate:
    """A mentor that does not, and the rule she fails at first, with its parameters."""

    engagement: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates, best first by fit less price; the others by id; what would help the participation."""

    participation: str
    candidates: tuple[Candidate, ...]
    others: tuple[NotACandidate, ...]
    would_help: tuple[Reason, ...] = field(default=())


def candidates_for(
    pool: Pool, file: PoolFile, participation: str, prices: Mapping[str, int], policy: Policy
) -> Candidates:
    """All mentors of the pool for one participation that is in the file and without a tandem.

    By fit less price a mentor whom nobody else needs comes before one who is the only one for others.
    """
    instance = read_instance(file.document)
    family = next(one for one in instance.families if one.id == participation)
    free = instance.free_places()
    sets, with_places = MentorSets.of(instance), places_mask(free)
    passing = sets.passing(family, with_places)
    found: list[Candidate] = []
    others = [NotACandidate(key, reason) for key, reason in file.unavailable.items()]
    for number, mentor in enumerate(instance.mentors):
        if mentor.id in file.unavailable:
            continue
        failed = next((rule for rule, passes in zip(RULES, passing, strict=True) if not passes >> number & 1), None)
        if failed is None:
            fit = fit_of(mentor, family, False, policy.weights)
            found.append(Candidate(mentor.id, fit, prices.get(mentor.id, 0), free[number]))
        else:
            others.append(NotACandidate(mentor.id, why_not(pool, mentor, family, failed)))
    waiting = why_waiting(sets, family, with_places)
    helps = with_unavailable(pool, file, [{"family": family.id, "would_help": list(waiting.would_help)}])
    return Candidates(
        participation=participation,
        candidates=tuple(sorted(found, key=lambda one: (one.price - one.fit.total, one.engagement))),
        others=tuple(sorted(others, key=lambda one: one.engagement)),
        would_help=helps[family.id],
    )


def why_not(pool: Pool, mentor: Mentor, family: Family, rule: str) -> Reason:
    """The rule that a pair fails at first, with what was needed and what was there."""
    tell: Mapping[str, Callable[[], dict[str, Any]]] = {
        "language": lambda: _language(mentor, family),
        "topic": lambda: {"topics": public_topics(family.topics - mentor.topics)},
        "qualification": lambda: _qualification(pool, mentor, family),
        "availability": lambda: {"slots": sorted(family.slots)},
        "district": lambda: {"district": family.district},
        "gender": lambda: _gender(mentor, family),
        "capacity": lambda: _capacity(pool, mentor),
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


def _qualification(pool: Pool, mentor: Mentor, family: Family) -> dict[str, Any]:
    topics, engagement = family.topics - mentor.qualified, _engagement(pool, mentor)
    taught = pool.programme_of(engagement).modules_for(topics)
    # The modules that teach the topic; those that she lacks come from her own record where it names any of them.
    own = [module for module in taught if module in engagement.modules_missing]
    return {"topics": public_topics(topics), "modules": own or taught}


def _gender(mentor: Mentor, family: Family) -> dict[str, Any]:
    """The family's wish where that is not fulfilled, else the mentor's; nothing of what the other side is."""
    if family.gender_wish is not None and family.gender_wish != mentor.gender:
        return {"wished": family.gender_wish}
    return {"wished": mentor.gender_wish, "by": "mentor"}


def _capacity(pool: Pool, mentor: Mentor) -> dict[str, Any]:
    """Her places and her running tandems, also those whose families are not in the file."""
    return {"places": _engagement(pool, mentor).capacity, "taken": sum(one == mentor.id for one, _ in pool.running)}


def _engagement(pool: Pool, mentor: Mentor) -> Engagement:
    return next(one for one in pool.engagements if one.id == mentor.id)

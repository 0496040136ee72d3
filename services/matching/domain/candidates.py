"""For one participation: which mentors fit and how well, and of every other one why not. Nobody is moved for it."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_
from typing import Final

from services.matching.domain.availability import ORDER
from services.matching.domain.explanation import Reason, public_topics, why_pair
from services.matching.domain.fit import Fit, fit_of
from services.matching.domain.instance import Family, Mentor
from services.matching.domain.rules import first_failed, members
from services.matching.domain.standing import Shown, Standing
from services.matching.domain.understanding import named_as_spoken
from services.matching.domain.why_not import MentorFacts, rule_reason

_ALIKE: Final[Mapping[str, Callable[[Mentor, Family], Hashable]]] = {
    "language": lambda mentor, family: tuple((tag, mentor.languages.get(tag)) for tag in family.languages),
    "topic": lambda mentor, family: family.topics - mentor.topics,
    "gender": lambda mentor, family: (mentor.gender, mentor.gender_wish),
}
"""What of a mentor the reason depends on; of no other rule does it depend on more than the family."""
_HER_OWN: Final = frozenset({"qualification", "capacity"})
"""Rules whose reasons tell of modules and places that are a mentor's own."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mentor that passes every rule. ``price`` is what her place was worth to others in the last round."""

    engagement: str
    fit: Fit
    price: int
    free_places: int
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class NotACandidate:
    """A mentor that does not, and the rule she fails at first, with its parameters."""

    engagement: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates, best first by fit less price; the others by id; what would help the participation.

    ``counts`` are all others by the rule they fail at first; of ``others`` there are as many as were asked for.
    """

    participation: str
    candidates: tuple[Candidate, ...]
    others: tuple[NotACandidate, ...]
    counts: tuple[tuple[str, int], ...] = ()
    would_help: tuple[Reason, ...] = ()


def candidates_for(standing: Standing, family: Family, shown: Shown, most: int | None = None) -> Candidates:
    """The mentors for a family that has none, of those that may be ``shown``; ``most`` limits the others.

    By fit less price a mentor whom nobody else needs comes before one who is the only one for others.
    """
    mentors = standing.instance.mentors
    passing = standing.helps.sets.passing(family, standing.with_places)
    found = [_candidate(standing, mentors[number], family) for number in members(_all(passing, shown.mentors))]
    failed = first_failed(shown.mentors, passing)
    outside = {key: reason for key, reason in standing.file.unavailable.items() if key in shown.unavailable}
    counts = Counter({rule: those.bit_count() for rule, those in failed.items()})
    counts.update(str(reason["rule"]) for reason in outside.values())
    return Candidates(
        participation=family.id,
        candidates=tuple(sorted(found, key=lambda one: (one.price - one.fit.total, one.engagement))),
        others=_others(standing, family, failed, outside, most),
        counts=tuple((rule, counts[rule]) for rule in ORDER if counts[rule]),
        would_help=standing.helps.for_family(family, standing.with_places),
    )


def _others(
    standing: Standing, family: Family, failed: Mapping[str, int], outside: Mapping[str, Reason], most: int | None
) -> tuple[NotACandidate, ...]:
    """By id; the mentors of the file are sorted by it, so that those behind the limit need not be looked at."""
    mentors = standing.instance.mentors
    everybody = reduce(or_, failed.values(), 0)
    said: dict[tuple[str, Hashable], Reason] = {}
    told: list[NotACandidate] = []
    for number in islice(members(everybody), most):
        mentor, rule = mentors[number], _rule_at(failed, number)
        alike = _ALIKE.get(rule)
        key = (rule, None if alike is None else alike(mentor, family))
        reason = said.get(key)
        if reason is None:
            reason = _reason(standing, mentor, family, rule)
            if rule not in _HER_OWN:
                said[key] = reason
        told.append(NotACandidate(mentor.id, reason))
    told += [NotACandidate(key, reason) for key, reason in outside.items()]
    return tuple(sorted(told, key=lambda one: one.engagement)[:most])


def _rule_at(failed: Mapping[str, int], number: int) -> str:
    return next(rule for rule, those in failed.items() if those >> number & 1)


def _all(passing: tuple[int, ...], remaining: int) -> int:
    for passes in passing:
        remaining &= passes
    return remaining


def _candidate(standing: Standing, mentor: Mentor, family: Family) -> Candidate:
    spoken, table = standing.engagements[mentor.id].levels, standing.pool.leads.understands
    why = why_pair(standing.instance, mentor, family, False, standing.policy)
    missing = public_topics(family.wishes - (mentor.topics & mentor.qualified))
    return Candidate(
        engagement=mentor.id,
        fit=fit_of(mentor, family, False, standing.policy.weights),
        price=standing.prices.get(mentor.id, 0),
        free_places=mentor.capacity,
        why=(
            *(named_as_spoken(reason, spoken, table) for reason in why),
            *({"rule": "uncovered", "topics": topics} for topics in [missing] if topics),
        ),
    )


def _reason(standing: Standing, mentor: Mentor, family: Family, rule: str) -> Reason:
    engagement = standing.engagements[mentor.id]
    facts = MentorFacts(engagement.modules_missing, engagement.capacity, standing.taken.get(mentor.id, 0))
    return rule_reason(standing.pool.programme_of(engagement), mentor, family, rule, facts)

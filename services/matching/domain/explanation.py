"""Why a pair was proposed and why a family waits: codes with typed parameters, never sentences or other people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.matching.domain.fit import best_language
from services.matching.domain.instance import Family, Instance, Mentor
from services.matching.domain.policy import Policy
from services.matching.domain.rules import RULES
from services.matching.domain.tiers import wait_band

SPECIAL_PREFIX = "x-"
SPECIAL = "special"
"""What stands for every topic of a special category wherever a person reads it."""
Reason = dict[str, Any]
"""``{"rule": code, …parameters}``."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A family without a mentor: how many mentors fail at which rule first, and what relaxing one rule would open.

    ``capacity`` counts mentors whose places are all taken, by frozen pairs or by this round's.
    """

    family: str
    first_failed: dict[str, int]
    would_help: tuple[Reason, ...]


def why_pair(instance: Instance, mentor: Mentor, family: Family, is_draft: bool, policy: Policy) -> tuple[Reason, ...]:
    """The reasons of a pair that passes every rule, in the order of the rules, then of the aims."""
    common = best_language(mentor, family)
    language = {"interpreter": True} if common is None else {"language": common[0], "level": common[1]}
    reasons: list[Reason] = [{"rule": "language", **language}]
    if family.topics:
        reasons.append({"rule": "qualification", "topics": public_topics(family.topics)})
    reasons.append({"rule": "availability", "slots": sorted(mentor.slots & family.slots)})
    reasons.append({"rule": "district", "district": family.district})
    if family.gender_wish is not None or mentor.gender_wish is not None:
        reasons.append(_wished(mentor, family))
    if family.urgent:
        reasons.append({"rule": "urgent"})
    band = wait_band(instance, family, policy)
    reasons.append({"rule": "waiting", "days": instance.days_waiting(family), "band": band})
    met = family.wishes & mentor.topics & mentor.qualified
    if met:
        reasons.append({"rule": "wishes", "topics": public_topics(met)})
    if is_draft:
        reasons.append({"rule": "continuity"})
    return tuple(reasons)


def _wished(mentor: Mentor, family: Family) -> Reason:
    wishes = {"gender": family.gender_wish, "gender_by_mentor": mentor.gender_wish}
    return {"rule": "gender", **{name: wish for name, wish in wishes.items() if wish is not None}}


def waiting_of(family: Family, failed: dict[str, int], single: Mapping[str, int]) -> Waiting:
    """Why the family waits, from counts of mentors: ``failed`` by the first rule, ``single`` by the only one."""
    ordered = sorted(single, key=lambda rule: (-single[rule], RULES.index(rule)))
    would_help = tuple({"rule": rule, "mentors": single[rule]} for rule in ordered)
    return Waiting(family.id, failed, would_help)


def public_topics(topics: Iterable[str]) -> list[str]:
    """Sorted topics; those of a special category appear as one ``special``, whichever and however many they are."""
    return sorted({SPECIAL if topic.startswith(SPECIAL_PREFIX) else topic for topic in topics})


def names_special(reasons: Iterable[Reason]) -> bool:
    """Whether one of them names a topic of a special category."""
    return any(SPECIAL in reason.get("topics", ()) for reason in reasons)


def without_special_topics(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons without those topics; what was about nothing else is left out."""
    found: list[Reason] = []
    for reason in reasons:
        topics = [topic for topic in reason.get("topics", ()) if topic != SPECIAL]
        if "topics" not in reason or topics:
            found.append({**reason, "topics": topics} if "topics" in reason else reason)
    return tuple(found)

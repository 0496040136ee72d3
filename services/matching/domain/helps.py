"""What would help a family that waits: one rule relaxed, and by which change, or one mentor more in the file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.matching.domain.availability import ORDER, PRE_RULES
from services.matching.domain.explanation import SPECIAL, SPECIAL_PREFIX, Reason
from services.matching.domain.instance import SLOTS, Family, Instance, Mentor
from services.matching.domain.instance_check import mentor_findings, read_instance
from services.matching.domain.known import Programme
from services.matching.domain.language_gap import helpful_languages, lacks_language
from services.matching.domain.pool import Pool, PoolFile, excluded_families, mentor_row
from services.matching.domain.rules import RULES, MentorSets, failing_one, members
from shared.kernel.languages import LEVELS, SUFFICIENT, level_at_least

MOST_CHANGES: Final = 3
"""So many changes are told of each rule, those that open most."""
LANGUAGE_GAP: Final = "language-gap"
Change = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Helps:
    """The mentors of a file and those that may take nobody today, ready to be asked for one family after the other."""

    sets: MentorSets
    available: int
    weak: Mapping[tuple[str, str], int]
    programmes: tuple[Programme, ...]
    others: MentorSets
    others_why: tuple[Reason, ...]

    @classmethod
    def of(cls, pool: Pool, file: PoolFile, instance: Instance) -> "Helps":
        """``instance`` is the file, read. Whoever lacks a certificate counts as if she had passed all modules."""
        others, sets = as_if_available(pool, file), MentorSets.of(instance)
        elsewhere = sum(1 << sets.position[key] for key in file.unavailable if key in sets.position)
        return cls(
            sets=sets,
            available=sets.everyone & ~elsewhere,
            weak=_weak(instance.mentors),
            programmes=(pool.programme, *(pool.programmes[slug] for slug in pool.slugs[1:])),
            others=MentorSets.of(others),
            others_why=tuple(file.unavailable[mentor.id] for mentor in others.mentors),
        )

    def for_family(self, family: Family, with_places: int) -> tuple[Reason, ...]:
        """Each rule that would help, the most helpful first: how many mentors it opens, and the changes that do.

        Last, where nobody who speaks a language of the family and reaches it has a place left, that (``LANGUAGE_GAP``).
        ``with_places`` are the mentors of the file that still have a place.
        """
        passing = self.sets.passing(family, with_places)
        single = failing_one(self.sets.everyone, passing) & self.available
        counts: Counter[str] = Counter()
        changes: dict[str, list[Change]] = {}
        for rule, passes in zip(RULES, passing, strict=True):
            blocked = single & ~passes
            if blocked:
                counts[rule] = blocked.bit_count()
                changes[rule] = self._changes(rule, family, blocked)
        for rule, count, more in self._from_outside(family):
            counts[rule] += count
            changes[rule] = _merged(changes.get(rule, ()), more)
        ordered = sorted(counts, key=lambda rule: (-counts[rule], ORDER.index(rule)))
        told = tuple(_reason(rule, counts[rule], changes[rule]) for rule in ordered)
        if not lacks_language(self.sets, family, with_places & self.available):
            return told
        languages = list(helpful_languages(family))
        return (*told, {"rule": LANGUAGE_GAP, "mentors": 0, "languages": languages, "district": family.district})

    def _changes(self, rule: str, family: Family, blocked: int) -> list[Change]:
        sets = self.sets
        if rule == "availability":
            missing = (slot for slot in SLOTS if slot not in family.slots)
            return _counted(({"slot": slot}, blocked & sets.free.get(slot, 0)) for slot in missing)
        if rule == "district":
            return _counted([({"district": family.district}, blocked)])
        if rule == "language":
            return _counted(
                ({"language": tag, "has": level, "needed": SUFFICIENT}, blocked & self.weak.get((tag, level), 0))
                for tag, spoken in family.languages.items()
                if tag not in family.not_wished and level_at_least(spoken, SUFFICIENT)
                for level in LEVELS[: LEVELS.index(SUFFICIENT)]
            )
        if rule == "topic":
            return _counted(
                ({"topics": [_public(topic)]}, alone) for topic, alone in _lacking(sets.offering, family, blocked)
            )
        if rule == "qualification":
            return _counted(
                ({"modules": modules}, alone)
                for topic, alone in _lacking(sets.qualified, family, blocked)
                if (modules := [code for one in self.programmes for code in one.modules_for([topic])])
            )
        return []

    def _from_outside(self, family: Family) -> Iterable[tuple[str, int, list[Change]]]:
        """Those that may take nobody today and would pass every rule with the family, by what keeps them out."""
        fitting = self.others.candidates(family, self.others.everyone)
        by_rule: dict[str, Counter[tuple[str, ...]]] = {}
        for number in members(fitting):
            reason = self.others_why[number]
            by_rule.setdefault(str(reason["rule"]), Counter())[tuple(reason.get("modules", ()))] += 1
        for rule in PRE_RULES:
            if rule in by_rule:
                groups = by_rule[rule].items()
                changes = [{"modules": list(modules), "mentors": count} for modules, count in groups if modules]
                yield rule, sum(by_rule[rule].values()), changes


def _reason(rule: str, mentors: int, changes: Sequence[Change]) -> Reason:
    most = sorted(changes, key=lambda one: (-one["mentors"], str(sorted(one.items()))))[:MOST_CHANGES]
    modules = sorted({module for change in changes for module in change.get("modules", ())})
    told = {"modules": modules, "changes": most}
    return {"rule": rule, "mentors": mentors, **{name: value for name, value in told.items() if value}}


def _counted(changes: Iterable[tuple[Change, int]]) -> list[Change]:
    return [{**change, "mentors": opened.bit_count()} for change, opened in changes if opened]


def _merged(changes: Sequence[Change], more: Sequence[Change]) -> list[Change]:
    found: dict[str, Change] = {}
    for change in (*changes, *more):
        what = {name: value for name, value in change.items() if name != "mentors"}
        key = str(sorted(what.items()))
        found[key] = {**what, "mentors": change["mentors"] + found.get(key, {"mentors": 0})["mentors"]}
    return list(found.values())


def _lacking(sets: Mapping[str, int], family: Family, blocked: int) -> Iterable[tuple[str, int]]:
    """For each topic of the family, those of the blocked that lack this one and no other."""
    for topic in sorted(family.topics):
        alone = blocked & ~sets.get(topic, 0)
        for other in family.topics:
            if other != topic:
                alone &= sets.get(other, 0)
        yield topic, alone


def _public(topic: str) -> str:
    return SPECIAL if topic.startswith(SPECIAL_PREFIX) else topic


def _weak(mentors: Sequence[Mentor]) -> dict[tuple[str, str], int]:
    """The mentors by a language and the level, of those below what is needed, at which they speak it."""
    found: dict[tuple[str, str], int] = {}
    for number, mentor in enumerate(mentors):
        for tag, level in mentor.languages.items():
            if not level_at_least(level, SUFFICIENT):
                found[tag, level] = found.get((tag, level), 0) | 1 << number
    return found


def as_if_available(pool: Pool, file: PoolFile) -> Instance:
    """The mentors that may take nobody today, as if they could; no families."""
    excluded = excluded_families(pool)
    rows = []
    for one in pool.engagements:
        if one.id not in file.unavailable or one.capacity == 0:
            continue
        row = mentor_row(one, pool, one.capacity, sorted(excluded.get(one.id, ())))
        if file.unavailable[one.id]["rule"] == "qualification":
            row["qualified"] = sorted({*row["qualified"], *pool.programme_of(one).module_topics})
        if not mentor_findings(row):
            rows.append(row)
    nobody: Mapping[str, Any] = {"families": [], "frozen": [], "drafts": []}
    return read_instance({**file.document, **nobody, "mentors": rows})

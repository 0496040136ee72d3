"""Who waits after a round, and why: codes with counts; a mentor or another family is never named."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.matching.domain.availability import PRE_RULES
from services.matching.domain.explanation import Reason
from services.matching.domain.instance import Instance
from services.matching.domain.instance_check import mentor_findings, read_instance
from services.matching.domain.pool import Pool, PoolFile, excluded_families, mentor_row
from services.matching.domain.rules import RULES, MentorSets, members
from shared.kernel.classified import classified

ORDER = (*PRE_RULES, *(rule for rule in RULES if rule not in PRE_RULES))


@classified(
    internal="round programme district languages topics waiting_since reasons would_help urgent sites carriers "
    "waits version",
    personal="id",
)
@dataclass(frozen=True, slots=True)
class Waiter:
    """A participation after a round. ``waits`` is false once it no longer does: the version counts on.

    ``reasons`` are ``(rule, mentors)``: how many mentors fail at which rule first.
    """

    id: str
    round: str
    programme: str
    district: str | None
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    waiting_since: str
    reasons: tuple[tuple[str, int], ...]
    would_help: tuple[Reason, ...] = ()
    urgent: bool = False
    sites: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    waits: bool = True
    version: int = 0

    def served(self) -> "Waiter":
        """No longer waiting."""
        return replace(self, waits=False)


def reasons_of(first_failed: Mapping[str, int], file: PoolFile) -> tuple[tuple[str, int], ...]:
    """All mentors by the rule they fail at first, those that are not in the file too, in the order of asking."""
    counts = Counter(dict(first_failed))
    inside = {row["id"] for row in file.document["mentors"]}
    counts.update(str(reason["rule"]) for key, reason in file.unavailable.items() if key not in inside)
    return tuple((rule, counts[rule]) for rule in ORDER if counts[rule])


def with_unavailable(pool: Pool, file: PoolFile, waiting: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Reason, ...]]:
    """For each waiting family what would help: relaxing one rule, or one more certificate, clearance or return.

    Whoever lacks a certificate counts as if the whole qualification were passed; the missing modules are named.
    """
    others = _as_if_available(pool, file)
    sets, families = MentorSets.of(others), {family.id: family for family in others.families}
    everyone = sets.everyone
    found: dict[str, tuple[Reason, ...]] = {}
    for entry in waiting:
        family = families[entry["family"]]
        fitting = [others.mentors[number].id for number in members(sets.candidates(family, everyone))]
        found[family.id] = _added(_grouped(file, fitting), entry["would_help"])
    return found


def _added(reasons: Iterable[Reason], more: Iterable[Reason]) -> tuple[Reason, ...]:
    """Both lists with each rule once, the most helpful first."""
    by_rule: dict[str, Reason] = {}
    for reason in (*reasons, *more):
        rule = str(reason["rule"])
        mentors = reason["mentors"] + by_rule.get(rule, {}).get("mentors", 0)
        by_rule[rule] = {**by_rule.get(rule, {}), **reason, "mentors": mentors}
    return tuple(sorted(by_rule.values(), key=lambda one: (-one["mentors"], ORDER.index(one["rule"]))))


def _grouped(file: PoolFile, fitting: Iterable[str]) -> list[Reason]:
    by_rule: dict[str, list[Reason]] = {}
    for key in fitting:
        reason = file.unavailable[key]
        by_rule.setdefault(str(reason["rule"]), []).append(reason)
    helps: list[Reason] = []
    for rule in PRE_RULES:
        if rule in by_rule:
            modules = sorted({module for reason in by_rule[rule] for module in reason.get("modules", ())})
            named = {"modules": modules} if modules else {}
            helps.append({"rule": rule, "mentors": len(by_rule[rule]), **named})
    return helps


def _as_if_available(pool: Pool, file: PoolFile) -> Instance:
    """The file's families with the mentors that may take nobody today, as if they could."""
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
    return read_instance({**file.document, "mentors": rows, "frozen": [], "drafts": []})

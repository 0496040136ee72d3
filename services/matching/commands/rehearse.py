"""A round that is only tried, and a policy that is only compared; in the solver's process, nothing is stored."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.matching.commands.fairness import report_round
from services.matching.domain.instance_check import read_instance
from services.matching.domain.relaxed import SOFT, relaxed
from services.matching.domain.statistics import counts_of, edges_of

Clock = Callable[[], float]
Document = dict[str, Any]
_TOLD = ("matched", "matchable", "waiting_days", "waiting_days_matchable", "order_violations", "load", "compared")


def dry_run(file: Document, policy: Document, soft: Iterable[str], sizes: Mapping[str, int], clock: Clock) -> Document:
    """What a round of the file would come to with the rules in ``soft`` relaxed, and with each other one besides."""
    given = tuple(soft)
    base = relaxed(file, given)
    result = _solved(base, policy, clock)
    report = report_round(base, policy, _pairs(result), sizes)
    found = _told(base, result, report)
    others = {rule: relaxed(base, [rule]) for rule in SOFT if rule not in given}
    more = {
        rule: {
            "edges": edges_of(read_instance(other)) - found["counts"]["edges"],
            "matched": _solved(other, policy, clock)["objective"]["matched"] - found["matched"],
        }
        for rule, other in others.items()
    }
    rates = {name: report[name] for name in ("without_candidate", "rates")}
    return {**found, **rates, "more_if_soft": more, "input_sha256": result["input_sha256"]}


def preview(old: Document, old_policy: Document, new: Document, new_policy: Document, clock: Clock) -> Document:
    """What two files under two policies come to, and which pairs are in one of the answers only."""
    before, after = _solved(old, old_policy, clock), _solved(new, new_policy, clock)
    then, now = ({(mentor, family) for family, mentor in _pairs(one).items()} for one in (before, after))
    return {
        "before": _told(old, before, report_round(old, old_policy, _pairs(before), {})),
        "after": _told(new, after, report_round(new, new_policy, _pairs(after), {})),
        "kept": len(then & now),
        "gone": [list(pair) for pair in sorted(then - now)],
        "new": [list(pair) for pair in sorted(now - then)],
    }


def _solved(file: Document, policy: Document, clock: Clock) -> Document:
    # Loaded in the process that computes only.
    from services.matching.commands.solve_instance import solve_instance

    return solve_instance(file, policy, clock)


def _pairs(result: Document) -> dict[str, str]:
    return {pair["family"]: pair["mentor"] for pair in result["pairs"]}


def _told(file: Document, result: Document, report: Document) -> Document:
    objective = {name: result["objective"][name] for name in ("urgent", "wait_bands", "fit")}
    return {"counts": counts_of(read_instance(file)), **{name: report[name] for name in _TOLD}, **objective}

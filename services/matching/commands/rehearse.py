"""A round that is only tried, and a policy that is only compared; in the solver's process, nothing is stored."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.matching.commands.fairness import report_round
from services.matching.domain.instance import input_sha256
from services.matching.domain.instance_check import read_instance
from services.matching.domain.pool import Pool, PoolFile, pool_file
from services.matching.domain.relaxed import relaxed
from services.matching.domain.soft import more_if_soft
from services.matching.domain.statistics import counts_of

Document = dict[str, Any]
Solve = Callable[[object, object], Document]
"""The result document of a file under a policy."""
Side = tuple[Pool | Document, Document]
"""A pool, or a file as it was stored, and the engine's policy for it."""
_TOLD = ("matched", "matchable", "waiting_days", "waiting_days_matchable", "order_violations", "load", "compared")


def dry_run(side: Side, soft: Iterable[str], sizes: Mapping[str, int], solve: Solve) -> Document:
    """What a round would come to with the rules in ``soft`` relaxed, and with each other one besides.

    ``sizes`` are the persons of a family.
    """
    file, policy, given = _file(side[0]), side[1], tuple(soft)
    closed = file.unavailable.keys()
    base = relaxed(file.document, given, closed)
    result = solve(base, policy)
    report = report_round(base, policy, _pairs(result), sizes)
    found = _told(base, result, report)
    more = more_if_soft(read_instance(base), _pairs(result), given, closed)
    rates = {name: report[name] for name in ("without_candidate", "rates")}
    left_out = [{"id": one.id, "pointer": one.pointer} for one in file.left_out]
    # The pool's own hash, whatever was softened: a round is held of the pool.
    seen = input_sha256(read_instance(file.document))
    return {**found, **rates, "more_if_soft": more, "left_out": left_out, "input_sha256": seen}


def preview(old: Side, new: Side, solve: Solve) -> Document:
    """What two policies come to, and which pairs are in one of the answers only."""
    (then, before), (now, after) = _outcome(old, solve), _outcome(new, solve)
    return {
        "before": before,
        "after": after,
        "kept": len(then & now),
        "gone": [list(pair) for pair in sorted(then - now)],
        "new": [list(pair) for pair in sorted(now - then)],
    }


def _outcome(side: Side, solve: Solve) -> tuple[set[tuple[str, str]], Document]:
    file, policy = _file(side[0]).document, side[1]
    result = solve(file, policy)
    pairs = _pairs(result)
    told = _told(file, result, report_round(file, policy, pairs, {}))
    return {(mentor, family) for family, mentor in pairs.items()}, told


def _file(source: Pool | Document) -> PoolFile:
    return pool_file(source) if isinstance(source, Pool) else PoolFile(source)


def _pairs(result: Document) -> dict[str, str]:
    return {pair["family"]: pair["mentor"] for pair in result["pairs"]}


def _told(file: Document, result: Document, report: Document) -> Document:
    objective = {name: result["objective"][name] for name in ("urgent", "wait_bands", "fit")}
    return {"counts": counts_of(read_instance(file)), **{name: report[name] for name in _TOLD}, **objective}

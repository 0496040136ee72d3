"""What of a round's report may be shown to who must not see single cases: no count from 1 to 4, nor what gives it away.

The counts of one line belong together: where one of them, or what is left of the line besides it, is small, the
whole line is hidden; and where one line of a list is hidden alone, the smallest of the others is hidden with it.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

LEAST = 5
Row = dict[str, Any]
_COUNTS = ("families", "matchable", "matched")


def suppressed(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report without small groups; what is hidden is ``None``, and days are left out where few are left to wait.

    The longest wait is one family's, and never told.
    """
    totals, matchable = _total(report), report["matchable"]
    causes = [{"value": rule, "families": count} for rule, count in report["without_candidate"].items()]
    rates = {name: {**part, "groups": _shown(part["groups"])} for name, part in report["rates"].items()}
    return {
        **report,
        **totals,
        "without_candidate": {row["value"]: row["families"] for row in _shown(causes)},
        "waiting_days": _days(report["waiting_days"], report["families"] - report["matched"]),
        "waiting_days_matchable": _days(report["waiting_days_matchable"], matchable - report["matched"]),
        "rates": rates,
        "load": {name: count if name == "gini" else hidden_if_small(count) for name, count in report["load"].items()},
        "blocking_pairs": hidden_if_small(report["blocking_pairs"]),
        "compared": {way: _way(reached, report) for way, reached in report["compared"].items()},
    }


def _total(report: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of all: one line, like a group's."""
    line = {"value": "all", **{name: report[name] for name in _COUNTS}}
    shown = _emptied(line) if _gives_away(line) else line
    return {**{name: shown[name] for name in _COUNTS}, "urgent": hidden_if_small(report["urgent"])}


def _way(reached: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    """What one way of matching reaches, where the total of that way gives nobody away."""
    line = {"families": report["families"], "matchable": report["matchable"], "matched": reached["matched"]}
    days = _days(reached["waiting_days_matchable"], report["matchable"] - reached["matched"])
    if _gives_away(line):
        return {"matched": None, "urgent": None, "fit": None, "waiting_days_matchable": days}
    return {**reached, "urgent": hidden_if_small(reached["urgent"]), "waiting_days_matchable": days}


def hidden_lines(
    rows: Sequence[Row], gives_away: Callable[[Row], bool], size: Callable[[Row], tuple[Any, ...]]
) -> set[int]:
    """Which rows of a list to hide: those that give away, and the smallest other where one would be hidden alone."""
    hidden = {number for number, row in enumerate(rows) if gives_away(row)}
    others = [number for number in range(len(rows)) if number not in hidden]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda number: size(rows[number])))
    return hidden


def hidden_if_small(count: int) -> int | None:
    """A count, unless it is small."""
    return None if 0 < count < LEAST else count


def _days(days: Mapping[str, int], families: int) -> dict[str, int]:
    return {} if families < LEAST else {name: value for name, value in days.items() if name != "max"}


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    hidden = hidden_lines(rows, _gives_away, lambda row: (row["families"], row["value"]))
    return [_emptied(row) if number in hidden else row for number, row in enumerate(rows)]


def _gives_away(row: Mapping[str, Any]) -> bool:
    counts = [row[name] for name in _COUNTS if name in row]
    parts = [*counts, *(before - after for before, after in pairwise(counts))]
    return any(0 < part < LEAST for part in parts)


def _emptied(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name == "value" else None for name, value in row.items()}

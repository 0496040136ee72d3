"""What of a round's report may be shown to who must not see single cases: no count from 1 to 4, nor what gives it away.

The counts of one line belong together: where one of them, or what is left of the line besides it, is small, the
whole line is hidden; and where one line of a list is hidden alone, the smallest of the others is hidden with it.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

LEAST = 5
_COUNTS = ("families", "matchable", "matched")


def suppressed(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report without small groups; totals stay, and a hidden line has ``None`` for each count."""
    causes = [{"value": rule, "families": count} for rule, count in report["without_candidate"].items()]
    rates = {name: {**part, "groups": _shown(part["groups"])} for name, part in report["rates"].items()}
    shown = {row["value"]: row["families"] for row in _shown(causes)}
    return {**report, "without_candidate": shown, "rates": rates}


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    hidden = {number for number, row in enumerate(rows) if _gives_away(row)}
    others = [number for number in range(len(rows)) if number not in hidden]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda number: (rows[number]["families"], rows[number]["value"])))
    return [_emptied(row) if number in hidden else row for number, row in enumerate(rows)]


def _gives_away(row: Mapping[str, Any]) -> bool:
    counts = [row[name] for name in _COUNTS if name in row]
    parts = [*counts, *(before - after for before, after in pairwise(counts))]
    return any(0 < part < LEAST for part in parts)


def _emptied(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name == "value" else None for name, value in row.items()}

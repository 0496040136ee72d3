"""Gaps for whoever must not see single cases: no count from 1 to 4, nor what gives it away."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.matching.domain.suppress import LEAST, Row, hidden_lines


def without_small(rows: Sequence[Row], *names: str) -> list[Row]:
    """The rows, the named counts of those that have a small one hidden (``None``).

    Where one row of the list is hidden alone, the smallest of the others is hidden with it, or a sum would tell it.
    """
    hidden = hidden_lines(rows, lambda row: any(0 < row[name] < LEAST for name in names), lambda row: (row[names[0]],))
    return [_emptied(row, names) if number in hidden else row for number, row in enumerate(rows)]


def _emptied(row: Row, names: Sequence[str]) -> Row:
    found: Mapping[str, Any] = dict.fromkeys(names)
    return {**row, **found, **({"topics": []} if "topics" in row else {})}

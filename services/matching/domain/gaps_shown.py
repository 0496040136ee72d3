"""Gaps for whoever must not see single cases: no count from 1 to 4, nor what gives it away."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.matching.domain.suppress import LEAST

Row = dict[str, Any]


def without_small(rows: Sequence[Row], *names: str) -> list[Row]:
    """The rows, the named counts of those that have a small one hidden (``None``).

    Where one row of the list is hidden alone, the smallest of the others is hidden with it, or a sum would tell it.
    """
    hidden = {number for number, row in enumerate(rows) if any(0 < row[name] < LEAST for name in names)}
    others = [number for number in range(len(rows)) if number not in hidden]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda number: (rows[number][names[0]], number)))
    return [_emptied(row, names) if number in hidden else row for number, row in enumerate(rows)]


def _emptied(row: Row, names: Sequence[str]) -> Row:
    found: Mapping[str, Any] = dict.fromkeys(names)
    return {**row, **found, **({"topics": []} if "topics" in row else {})}


def hidden_if_small(count: int) -> int | None:
    """A count, unless it is small."""
    return None if 0 < count < LEAST else count

"""Where the bars and labels of a chart stand, in the units of its SVG view box."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from services.reporting.exports.page import Chart

WIDTH = 480
LABELS = 190
"""Right edge of the labels; the bars begin a little further on."""
BARS = 220
_LETTERS = 20
_LINE = 18
_GAP = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the top of its row, label lines, length, and its value in words."""

    top: int
    height: int
    lines: tuple[str, ...]
    length: int
    value: str


def place(chart: Chart) -> tuple[tuple[Bar, ...], int]:
    """The bars from top to bottom, and the height of the whole. A value without a number has no length."""
    largest = max((bar.value.number or 0 for bar in chart.bars), default=0)
    bars, top = [], _GAP // 2
    for line in chart.bars:
        lines = tuple(textwrap.wrap(line.label, _LETTERS)) or ("",)
        number = max(line.value.number or 0, 0)
        length = BARS * number // largest if largest > 0 else 0
        bars.append(Bar(top, len(lines) * _LINE, lines, max(length, 2) if number else 0, line.value.text))
        top += len(lines) * _LINE + _GAP
    return tuple(bars), top

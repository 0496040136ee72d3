"""The chart of simulated years: days of waiting and fit side by side, as SVG without scripts or foreign fonts."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from services.matching.domain.simulation import Year

_ROW, _LABEL, _WIDTH, _GAP = 46, 190, 300, 70
_WAITING, _FIT = "#1f5a8a", "#a8660a"
_MOST_FIT = 880
"""Points that a pair can earn under the default weights; a larger fit widens the scale."""


def chart_of(years: Sequence[Year]) -> str:
    """One row a year: the median and the 95th percentile of waiting in days, and the points of fit of a pair."""
    days = max((year.days_p95 for year in years), default=0) or 1
    points = max([_MOST_FIT, *(year.fit for year in years)])
    height, width = 60 + _ROW * len(years), _LABEL + 2 * _WIDTH + 2 * _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" '
        'font-size="13">',
        "<title>Waiting and fit by rhythm and policy</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(_LABEL, 24, "days of waiting: median (dark), 95th percentile (light)"),
        _text(_LABEL + _WIDTH + _GAP, 24, "fit of a pair, in points"),
    ]
    for number, year in enumerate(years):
        top = 44 + _ROW * number
        parts += [
            _text(8, top + 12, f"{year.rhythm}, {year.policy}"),
            _text(8, top + 28, f"{year.helped} of {year.families} helped"),
            _bar(_LABEL, top, year.days_p95 * _WIDTH // days, _WAITING, 0.35),
            _bar(_LABEL, top, year.days_p50 * _WIDTH // days, _WAITING, 1),
            _text(_LABEL + year.days_p95 * _WIDTH // days + 6, top + 20, f"{year.days_p50} / {year.days_p95}"),
            _bar(_LABEL + _WIDTH + _GAP, top, year.fit * _WIDTH // points, _FIT, 1),
            _text(_LABEL + _WIDTH + _GAP + year.fit * _WIDTH // points + 6, top + 20, str(year.fit)),
        ]
    return "\n".join([*parts, "</svg>", ""])


def _bar(left: int, top: int, width: int, colour: str, opacity: float) -> str:
    return f'<rect x="{left}" y="{top}" width="{width}" height="28" fill="{colour}" fill-opacity="{opacity}"/>'


def _text(left: int, baseline: int, words: str) -> str:
    return f'<text x="{left}" y="{baseline}" fill="#222222">{escape(words)}</text>'

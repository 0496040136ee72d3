"""How a figure grows with the work, as an SVG: two lines, ours and the bare peer's, over steps of the work."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 620, 30, 262
OURS, BARE = "#1f5f8b", "#8a6d3b"
_HEAD: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
    "font-family=\"'Noto Sans', 'DejaVu Sans', Arial, sans-serif\" font-size=\"13\">"
)


def number(value: float) -> str:
    """Three or four figures that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def growth_svg(result: Mapping[str, Any]) -> str:
    """The picture of one result that has measured its growth."""
    growth = result["conditions"]["growth"]
    points: Sequence[Mapping[str, float]] = growth["points"]
    top = _round_up(max(max(point["value"], point["baseline"]) for point in points))
    title = escape(f"{result['name']}: {result['unit']} by {growth['by']}")
    parts = [_HEAD, f"  <title>{title}</title>", f'  <rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for step in range(5):
        y, value = _y(top * step / 4, top), top * step / 4
        parts.append(f'  <line x1="{LEFT}" y1="{y}" x2="{RIGHT}" y2="{y}" stroke="#dde3e8"/>')
        parts.append(f'  <text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#37474f">{number(value)}</text>')
    for index, point in enumerate(points):
        x = _x(index, len(points))
        parts.append(f'  <text x="{x}" y="{BOTTOM + 20}" text-anchor="middle" fill="#37474f">{point["at"]:,}</text>')
    parts.append(
        f'  <text x="{RIGHT}" y="{BOTTOM + 42}" text-anchor="end" fill="#37474f">{escape(growth["by"])}</text>'
    )
    parts += _line([point["baseline"] for point in points], top, BARE, "bare", LEFT + 80)
    parts += _line([point["value"] for point in points], top, OURS, "ours", LEFT)
    parts.append(f'  <text x="{LEFT}" y="18" fill="#1b2730">{escape(result["unit"])}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(values: Sequence[float], top: float, colour: str, name: str, place: int) -> list[str]:
    places = [(_x(index, len(values)), _y(value, top)) for index, value in enumerate(values)]
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = [f'  <circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in places]
    legend = HEIGHT - 16
    return [
        f'  <polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>',
        *dots,
        f'  <rect x="{place}" y="{legend - 10}" width="14" height="10" fill="{colour}"/>',
        f'  <text x="{place + 20}" y="{legend}" fill="#1b2730">{name}</text>',
    ]


def _x(index: int, count: int) -> float:
    """Steps of equal width: the work grows by factors."""
    return round(LEFT + (RIGHT - LEFT) * (index + 0.5) / count, 1)


def _y(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _round_up(value: float) -> float:
    step = 10.0 ** (len(str(int(value))) - 1)
    while step >= value / 2:
        step /= 2
    return float(step * -(-value // step))

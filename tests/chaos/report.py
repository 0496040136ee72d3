"""The report: for each run what was answered and when, under what was broken and when; pictures without scripts."""

from html import escape
from pathlib import Path
from typing import Final

from tests.chaos.timeline import MOST_STRETCH, Book, Run, silence

WIDTH: Final = 900
HEIGHT: Final = 130
_LEFT, _TOP, _FAULTS = 46, 8, 16
_COLOURS: Final = ("#1b6e8c", "#8a5a00", "#5b3f9e", "#2f7d32", "#6b6b6b")
_BINS: Final = 180
_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 980px; margin: 2em auto; padding: 0 1em; color: #1d1d1d; }
h2 { font-size: 1.05em; margin: 2em 0 .3em; } .failed { color: #a3001b; } svg { width: 100%; height: auto; }
ul { margin: .3em 0; padding-left: 1.2em; } table { border-collapse: collapse; } td, th { padding: .2em .8em; }
th { text-align: left; border-bottom: 1px solid #999; } td + td { text-align: right; white-space: nowrap; }
.small { color: #555; }
"""


def write_report(file: Path, book: Book) -> None:
    """Writes one HTML page with everything in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(
        f'<tr><td><a href="#{escape(run.name)}">{escape(run.name)}</a></td><td>{"passed" if run.passed else "failed"}'
        f"</td><td>{_total(run)}</td><td>{len(run.faults)}</td><td>{run.ended - run.began:.0f} s</td></tr>"
        for run in book.runs
    )
    load = ", ".join(f"{value:.1f}" for value in book.load)
    file.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Fault laboratory</title><style>{_STYLE}</style>'
        f"<h1>Fault laboratory</h1><p>Runs: {len(book.runs)}. The machine's load when they began: {load}. Curves are "
        "changes acknowledged (or events arrived) a second; red is what was broken, from when until when.</p>"
        "<table><tr><th>run</th><th>result</th><th>acknowledged</th><th>faults</th><th>took</th></tr>"
        f"{rows}</table>{''.join(_section(run) for run in book.runs)}</html>\n"
    )


def _total(run: Run) -> int:
    return sum(len(stream) for name, stream in run.streams.items() if name != "arrived")


def _section(run: Run) -> str:
    result = "" if run.passed else ' <span class="failed">failed</span>'
    slow = (
        f'<p class="small">Others took the cores: computing took {run.slow:.1f} times its own time. Limits were '
        f"stretched {min(run.slow, MOST_STRETCH):.1f} times, which may be {MOST_STRETCH:.0f} times at most.</p>"
    )
    measured = "".join(f"<li>{escape(line)}</li>" for line in run.measured)
    return (
        f'<section id="{escape(run.name)}"><h2>{escape(run.name)}{result}</h2>{_picture(run)}'
        f"<ul>{measured}</ul>{slow if run.slow > 1.1 else ''}</section>"
    )


def _picture(run: Run) -> str:
    took = max(run.ended - run.began, 0.1)
    streams = {name: list(stream) for name, stream in run.streams.items() if stream}
    rates = {name: _rates(stream, run.began, took) for name, stream in streams.items()}
    top = max([1.0, *(rate for every in rates.values() for rate in every)])
    lines = "".join(
        f'<polyline fill="none" stroke="{_COLOURS[number % len(_COLOURS)]}" stroke-width="1.5" points="'
        + " ".join(f"{_LEFT + bin_ * WIDTH / _BINS:.1f},{_y(rate, top):.1f}" for bin_, rate in enumerate(every))
        + '"/>'
        for number, every in enumerate(rates.values())
    )
    return (
        f'<svg viewBox="0 0 {WIDTH + _LEFT + 10} {HEIGHT + 62}" role="img" '
        f'aria-label="{escape(run.name)}: answers a second and faults">'
        f"{_faults(run, took)}{lines}{_axes(took, top)}{_legend(list(rates), streams, run)}</svg>"
    )


def _rates(stream: list[float], began: float, took: float) -> list[float]:
    counts = [0] * _BINS
    for moment in stream:
        counts[min(_BINS - 1, max(0, int((moment - began) / took * _BINS)))] += 1
    return [count * _BINS / took for count in counts]


def _y(rate: float, top: float) -> float:
    return _TOP + _FAULTS + (HEIGHT - _FAULTS) * (1 - rate / top)


def _faults(run: Run, took: float) -> str:
    shapes = []
    for number, fault in enumerate(run.faults):
        end = fault.end or run.ended
        begin, width = _x(fault.begin - run.began, took), max(1.5, (end - fault.begin) / took * WIDTH)
        shapes.append(
            f'<rect x="{begin:.1f}" y="{_TOP}" width="{width:.1f}" height="{HEIGHT}" fill="#c3002b" opacity="0.16">'
            f"<title>{escape(fault.label)}, {end - fault.begin:.1f} s</title></rect>"
        )
        if len(run.faults) <= 8:
            # Where many are, the titles have the words; beside each other they would cover each other.
            place = f'x="{begin + 3:.1f}" y="{_TOP + 11 + 12 * (number % 3)}"'
            shapes.append(f'<text {place} font-size="10" fill="#8a001f">{escape(fault.label)}</text>')
    return "".join(shapes)


def _x(seconds: float, took: float) -> float:
    return _LEFT + max(0.0, seconds) / took * WIDTH


def _axes(took: float, top: float) -> str:
    low, step = _TOP + HEIGHT, max(1, round(took / 10))
    ticks = "".join(
        f'<text x="{_x(second, took):.1f}" y="{low + 14}" font-size="10" text-anchor="middle">{second} s</text>'
        for second in range(0, int(took) + 1, step)
    )
    return (
        f'<line x1="{_LEFT}" y1="{low}" x2="{_LEFT + WIDTH}" y2="{low}" stroke="#777"/>{ticks}'
        f'<text x="{_LEFT - 6}" y="{_TOP + _FAULTS + 4}" font-size="10" text-anchor="end">{top:.0f}/s</text>'
        f'<text x="{_LEFT - 6}" y="{low}" font-size="10" text-anchor="end">0</text>'
    )


def _legend(names: list[str], streams: dict[str, list[float]], run: Run) -> str:
    words = []
    for number, name in enumerate(names):
        first = run.faults[0].begin if run.faults else run.began
        quiet = silence(streams[name], first, max(streams[name][-1], first))
        text = f"{name}: {len(streams[name])}, silent {quiet:.1f} s at most"
        place = f'x="{_LEFT + (number % 3) * 300}" y="{_TOP + HEIGHT + 32 + 16 * (number // 3)}"'
        words.append(f'<text {place} font-size="12" fill="{_COLOURS[number % len(_COLOURS)]}">{escape(text)}</text>')
    return "".join(words)

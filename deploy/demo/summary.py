"""`summary.json` for programs, and the tables that people read at the end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.demo.data import Reference
from deploy.demo.reports import Made
from deploy.demo.screen import Screen, Step
from deploy.demo.world import Body, World


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demo did. ``seconds``: ``set_up``, ``stack`` and ``job``."""

    world: World
    reports: tuple[Made, ...]
    seconds: dict[str, float]

    @property
    def in_report(self) -> int:
        """The visits that the reports count, all together."""
        return sum(made.visits for made in self.reports)


def summary(outcome: Outcome, reference: Reference, root: Path) -> Body:
    """The document; files are named relative to ``root``, the repository's."""
    world = outcome.world
    return {
        "cities": [city["slug"] for city in reference.cities],
        "mentors": {"enrolled": len(world.cohort), "certified": world.certified},
        "volunteers": len(world.former) + len(world.helpers),
        "families": world.families,
        "tandems": len(world.tandems),
        "waiting": [{"family": row["family"], "reasons": row["reasons"]} for row in world.waiting],
        "visits": {"sent": world.visits.sent, "unique": world.visits.unique, "in_report": outcome.in_report},
        "reports": [_report(made, root) for made in outcome.reports],
        "carriers": world.carriers,
        "expired": world.expired,
        "newcomer": world.newcomer,
        "certificate": world.certificate,
        "round": world.explained,
        "seconds": {name: round(value, 3) for name, value in outcome.seconds.items()},
    }


def write_summary(document: Body, file: Path) -> None:
    """Whole or not at all."""
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    partial.replace(file)


def show_end(screen: Screen, outcome: Outcome, reference: Reference, calls: str) -> None:
    """The tables: what happened, who waits, what was reached; then the calls and the seconds."""
    screen.say("")
    _show_steps(screen.console, screen.steps)
    _show_waiting(screen.console, outcome.world)
    _show_targets(screen.console, outcome, reference)
    seconds = ", ".join(f"{name} {value:.1f}" for name, value in outcome.seconds.items())
    screen.say(f"{calls}.\nSeconds: {seconds}.")


def _show_steps(console: Console, steps: Sequence[Step]) -> None:
    table = _table("What happened", "step", "what happened")
    table.add_column("seconds", justify="right")
    for step in steps:
        table.add_row(step.name, step.told, f"{step.seconds:.1f}")
    console.print(table)


def _show_waiting(console: Console, world: World) -> None:
    last = "why nobody yet (helpers who fail there first)"
    table = _table("Who waits, and why", "programme", "speaks", "lives in", "since", last)
    for row in world.waiting:
        why = "; ".join(f"{reason['title']} ({reason['mentors']})" for reason in row["reasons"]) or "no free place"
        table.add_row(row["programme"], ", ".join(row["languages"]), row["district"], row["waiting_since"], why)
    console.print(table)


def _show_targets(console: Console, outcome: Outcome, reference: Reference) -> None:
    table = _table("Target and actual, as reported", "programme", "indicator")
    for name in ("target", "actual", "reached", "stated then"):
        table.add_column(name, justify="right")
    for made in outcome.reports:
        stated = dict(reference.stated.get(made.of.programme, {}))
        for row in made.targets:
            percent = "" if row["reached_percent"] is None else f"{row['reached_percent']} %"
            bounds = ", ".join(f"{name} {value}".replace("_", " ") for name, value in row["target"].items())
            said = str(stated.pop(row["indicator"], ""))
            table.add_row(made.of.programme, row["indicator"], bounds, str(row["actual"]), percent, said)
        for code, value in stated.items():
            table.add_row(made.of.programme, code, "", str(made.figures.get(code, "")), "", str(value))
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _report(made: Made, root: Path) -> dict[str, Any]:
    return {
        "programme": made.of.programme,
        "files": [file.relative_to(root).as_posix() for file in made.files],
        "targets": [dict(row) for row in made.targets],
    }

"""``tueroeffner match simulate``: what a rhythm and a policy would have done in a year of arrivals."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from services.matching.domain.instance import Instance
    from services.matching.domain.policy import Policy
    from services.matching.domain.simulation import Year
    from shared.kernel.errors import Refused

WRONG = 2
EXIT_CODES = "Exit codes: 0 done; 1 a defect; 2 input refused."
_RHYTHMS = ("daily", "weekly", "monthly")
_UNTIL = "2026-01-31"
"""The last day of an invented year."""


def simulate(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="A matching file: each family arrives on its `waiting_since`. The file of a stored round is your own "
            "history. Without one an invented town is made.",
        ),
    ] = None,
    *,
    seed: Annotated[int, typer.Option(help="Which invented town.")] = 1,
    families: Annotated[int, typer.Option(help="Families of the invented town.", min=1, max=5_000)] = 300,
    mentors: Annotated[int, typer.Option(help="Mentors of the invented town.", min=0, max=2_000)] = 60,
    policy: Annotated[
        list[Path] | None, typer.Option(help="A policy file; may be repeated to compare. Without one the default.")
    ] = None,
    rhythm: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(_RHYTHMS)}; may be repeated.")] = None,
    lasting: Annotated[int, typer.Option(help="Days that a tandem runs.", min=1, max=3_650)] = 180,
    chart: Annotated[Path | None, typer.Option(help="Write a chart (SVG) here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Replay a year of arrivals under rhythms and policies, and compare waiting, families helped and fit.

    Example: `tueroeffner match simulate --families 300 --mentors 60 --rhythm daily --rhythm monthly`.
    """
    rhythms = rhythm or list(_RHYTHMS)
    for one in rhythms:
        if one not in _RHYTHMS:
            _end(f"--rhythm: {one} is none of {', '.join(_RHYTHMS)}")
    pool = _pool(file, seed, families, mentors)
    years = _years(pool, _policies(policy or []), rhythms, lasting, quiet=as_json)
    if chart is not None:
        from services.matching.exports.chart import chart_of

        chart.write_text(chart_of(years), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps([asdict(year) for year in years]))
    else:
        _show(years)


def _pool(file: Path | None, seed: int, families: int, mentors: int) -> "Instance":
    from services.matching.domain.arrivals import arrivals
    from services.matching.domain.instance_check import read_instance
    from shared.kernel.errors import Refused

    source: Any = arrivals(seed, families, mentors, _UNTIL) if file is None else _read(file)
    try:
        return read_instance(source)
    except Refused as fault:
        _refuse(str(file), fault)


def _policies(files: list[Path]) -> "list[Policy]":
    from services.matching.domain.policy import Policy, read_policy
    from shared.kernel.errors import Refused

    policies = []
    for file in files:
        try:
            policies.append(read_policy(_read(file)))
        except Refused as fault:
            _refuse(str(file), fault)
    return policies or [Policy()]


def _refuse(name: str, fault: "Refused") -> NoReturn:
    _end("\n".join(f"{name}: {one.pointer}: {one.code}: {one.expected}" for one in fault.findings))


def _years(
    pool: "Instance", policies: "list[Policy]", rhythms: list[str], lasting: int, *, quiet: bool
) -> "list[Year]":
    from rich.console import Console
    from rich.progress import Progress

    from services.matching.commands.solve_instance import solve_round
    from services.matching.domain.simulation import Way, rounds_of, simulate

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("rounds", total=sum(rounds_of(pool, one) for one in rhythms) * len(policies))
        return [
            simulate(pool, policy, Way(rhythm, lasting), solve_round, lambda: progress.advance(task))
            for policy in policies
            for rhythm in rhythms
        ]


def _show(years: "list[Year]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ("rhythm", "policy", "rounds", "helped", "of", "days p50", "p95", "max", "fit", "left", "longest left")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < 2 else "right", no_wrap=True)
    for year in years:
        cells = (year.rhythm, year.policy, year.rounds, year.helped, year.families, year.days_p50, year.days_p95)
        table.add_row(*map(str, (*cells, year.days_max, year.fit, year.left, year.left_days)))
    Console(highlight=False, width=None if sys.stdout.isatty() else 120).print(table)


def _read(file: Path) -> Any:
    from services.matching.domain.shapes import parse_json
    from shared.kernel.errors import Refused

    try:
        return parse_json(file.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        _end(f"{file}: {fault.strerror}")
    except (UnicodeDecodeError, Refused):
        _end(f"{file}: not JSON")


def _end(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(WRONG)

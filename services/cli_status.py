"""``tueroeffner status``: one table of all services, and an exit code that says whether all is well."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.watching import Seen

FOUND = 1
WRONG = 2
AWAY = 3
EXIT_CODES = "Exit codes: 0 all is well; 1 there are findings; 2 arguments refused; 3 a service does not answer."

At = Annotated[
    str,
    typer.Option(
        help="Where the services are: a URL such as http://{service}:8000, or a JSON file such as the running.json "
        "that `make up` writes."
    ),
]


def addresses_of(at: str) -> dict[str, str]:
    """The services' URLs. Ends the command with exit code 2 where ``at`` does not name them."""
    from services.watching import NoAddresses, read_addresses

    try:
        return read_addresses(at)
    except NoAddresses as fault:
        typer.echo(f"--at: {fault}", err=True)
        raise typer.Exit(WRONG) from fault


def show_status(
    at: At,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show version, readiness and what waits or was given up, of each service; then what should be looked at."""
    from services.watching import look

    seen = asyncio.run(look(addresses_of(at)))
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in seen], ensure_ascii=False))
    else:
        _show(seen)
    if not all(one.answers for one in seen):
        raise typer.Exit(AWAY)
    if any(one.findings() for one in seen):
        raise typer.Exit(FOUND)


def _show(seen: "list[Seen]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("service", "version", "ready"):
        table.add_column(heading, no_wrap=True)
    for heading in ("outbox", "lag", "dead", "parked", "given up", "audit", "cities"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in seen:
        table.add_row(*_cells(one))
    plain = Console(highlight=False)
    # A file has no width of its own, and a table must not break in it.
    console = plain if plain.is_terminal else Console(highlight=False, width=120)
    console.print(table)
    for one in seen:
        for finding in one.findings():
            console.print(f"{one.service}: {finding}", markup=False, soft_wrap=True)


def _cells(one: "Seen") -> list[str]:
    if not one.answers:
        return [one.service, "–", "no answer", *["–"] * 7]
    oldest = max(one.audit_age.values(), default=0.0)
    outbox = f"{one.outbox} ({one.outbox_age:.0f} s)" if one.outbox else "0"
    counts = (one.lag, one.dead_letters, one.parked, one.given_up)
    ready = "yes" if one.ready else "NO"
    return [one.service, one.version, ready, outbox, *map(str, counts), f"{oldest:.0f} s", str(len(one.cities))]

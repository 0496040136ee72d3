"""``tueroeffner rebuild``: a projection of a running service is read anew beside the live one, with a progress bar."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from shared.messaging.rebuild_rows import RebuildState

FOUND = 1
EXIT_CODES = "Exit codes: 0 rebuilt; 1 it failed, nothing was changed; 2 settings or arguments refused; 3 no answer."
ASK_AGAIN_SECONDS = 0.2

ServiceName = Annotated[Literal["registry", "visits", "matching", "reporting"], typer.Argument(help="Whose it is.")]


def rebuild(
    service: ServiceName,
    projection: Annotated[str, typer.Option(help="The projection's collection; without it, all of the service.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Rebuild projections while the service works; interrupting this command does not interrupt the rebuild."""
    from services import operations

    try:
        states = operations.run(_all(service, projection, quiet=as_json))
    except operations.Failed as failed:
        typer.echo(str(failed), err=True)
        raise typer.Exit(failed.code) from failed
    if as_json:
        typer.echo(json.dumps([_as_json(state) for state in states]))
    else:
        for state in states:
            typer.echo(f"{state.collection}: {state.state} {state.error}".rstrip())
    if any(state.state != "done" for state in states):
        raise typer.Exit(FOUND)


async def _all(service: str, projection: str, *, quiet: bool) -> "list[RebuildState]":
    from rich.console import Console
    from rich.progress import Progress

    from services import operations

    names = await operations.ask_for_rebuilds(service, projection)
    with Progress(console=Console(stderr=True), disable=quiet) as bars:
        tasks: dict[str, Any] = {name: bars.add_task(name, total=None) for name in names}
        while True:
            states = await operations.rebuild_states(service, names)
            for state in states:
                bars.update(tasks[state.collection], completed=state.read, total=max(state.of, state.read) or None)
            if all(state.over for state in states):
                return states
            await asyncio.sleep(ASK_AGAIN_SECONDS)


def _as_json(state: "RebuildState") -> dict[str, Any]:
    names = ("collection", "state", "read", "skipped", "fenced_ms", "error")
    return {name: getattr(state, name) for name in names}

"""``tueroeffner city``: opens a city while the services go on serving the others, and shows who serves which."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli_status import AWAY, FOUND, WRONG, At, addresses_of

EXIT_CODES = (
    "Exit codes: 0 all services serve it; 1 registry refuses, or not all serve it; 2 arguments refused; "
    "3 a service does not answer."
)
city = typer.Typer(help="The cities of a deployment.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@city.command("add", epilog=EXIT_CODES)
def add_city(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSON: slug, name, state, licence of the districts' data, districts; as POST /v1/cities takes it."
        ),
    ],
    at: At,
    token_file: Annotated[
        str, typer.Option(help="A file with a token of the association; - reads it from standard input.")
    ],
    within: Annotated[int, typer.Option(help="Seconds to wait until all services serve it.", min=1, max=3600)] = 60,
    as_json: Json = False,
) -> None:
    """Open a city, and wait until all four services serve it. May be repeated after an interruption."""
    from services import opening

    addresses, body, token = addresses_of(at), _read_city(file), read_token(token_file)
    try:
        with _Waiting(body["slug"], quiet=as_json) as waiting:
            opened = asyncio.run(opening.open_city(addresses, token, body, within=within, told=waiting.served_by))
    except opening.NotOpened as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(AWAY if fault.away else FOUND) from fault
    missing = sorted(addresses.keys() - opened.served_by)
    if as_json:
        told = {"city": body["slug"], "opened": opened.new, "served_by": sorted(opened.served_by), "missing": missing}
        typer.echo(json.dumps(told))
    elif not missing:
        how = "is open" if opened.new else "was open already"
        typer.echo(f"{body['slug']} {how}; all services serve it")
    if missing:
        typer.echo(f"{body['slug']}: after {within} s not served by {', '.join(missing)}", err=True)
        raise typer.Exit(FOUND)


@city.command("list", epilog=EXIT_CODES)
def list_cities(at: At, as_json: Json = False) -> None:
    """List the cities, each with the services that serve it."""
    from services.watching import look

    seen = asyncio.run(look(addresses_of(at)))
    away = [one.service for one in seen if not one.answers]
    slugs = sorted({slug for one in seen for slug in one.cities})
    served = {slug: [one.service for one in seen if slug in one.cities] for slug in slugs}
    if as_json:
        typer.echo(json.dumps({"cities": [{"city": key, "served_by": by} for key, by in served.items()], "away": away}))
    else:
        for slug, by in served.items():
            lacking = [one.service for one in seen if one.service not in by]
            typer.echo(f"{slug}\t{', '.join(by)}" + (f"\tnot by {', '.join(lacking)}" if lacking else ""))
        for name in away:
            typer.echo(f"{name}: does not answer", err=True)
    if away:
        raise typer.Exit(AWAY)
    if any(len(by) < len(seen) for by in served.values()):
        raise typer.Exit(FOUND)


def _read_city(file: Path) -> Mapping[str, Any]:
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except OSError as fault:
        _refuse(f"{file}: {fault.strerror}")
    except ValueError:
        _refuse(f"{file}: not JSON")
    if not isinstance(body, dict) or not isinstance(body.get("slug"), str):
        _refuse(f"{file}: an object with the city's slug is needed")
    return dict(body)


def read_token(file: str) -> str:
    """The token in a file, or on standard input. Ends the command with exit code 2 where there is not one."""
    try:
        token = typer.get_text_stream("stdin").read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as fault:
        _refuse(f"--token-file: {getattr(fault, 'strerror', 'not text')}")
    if not token.strip().isascii() or len(token.split()) != 1:
        _refuse("--token-file: one token is needed")
    return token.strip()


def _refuse(text: str) -> Any:
    typer.echo(text, err=True)
    raise typer.Exit(WRONG)


class _Waiting:
    """Shows on a terminal which services serve the city already."""

    def __init__(self, slug: str, *, quiet: bool) -> None:
        from rich.console import Console

        console = Console(stderr=True, highlight=False)
        self._slug = slug
        self._status = console.status(f"{slug}: opening") if console.is_terminal and not quiet else None

    def served_by(self, services: frozenset[str]) -> None:
        """These serve it by now."""
        if self._status is not None:
            self._status.update(f"{self._slug}: served by {', '.join(sorted(services)) or 'none yet'}")

    def __enter__(self) -> "_Waiting":
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

"""The commands of operations: topics, dead letters, audit, generated documents."""

import asyncio
import importlib
import json
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from shared.kernel.errors import NotFound, Poison
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.kafka import Kafka
from shared.messaging.replay import discard, replay
from shared.runtime.process import topic_settings
from shared.runtime.service import Service
from shared.runtime.settings import SettingsWrong, read_settings
from shared.storage.chain import verify_city
from shared.storage.mongo import Mongo
from shared.storage.store import Store

FOUND = 1
WRONG = 2
_EXIT_CODES = "Exit codes: 0 done; 1 something was found wrong; 2 settings or arguments refused."

topics = typer.Typer(help="The Kafka topics.", no_args_is_help=True)
letters = typer.Typer(help="Records that could not be handled, and what is parked behind them.", no_args_is_help=True)
audit = typer.Typer(help="The audit chain.", no_args_is_help=True)

ServiceName = Annotated[str, typer.Option("--service", help="registry, visits, matching or reporting")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@topics.command("apply", epilog=_EXIT_CODES)
def apply_topics() -> None:
    """Make the missing topics and wait until all have a leader."""
    settings = _settings("registry")
    kafka = Kafka(settings.kafka, "topics", settings.topic_prefix)
    made = _run(kafka.apply_topics(topic_settings(settings)))
    typer.echo(f"{len(made)} topics made" if made else "all topics are there")


@letters.command("list", epilog=_EXIT_CODES)
def list_letters(service: ServiceName, as_json: Json = False) -> None:
    """List dead letters, oldest first, without their contents."""
    _, store = _parts(service)
    rows = _run(DeadLetters(store.mongo).everything())
    if as_json:
        typer.echo(json.dumps([{**row, "key": _key(row)} for row in rows], default=str))
        return
    table = Table("id", "reason", "key", "at")
    for row in rows:
        table.add_row(row["_id"], row["reason"], _key(row), str(row["at"]))
    Console().print(table)


@letters.command("show", epilog=_EXIT_CODES)
def show_letter(letter: str, service: ServiceName) -> None:
    """Print one dead letter, whole."""
    _, store = _parts(service)
    row = _run(DeadLetters(store.mongo).show(letter))
    if row is None:
        _fail(f"{letter}: not there")
    typer.echo(
        json.dumps(
            row, default=lambda value: value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        )
    )


@letters.command("replay", epilog=_EXIT_CODES)
def replay_letter(letter: str, service: ServiceName) -> None:
    """Apply a dead letter, and what is parked behind it, once more."""
    made, store = _parts(service)
    try:
        count = _run(replay(store, DeadLetters(store.mongo), made.projections, letter))
    except NotFound:
        _fail(f"{letter}: not there")
    except Poison as poison:
        _fail(f"{letter}: still {poison}")
    typer.echo(f"{count} events applied")


@letters.command("discard", epilog=_EXIT_CODES)
def discard_letter(letter: str, service: ServiceName) -> None:
    """Give a dead letter up; what is parked behind it is applied."""
    made, store = _parts(service)
    try:
        count = _run(discard(store, DeadLetters(store.mongo), made.projections, letter))
    except NotFound:
        _fail(f"{letter}: not there")
    typer.echo(f"discarded; {count} parked events applied")


@audit.command("verify", epilog=_EXIT_CODES)
def verify_audit(service: ServiceName, city: Annotated[str, typer.Option(help="The city's slug.")]) -> None:
    """Check every row and every link of a city's audit chain."""
    _, store = _parts(service)
    findings = _run(verify_city(store.mongo, city))
    for finding in findings:
        typer.echo(f"{finding.number}: {finding.code}")
    if findings:
        raise typer.Exit(FOUND)
    typer.echo("the chain holds")


def _settings(service: str) -> Any:
    try:
        return read_settings(service)
    except SettingsWrong as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(WRONG) from fault


def _parts(service: str) -> tuple[Service, Store]:
    if service not in ("registry", "visits", "matching", "reporting"):
        typer.echo("--service: registry, visits, matching or reporting", err=True)
        raise typer.Exit(WRONG)
    made: Service = importlib.import_module(f"services.{service}.app").SERVICE
    settings = _settings(service)
    return made, Store(Mongo(settings.mongo_url, service), settings.master_key(), made.layout)


def _key(row: dict[str, Any]) -> str:
    return bytes(row["key"]).decode(errors="replace")


def _fail(text: str) -> Any:
    typer.echo(text, err=True)
    raise typer.Exit(FOUND)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)

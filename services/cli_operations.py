"""The commands of operations: topics, dead letters, reactions, audit. What they do is in ``services.operations``.

That module, and with it the drivers of MongoDB and Kafka, is imported inside a command only.
"""

import json
from typing import Annotated, Any, Literal

import typer

EXIT_CODES = (
    "Exit codes: 0 done; 1 something was found wrong; 2 settings or arguments refused; 3 a server does not answer."
)
FOUND = 1

topics = typer.Typer(help="The Kafka topics.", no_args_is_help=True)
letters = typer.Typer(help="Records that could not be handled, and what is parked behind them.", no_args_is_help=True)
reactions = typer.Typer(help="Commands that events asked for, and that were given up.", no_args_is_help=True)
audit = typer.Typer(help="The audit chain.", no_args_is_help=True)

ServiceName = Annotated[
    Literal["registry", "visits", "matching", "reporting"], typer.Option("--service", help="Whose they are.")
]
Letter = Annotated[str, typer.Argument(help="The dead letter's id, as `list` shows it.")]
Asked = Annotated[str, typer.Argument(help="The reaction's id, as `list` shows it.")]
City = Annotated[str, typer.Option(help="The city's slug.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def mount(app: typer.Typer) -> None:
    """Adds these commands to the command line."""
    app.add_typer(topics, name="topics")
    app.add_typer(letters, name="deadletters")
    app.add_typer(reactions, name="reactions")
    app.add_typer(audit, name="audit")


@topics.command("apply", epilog=EXIT_CODES)
def apply_topics(as_json: Json = False) -> None:
    """Make the missing topics, give all of them our configuration, and wait until all have a leader."""
    from services import operations

    applied = _end(operations.apply_topics())
    _tell({"made": list(applied.made), "configured": list(applied.configured)}, as_json, _told_of_topics)


@letters.command("list", epilog=EXIT_CODES)
def list_letters(service: ServiceName, as_json: Json = False) -> None:
    """List dead letters, oldest first, without their contents."""
    from services import operations

    rows = _end(operations.list_letters(service))
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo("\t".join(str(row[name]) for name in ("id", "reason", "key", "at")))


@letters.command("show", epilog=EXIT_CODES)
def show_letter(letter: Letter, service: ServiceName, as_json: Json = False) -> None:
    """Print one dead letter, whole: JSON on many lines for people, on one for programs."""
    from services import operations

    shown = _end(operations.show_letter(service, letter))
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=None if as_json else 2))


@letters.command("replay", epilog=EXIT_CODES)
def replay_letter(letter: Letter, service: ServiceName, as_json: Json = False) -> None:
    """Apply a dead letter, and what is parked behind it, once more."""
    from services import operations

    count = _end(operations.replay_letter(service, letter))
    _tell({"applied": count}, as_json, lambda told: f"{told['applied']} events applied")


@letters.command("discard", epilog=EXIT_CODES)
def discard_letter(letter: Letter, service: ServiceName, as_json: Json = False) -> None:
    """Give a dead letter up; what is parked behind it is applied."""
    from services import operations

    count = _end(operations.discard_letter(service, letter))
    _tell({"applied": count}, as_json, lambda told: f"discarded; {told['applied']} parked events applied")


@reactions.command("list", epilog=EXIT_CODES)
def list_reactions(service: ServiceName, as_json: Json = False) -> None:
    """List the reactions that were given up, without what they are about."""
    from services import operations

    rows = _end(operations.list_reactions(service))
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo("\t".join(row[name] for name in ("id", "name", "city", "error")))


@reactions.command("retry", epilog=EXIT_CODES)
def retry_reaction(reaction: Asked, service: ServiceName, as_json: Json = False) -> None:
    """Let the running service try a reaction again."""
    from services import operations

    _end(operations.retry_reaction(service, reaction))
    _tell({"retried": reaction}, as_json, lambda told: f"{told['retried']} is tried again")


@reactions.command("discard", epilog=EXIT_CODES)
def discard_reaction(reaction: Asked, service: ServiceName, as_json: Json = False) -> None:
    """Take a reaction away: what it asked for is not done."""
    from services import operations

    _end(operations.discard_reaction(service, reaction))
    _tell({"discarded": reaction}, as_json, lambda told: f"{told['discarded']} is discarded")


@audit.command("verify", epilog=EXIT_CODES)
def verify_audit(service: ServiceName, city: City, as_json: Json = False) -> None:
    """Check every row and every link of a city's audit chain."""
    from services import operations

    findings = _end(operations.verify_audit(service, city))
    if as_json:
        typer.echo(json.dumps([{"number": finding.number, "code": finding.code} for finding in findings]))
    else:
        for finding in findings:
            typer.echo(f"{finding.number}: {finding.code}")
    if findings:
        raise typer.Exit(FOUND)
    if not as_json:
        typer.echo("the chain holds")


def _told_of_topics(told: dict[str, Any]) -> str:
    made, configured = len(told["made"]), len(told["configured"])
    return f"{made} topics made, {configured} configured anew" if made or configured else "all topics are there"


def _tell(told: dict[str, Any], as_json: bool, words: Any) -> None:
    typer.echo(json.dumps(told) if as_json else words(told))


def _end(work: Any) -> Any:
    """Runs the work; a failure ends the command with its exit code and one line on standard error."""
    from services import operations

    try:
        return operations.run(work)
    except operations.Failed as failed:
        typer.echo(str(failed), err=True)
        raise typer.Exit(failed.code) from failed

"""The command line ``tueroeffner``: mounts each service's commands. Heavy libraries are loaded inside commands only."""

import typer

from services import cli_city, cli_operations, cli_rebuild, cli_replay, cli_simulate, cli_status, cli_token
from services.matching.cli import app as match

app = typer.Typer(
    name="tueroeffner",
    help="Türöffner: neighbourhood programmes from the command line.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
match.command("replay", epilog=cli_replay.EXIT_CODES)(cli_replay.replay)
match.command("simulate", epilog=cli_simulate.EXIT_CODES)(cli_simulate.simulate)
app.add_typer(match, name="match")
app.add_typer(cli_city.city, name="city")
app.command("status", epilog=cli_status.EXIT_CODES)(cli_status.show_status)
cli_operations.mount(app)
app.command("rebuild", epilog=cli_rebuild.EXIT_CODES)(cli_rebuild.rebuild)
app.command("token", epilog=cli_token.EXIT_CODES)(cli_token.issue_token)


@app.callback()
def _root() -> None:
    """A group even while it has one member, so that names of commands never change."""


def main() -> None:
    """The entry point of the installed command."""
    app()

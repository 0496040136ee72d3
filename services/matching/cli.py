"""The commands of matching: ``tueroeffner match …``. Files in, JSON out; no server, no database."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from services.matching.domain.policy import Policy, policy_document, policy_schema
from services.matching.domain.shapes import parse_json
from shared.kernel.errors import Finding, Refused

REFUSED = 2
_EXIT_CODES = "Exit codes: 0 done; 1 a defect; 2 input refused (one line per error on standard error, nothing else)."

app = typer.Typer(name="match", help="Match mentors to families.", no_args_is_help=True)


@app.command("solve", epilog=_EXIT_CODES)
def solve_file(
    instance: Annotated[str, typer.Argument(metavar="FILE|-", help="One city's instance, or - for standard input.")],
    policy: Annotated[Path | None, typer.Option(help="A policy file; without it the default policy.")] = None,
) -> None:
    """Solve one instance and write the result as JSON."""
    # The engine takes half a second to load; help and refused files need not wait for it.
    try:
        data = _read("standard input" if instance == "-" else instance, sys.stdin.buffer if instance == "-" else None)
        rules = None if policy is None else _read(str(policy), None)
        from services.matching.commands.solve_instance import solve_instance

        result = solve_instance(data, rules, time.perf_counter)
    except Refused as refused:
        _refuse(refused.findings)
    typer.echo(json.dumps(result, ensure_ascii=False, indent=1))


@app.command("policy", epilog=_EXIT_CODES)
def show_policy(
    schema: Annotated[bool, typer.Option("--schema", help="The JSON schema, with the default in it.")] = False,
) -> None:
    """Print the default policy."""
    document = policy_schema() if schema else policy_document(Policy())
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _read(source: str, stream: Any) -> Any:
    """The JSON of a file or stream; whatever prevents that is a ``Refused`` too."""
    try:
        raw: bytes = Path(source).read_bytes() if stream is None else stream.read()
        return parse_json(raw.decode("utf-8-sig"))
    except OSError as error:
        reason = error.strerror or "an unknown reason"
        raise Refused("unreadable", (Finding("", "unreadable", f"a readable file ({reason})"),)) from error
    except UnicodeDecodeError as error:
        raise Refused("not-json", (Finding("", "not-json", "JSON in UTF-8"),)) from error


def _refuse(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        typer.echo(f"{_one_line(finding.pointer)}: {finding.code}: {finding.expected}", err=True)
    raise typer.Exit(REFUSED)


def _one_line(pointer: str) -> str:
    """A pointer on one line: what cannot be printed, a line break above all, is written as its escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in pointer)

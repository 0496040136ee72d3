"""``tueroeffner match replay``: solves a stored round once more and says whether it comes out the same."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli_city import read_token
from services.cli_status import AWAY, FOUND, WRONG, addresses_of

REDUCED = 4
EXIT_CODES = (
    "Exit codes: 0 the same; 1 it differs, or the service refuses; 2 arguments refused; 3 the service does not answer; "
    "4 the stored file was reduced since, so that nothing can be said."
)
_ANSWERS = 60.0

Stored = Mapping[str, Any]
"""``round`` as the service answers it, and ``instance``, its matching file."""


def replay(
    round_or_file: Annotated[
        str, typer.Argument(metavar="ROUND|FILE", help="A round's id (rnd_…), or a file that --save wrote.")
    ],
    *,
    city: Annotated[str, typer.Option(help="The round's city; with a round's id.")] = "",
    at: Annotated[str, typer.Option(help="Where the services are, as for `tueroeffner status`.")] = "",
    token_file: Annotated[
        str, typer.Option(help="A file with a coordinator's token; - reads it from standard input.")
    ] = "",
    save: Annotated[Path | None, typer.Option(help="Keep round and file here, to replay them elsewhere.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Solve a stored round again: the same pairs, aims and proof, whatever the machine."""
    stored = _fetched(round_or_file, city, at, token_file) if round_or_file.startswith("rnd_") else _read(round_or_file)
    if save is not None:
        save.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
    from services.matching.commands.replay_round import replay_round
    from shared.kernel.errors import Refused

    try:
        found = replay_round(stored["round"], stored["instance"])
    except Refused as fault:
        _end(f"{round_or_file}: {'; '.join(f'{one.pointer}: {one.code}' for one in fault.findings)}", WRONG)
    document = found.document()
    if as_json:
        typer.echo(json.dumps(document))
    else:
        _show(stored["round"], document)
    if not found.same_input:
        raise typer.Exit(REDUCED)
    if not found.same:
        raise typer.Exit(FOUND)


def _show(told: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    def said(same: bool) -> str:
        return "the same" if same else "NOT the same"

    typer.echo(f"{told.get('id', 'round')}: {told.get('programme', '')} on {told.get('date', '')}")
    typer.echo(f"input      {said(found['same_input'])}")
    typer.echo(f"pairs      {said(found['same_pairs'])} ({found['pairs']})")
    typer.echo(f"objective  {said(found['same_objective'])}")
    typer.echo(f"proof      {'valid' if found['proven'] else 'BROKEN'}")
    now, then = found["engine_now"], found["engine_then"]
    typer.echo(f"engine     {now}" + (f" (then {then})" if now != then else ""))
    if not found["same_input"]:
        typer.echo("The stored file was reduced since; other pairs say nothing about the round.", err=True)


def _read(file: str) -> Stored:
    try:
        stored = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as fault:
        _end(f"{file}: {fault.strerror}", WRONG)
    except ValueError:
        _end(f"{file}: not JSON", WRONG)
    if not isinstance(stored, dict) or not isinstance(stored.get("round"), dict) or "instance" not in stored:
        _end(f"{file}: a file that --save wrote is needed", WRONG)
    return dict(stored)


def _fetched(round_id: str, city: str, at: str, token_file: str) -> Stored:
    import httpx

    for name, value in (("--city", city), ("--at", at), ("--token-file", token_file)):
        if not value:
            _end(f"{name} is needed with a round's id", WRONG)
    url = f"{addresses_of(at)['matching']}/v1/cities/{city}/rounds/{round_id}"
    headers = {"Authorization": f"Bearer {read_token(token_file)}"}
    try:
        with httpx.Client(timeout=_ANSWERS, headers=headers) as http:
            answers = [http.get(url), http.get(f"{url}/instance")]
    except httpx.HTTPError as fault:
        _end(f"matching: {type(fault).__name__}", AWAY)
    for answer in answers:
        if answer.status_code != httpx.codes.OK:
            _end(f"matching answers {answer.status_code}: {_title(answer.content)}", FOUND)
    return {"round": answers[0].json(), "instance": answers[1].json()}


def _title(content: bytes) -> str:
    try:
        problem = json.loads(content)
    except ValueError:
        return "no reason given"
    return str(problem.get("detail") or problem.get("title") or problem.get("code", "")) if problem else ""


def _end(text: str, code: int) -> Any:
    typer.echo(text, err=True)
    raise typer.Exit(code)

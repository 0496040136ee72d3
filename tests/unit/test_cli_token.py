"""``tueroeffner token``: what it prints is taken by a local service, what no service would take is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app
from shared.kernel.ids import new_id
from shared.security.local_issuer import KEY_FILE, local_issuers
from shared.security.principals import Grant, Principal
from shared.security.tokens import TokenVerifier


def run(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["token", "--folder", str(folder), *arguments])


def taken(folder: Path, token: str) -> Principal:
    return TokenVerifier(local_issuers(folder, "local", "127.0.0.1")).verify(token)


def test_token_is_taken_with_all_its_limits(tmp_path: Path) -> None:
    limits = ["--programme", "lesen", "--programme", "sport", "--site", "nord", "--carrier", "verein-a"]
    result = run(tmp_path, "--role", "coordinator", "--city", "rostock", *limits, "--subject", "sub-7")
    assert result.exit_code == 0
    principal = taken(tmp_path, result.stdout.strip())
    assert principal.subject == "sub-7"
    assert principal.grants == (
        Grant("coordinator", "rostock", "verein-a", frozenset({"lesen", "sport"}), frozenset({"nord"})),
    )
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_token_of_a_mentor_names_the_person_and_lasts_as_asked(tmp_path: Path) -> None:
    person = new_id("per")
    result = run(tmp_path, "--role", "mentor", "--city", "rostock", "--person", person, "--minutes", "3", "--json")
    principal = taken(tmp_path, json.loads(result.stdout)["token"])
    assert principal.person == person
    assert principal.expires - principal.issued == 180
    assert principal.subject == json.loads(result.stdout)["subject"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", "root", "--city", "rostock"],
        ["--role", "coordinator"],
        ["--role", "association", "--city", "rostock"],
        ["--role", "coordinator", "--city", "Rostock"],
        ["--role", "coordinator", "--city", "rostock", "--site", "Nord!"],
        ["--role", "mentor", "--city", "rostock"],
        ["--role", "mentor", "--city", "rostock", "--person", "per_1"],
        ["--role", "partner", "--city", "rostock"],
        ["--role", "coordinator", "--city", "rostock", "--subject", "Frau Muster"],
        ["--role", "coordinator", "--city", "rostock", "--minutes", "16"],
        ["--role", "coordinator", "--city", "rostock", "--minutes", "0"],
    ],
)
def test_token_that_no_service_would_take_is_refused_and_no_key_is_made(tmp_path: Path, arguments: list[str]) -> None:
    result = run(tmp_path, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr
    assert list(tmp_path.iterdir()) == []

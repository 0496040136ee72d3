"""The commands of operations, as far as no server is needed: help, refusals, and what is not loaded too early."""

import json
import subprocess
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app

COMMANDS = [
    ("topics", "apply"), ("deadletters", "list"), ("deadletters", "show"), ("deadletters", "replay"),
    ("deadletters", "discard"), ("reactions", "list"), ("reactions", "retry"), ("reactions", "discard"),
    ("audit", "verify"), ("status",), ("city", "add"), ("city", "list"),
]  # fmt: skip
SERVERS = ("motor", "pymongo", "aiokafka", "fastapi", "uvicorn", "starlette", "pymongocrypt")
LOADED = "import json, sys; print(json.dumps([m for m in {} if m in sys.modules]))"


def run(*arguments: str, **environment: str | None) -> Any:
    return CliRunner().invoke(app, list(arguments), env=dict(environment))


def loaded_after(code: str) -> list[str]:
    """Which libraries of servers a fresh Python has loaded after running ``code``."""
    script = f"{code}\n{LOADED.format(repr(SERVERS))}"
    output = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    found: list[str] = json.loads(output.splitlines()[-1])
    return found


def typed(*arguments: str) -> str:
    """Runs the command line in that Python, without its output and its exit."""
    return (
        "import contextlib, io\nfrom services.cli import app\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        f"    app({list(arguments)!r})"
    )


@pytest.mark.parametrize("arguments", [("--help",), ("topics", "apply", "--help"), ("match", "policy")])
def test_no_library_of_servers_is_loaded_for(arguments: tuple[str, ...]) -> None:
    assert loaded_after(typed(*arguments)) == []


def test_no_library_of_servers_is_loaded_for_solving_a_file() -> None:
    assert loaded_after(typed("match", "solve", "tests/unit/matching/example_instance.json")) == []


def test_no_library_of_servers_is_loaded_for_looking_at_services() -> None:
    assert loaded_after(typed("status", "--at", "http://127.0.0.1:9/{service}")) == []


def test_rule_sees_what_an_operation_loads() -> None:
    assert {"motor", "aiokafka", "pymongocrypt"} <= set(loaded_after(typed("topics", "apply")))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_names_the_exit_codes_and_the_form_for_programs(command: tuple[str, ...]) -> None:
    shown = run(*command, "--help")
    assert shown.exit_code == 0
    assert "Exit codes: 0" in shown.stdout
    assert "--json" in shown.stdout


def test_wrong_settings_are_all_named_and_nothing_is_tried() -> None:
    refused = run("topics", "apply", TUEROEFFNER_KAFKA=None, TUEROEFFNER_REPLICATION="none")
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert {"TUEROEFFNER_KAFKA", "TUEROEFFNER_REPLICATION"} <= {
        line.split(":")[0] for line in refused.stderr.splitlines()
    }


def test_unknown_service_is_refused() -> None:
    refused = run("deadletters", "list", "--service", "canteen")
    assert refused.exit_code == 2
    assert "registry" in refused.stderr


def test_server_that_does_not_answer_has_its_own_exit_code(tmp_path: Any) -> None:
    key = tmp_path / "master.key"
    key.write_bytes(bytes(96))
    settings = {
        "TUEROEFFNER_MONGO_URL": "mongodb://127.0.0.1:9/?replicaSet=none",
        "TUEROEFFNER_KAFKA": "127.0.0.1:9",
        "TUEROEFFNER_MASTER_KEY_FILE": str(key),
        "TUEROEFFNER_JWKS_FILE": str(key),
        "TUEROEFFNER_ISSUER": "https://login.example.org",
    }
    away = run("topics", "apply", **settings)
    assert (away.exit_code, away.stdout) == (3, "")
    assert away.stderr.startswith("Kafka: ")

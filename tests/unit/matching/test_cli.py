"""The commands as somebody at a terminal meets them: output, errors and exit codes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.cli import app
from services.matching.domain.policy import Policy, policy_document, policy_schema
from tests.unit.matching.build import family, instance, mentor

EXAMPLE = Path(__file__).with_name("example_instance.json")


def run(*arguments: str, stdin: bytes | None = None) -> Any:
    return CliRunner().invoke(app, list(arguments), input=stdin)


def assert_refused(result: Result, *lines: str) -> None:
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.rsplit(": ", 1)[0] for line in result.stderr.splitlines()] == list(lines)


def test_example_is_solved_from_a_file_and_from_standard_input() -> None:
    from_file = run("match", "solve", str(EXAMPLE))
    from_pipe = run("match", "solve", "-", stdin=EXAMPLE.read_bytes())
    assert from_file.exit_code == from_pipe.exit_code == 0
    assert from_file.stderr == ""
    result = json.loads(from_file.stdout)
    again = json.loads(from_pipe.stdout)
    assert result.pop("seconds") >= 0 <= again.pop("seconds")
    assert result == again
    assert list(result) == ["pairs", "waiting", "objective", "certificate", "input_sha256", "engine", "policy"]
    assert result["engine"].startswith("ortools-")
    assert result["policy"] == "default-1"
    assert {(pair["mentor"], pair["family"]) for pair in result["pairs"]} == {("m1", "f1"), ("m2", "f2"), ("m2", "f4")}
    assert [one["family"] for one in result["waiting"]] == ["f3", "f5"]


def test_a_policy_file_changes_the_weights_and_is_named(tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"version": "no-fit", "weights": {"language": 0, "distance": 0, "topics": 0, "time": 0}}')
    result = json.loads(run("match", "solve", str(EXAMPLE), "--policy", str(policy)).stdout)
    assert result["policy"] == "no-fit"
    assert result["objective"]["fit"] == 100, "the continuity of one draft is left"
    policy.write_text('{"version": 1}')
    assert_refused(run("match", "solve", str(EXAMPLE), "--policy", str(policy)), "/version: wrong-type")


def test_bad_input_gives_one_line_per_error_and_no_output() -> None:
    data = instance([mentor(capacity=-1)], [{**family(slots=["x"]), "a\nb/c": 1}])
    result = run("match", "solve", "-", stdin=json.dumps(data).encode())
    assert_refused(
        result,
        "/mentors/0/capacity: wrong-value",
        "/families/0/a\\nb~1c: unknown-key",
        "/families/0/slots/0: unknown-slot",
    )


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe\x00", b'{"a": NaN}', b"[" * 100_000])
def test_broken_json_is_refused_likewise(raw: bytes) -> None:
    result = run("match", "solve", "-", stdin=raw)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_a_byte_order_mark_is_no_fault_and_a_missing_file_is() -> None:
    assert run("match", "solve", "-", stdin=b"\xef\xbb\xbf" + EXAMPLE.read_bytes()).exit_code == 0
    assert_refused(run("match", "solve", "no-such-file.json"), ": unreadable")


def test_policy_prints_the_default_and_its_schema() -> None:
    assert json.loads(run("match", "policy").stdout) == policy_document(Policy())
    assert json.loads(run("match", "policy", "--schema").stdout) == policy_schema()


def test_help_names_the_exit_codes() -> None:
    for command in ("solve", "policy"):
        assert "Exit codes" in run("match", command, "--help").stdout


def test_the_command_line_loads_no_engine_before_it_is_needed() -> None:
    code = (
        "import sys, services.cli; sys.exit(any(m in sys.modules for m in ('ortools', 'numpy', 'motor', 'aiokafka')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

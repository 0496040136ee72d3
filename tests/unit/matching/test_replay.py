"""Replaying a round from a file, as somebody at a terminal meets it."""

import copy
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from services.cli import app
from services.matching.commands.drop_special import without_special
from services.matching.commands.round_record import pairs_sha256
from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.policy import Policy, policy_document
from tests.unit.matching.build import family, instance, mentor, random_instance


def stored(data: dict[str, Any]) -> dict[str, Any]:
    """A round as the service answers it, with its file."""
    policy = policy_document(Policy())
    result = solve_instance(data, policy, lambda: 0.0)
    told = {name: result[name] for name in ("objective", "certificate", "input_sha256", "engine")}
    told |= {"id": "rnd_04w5dz9jg7zzv2x90f3sew84wr", "programme": "stadtteilmuetter", "date": data["date"]}
    return {"round": {**told, "policy": policy, "pairs_sha256": pairs_sha256(result)}, "instance": data}


def run(tmp_path: Path, content: dict[str, Any], *options: str) -> Any:
    file = tmp_path / "round.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return CliRunner().invoke(app, ["match", "replay", str(file), *options])


def test_round_comes_out_the_same_whatever_the_order_of_its_file(tmp_path: Path) -> None:
    content = stored(random_instance(3, mentors=8, families=20))
    for part in ("mentors", "families"):
        content["instance"][part].reverse()
    result = run(tmp_path, content)
    assert result.exit_code == 0, result.output
    assert "NOT" not in result.stdout
    document = json.loads(run(tmp_path, content, "--json").stdout)
    assert document["same"]
    assert document["pairs"] > 0


@pytest.mark.parametrize("changed", ["pairs_sha256", "objective"])
def test_round_that_was_stored_otherwise_differs(tmp_path: Path, changed: str) -> None:
    content = stored(random_instance(3, mentors=8, families=20))
    told = copy.deepcopy(content["round"])
    if changed == "objective":
        told["objective"]["fit"] += 1
    else:
        told[changed] = "0" * 64
    result = run(tmp_path, {**content, "round": told})
    assert result.exit_code == 1
    assert result.stdout.count("NOT the same") == 1


def test_reduced_file_says_nothing_about_the_round(tmp_path: Path) -> None:
    token = "x-" + "a" * 32
    rows = [mentor(topics=["health", token], qualified=["health", token])], [family(topics=[token])]
    content = stored(instance(*rows))
    result = run(tmp_path, {**content, "instance": without_special(content["instance"])})
    assert result.exit_code == 4
    assert "reduced" in result.stderr


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"round": {}}', '{"round": {}, "instance": {}}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (file := tmp_path / "other.json").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["match", "replay", str(file)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(file) in result.stderr


def test_a_round_s_id_needs_city_address_and_token() -> None:
    result = CliRunner().invoke(app, ["match", "replay", "rnd_04w5dz9jg7zzv2x90f3sew84wr"])
    assert result.exit_code == 2
    assert result.stderr.startswith("--city is needed")


def test_what_the_service_answers_is_replayed_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content, asked = stored(random_instance(5, mentors=8, families=20)), []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, request.headers["authorization"]))
        return httpx.Response(200, json=content["instance" if request.url.path.endswith("/instance") else "round"])

    made = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **given: made(**given, transport=httpx.MockTransport(answer)))
    (token := tmp_path / "token").write_text("abc\n")
    kept = tmp_path / "kept.json"
    where = ["--city", "rostock", "--at", "http://{service}:8000", "--token-file", str(token), "--save", str(kept)]
    result = CliRunner().invoke(app, ["match", "replay", content["round"]["id"], *where])
    assert result.exit_code == 0, result.output
    base = f"/v1/cities/rostock/rounds/{content['round']['id']}"
    assert asked == [(base, "Bearer abc"), (f"{base}/instance", "Bearer abc")]
    assert CliRunner().invoke(app, ["match", "replay", str(kept)]).exit_code == 0

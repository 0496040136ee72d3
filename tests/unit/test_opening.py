"""``tueroeffner city add`` as far as no service is needed: what registry is asked, and what its answers become."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from services.cli import app
from services.opening import NotOpened, Opened, open_city
from services.watching import SERVICES

AT = {name: f"http://{name}" for name in SERVICES}
BODY = {"slug": "wismar", "name": "Wismar", "state": "Mecklenburg-Vorpommern", "licence": "CC0-1.0"}
PROBLEM = {"content-type": "application/problem+json"}
Answer = Callable[[httpx.Request], httpx.Response]


def problem(status: int, code: str, **more: Any) -> httpx.Response:
    return httpx.Response(status, headers=PROBLEM, content=json.dumps({"code": code, **more}))


def house(answer: Answer, serving: frozenset[str] = frozenset(SERVICES)) -> httpx.MockTransport:
    """Registry's API as ``answer`` has it; each service says by its metrics whether it serves the city."""

    def all_of_it(request: httpx.Request) -> httpx.Response:
        service = request.url.host
        if request.url.path.startswith("/v1/"):
            return answer(request)
        if request.url.path == "/version":
            return httpx.Response(200, json={"service": service})
        if request.url.path == "/health/ready":
            return httpx.Response(200, json={"checks": {}})
        line = 'tueroeffner_storage_audit_unchained_oldest_seconds{city="wismar"} 0\n' if service in serving else ""
        return httpx.Response(200, text=line)

    return httpx.MockTransport(all_of_it)


async def opened(answer: Answer, within: float = 5, serving: frozenset[str] = frozenset(SERVICES)) -> Opened:
    return await open_city(AT, "token-1", BODY, within=within, told=lambda _: None, transport=house(answer, serving))


async def test_same_file_is_the_same_request_with_the_token_in_its_header_only() -> None:
    asked: list[httpx.Request] = []

    def created(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(201, json=BODY)

    assert await opened(created) == Opened(True, frozenset(SERVICES))
    assert await opened(created) == Opened(True, frozenset(SERVICES))
    first, second = asked
    assert json.loads(first.content) == BODY
    assert first.headers["authorization"] == "Bearer token-1"
    assert "token-1" not in str(first.url)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert 8 <= len(first.headers["idempotency-key"]) <= 64


@pytest.mark.parametrize("name", ["Wismar", "Weismar"])
async def test_city_that_is_open_already_is_no_fault_unless_it_is_another_one(name: str) -> None:
    def taken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"name": name}) if request.method == "GET" else problem(409, "already-exists")

    if name == BODY["name"]:
        assert await opened(taken) == Opened(False, frozenset(SERVICES))
    else:
        with pytest.raises(NotOpened, match="under another name"):
            await opened(taken)


async def test_refusal_names_code_and_place_and_not_what_was_sent() -> None:
    errors = [{"pointer": "/districts/0/slug", "code": "used-twice"}]
    with pytest.raises(NotOpened) as refused:
        await opened(lambda _: problem(422, "invalid", errors=errors))
    assert str(refused.value) == "registry refuses: 422 invalid\n  /districts/0/slug: used-twice"
    assert not refused.value.away


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_registry_that_cannot_answer_now_is_away(status: int) -> None:
    with pytest.raises(NotOpened) as refused:
        await opened(lambda _: problem(status, "storage-away"))
    assert refused.value.away


async def test_services_that_do_not_serve_it_in_time_are_left_out() -> None:
    some = frozenset({"registry", "visits"})
    assert await opened(lambda _: httpx.Response(201), within=0.2, serving=some) == Opened(True, some)


def add(file: Path, token: str, *more: str) -> Any:
    typed = ["city", "add", str(file), "--at", "http://127.0.0.1:9/{service}", "--token-file", "-", *more]
    return CliRunner().invoke(app, typed, input=token)


def test_what_cannot_be_sent_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "wismar.json"
    assert add(file, "token-1").exit_code == 2
    for content in ("{", "[]", "{}", '{"slug": 3}'):
        file.write_text(content)
        refused = add(file, "token-1")
        assert (refused.exit_code, refused.stdout) == (2, ""), content
        assert str(file) in refused.stderr
    file.write_text(json.dumps(BODY))
    for token in ("", "one two", "schlüssel"):
        refused = add(file, token)
        assert (refused.exit_code, refused.stderr) == (2, "--token-file: one token is needed\n")


def test_registry_that_does_not_answer_has_its_own_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "wismar.json"
    file.write_text(json.dumps(BODY))
    away = add(file, "token-1", "--json")
    assert (away.exit_code, away.stdout, away.stderr) == (3, "", "registry: ConnectError\n")

"""What an operator sees of services: their real health, version and metrics routes, without the servers behind them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from services import watching
from services.cli import app
from services.watching import SERVICES, NoAddresses, Seen, look, read_addresses
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.web.health import health_router

ADDRESSES = {name: f"http://{name}" for name in SERVICES}
WELL = [Seen(name, answers=True, version="1.2.3", ready=True, audit_age={"rostock": 0.0}) for name in SERVICES]


@dataclass(slots=True)
class Process:
    """A service's routes for operations, with figures and checks of our choice."""

    name: str
    wrong: str | None = None
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.name)

    async def _check(self) -> str | None:
        return self.wrong

    def app(self) -> FastAPI:
        made = FastAPI()
        release = {"service": self.name, "version": "1.2.3", "commit": "abc"}
        made.include_router(
            health_router(
                serving={},
                checks={"outbox": self._check},
                metrics=self.metrics,
                started=lambda: True,
                alive=lambda: True,
                release=release,
            )
        )
        return made


class ByHost(httpx.AsyncBaseTransport):
    """Each service under its own host; others do not answer."""

    def __init__(self, processes: Mapping[str, Process]) -> None:
        self._apps = {name: httpx.ASGITransport(process.app()) for name, process in processes.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self._apps:
            raise httpx.ConnectError("refused")
        return await self._apps[request.url.host].handle_async_request(request)


async def test_figures_and_findings_are_those_of_the_service() -> None:
    visits = Process("visits", wrong="2 outbox rows were refused by Kafka")
    figures = {names.OUTBOX_PENDING: 3, names.OUTBOX_OLDEST: 61.4, names.DEAD_LETTERS: 1, names.PARKED: 4}
    for metric, value in (figures | {names.REACTIONS_GIVEN_UP: 2, names.PROGRESS_AGE: 0.1}).items():
        visits.metrics.set(metric, value)
    for partition, lag in (("0", 5), ("3", 7)):
        visits.metrics.set(names.LAG, lag, topic="registry.sites.v1", partition=partition)
    for city, age in (("rostock", 75.0), ("wismar", 0.5)):
        visits.metrics.set(names.AUDIT_UNCHAINED_SECONDS, age, city=city)
    [seen] = await look({"visits": "http://visits"}, ByHost({"visits": visits}))
    assert (seen.version, seen.commit, seen.ready) == ("1.2.3", "abc", False)
    assert (seen.outbox, seen.lag, seen.dead_letters, seen.parked, seen.given_up) == (3, 12, 1, 4, 2)
    assert seen.cities == {"rostock", "wismar"}
    assert seen.findings() == [
        "not ready: outbox: 2 outbox rows were refused by Kafka",
        "1 dead letters",
        "4 parked events",
        "2 reactions given up",
        "the outbox's oldest row is 61 s old",
        "an audit row of rostock is 75 s old",
    ]


async def test_service_that_has_measured_nothing_yet_is_well_and_one_that_is_away_is_named() -> None:
    seen = await look(ADDRESSES, ByHost({name: Process(name) for name in SERVICES if name != "matching"}))
    assert {one.service: one.findings() for one in seen if one.findings()} == {"matching": ["does not answer"]}
    assert all(one.cities == frozenset() for one in seen)


async def test_another_service_at_the_address_is_none() -> None:
    [seen] = await look({"visits": "http://registry"}, ByHost({"registry": Process("registry")}))
    assert not seen.answers


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"dead_letters": 1}, 1),
        ({"ready": False, "checks": {"mongo": "MongoDB does not answer"}}, 1),
        ({"answers": False}, 3),
    ],
)
def test_exit_code_tells_whether_all_is_well(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], code: int
) -> None:
    async def seen(_: Mapping[str, str]) -> list[Seen]:
        return [*WELL[:3], replace(WELL[3], **change)]

    monkeypatch.setattr(watching, "look", seen)
    shown = CliRunner().invoke(app, ["status", "--at", "http://{service}:8000"])
    assert shown.exit_code == code
    lines = shown.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:5]] == list(SERVICES)
    assert lines[5:] == [f"reporting: {finding}" for finding in replace(WELL[3], **change).findings()]
    programs = CliRunner().invoke(app, ["status", "--at", "http://{service}:8000", "--json"])
    assert programs.exit_code == code
    assert [one["service"] for one in json.loads(programs.stdout)] == list(SERVICES)


def test_cities_are_listed_with_who_does_not_serve_them_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    async def seen(_: Mapping[str, str]) -> list[Seen]:
        return [*WELL[:3], replace(WELL[3], audit_age={"rostock": 0.0, "wismar": 0.0})]

    monkeypatch.setattr(watching, "look", seen)
    listed = CliRunner().invoke(app, ["city", "list", "--at", "http://{service}:8000"])
    assert listed.exit_code == 1
    assert listed.stdout.splitlines() == [
        f"rostock\t{', '.join(SERVICES)}",
        "wismar\treporting\tnot by registry, visits, matching",
    ]


def test_addresses_are_a_pattern_or_the_file_of_make_up(tmp_path: Path) -> None:
    assert read_addresses("https://tor.example.org/{service}/")["visits"] == "https://tor.example.org/visits"
    file = tmp_path / "running.json"
    file.write_text(json.dumps({"pid": 1, "urls": ADDRESSES}))
    assert read_addresses(str(file)) == ADDRESSES


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"urls": {}}', '{"urls": {"registry": "x"}}', '{"urls": 3}'])
def test_file_without_all_addresses_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "running.json"
    file.write_text(content)
    with pytest.raises(NoAddresses):
        read_addresses(str(file))
    refused = CliRunner().invoke(app, ["status", "--at", str(file)])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"--at: {file}")

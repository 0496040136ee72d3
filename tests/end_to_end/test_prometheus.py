"""Every query of every panel, and whatever an alert looks at, has data in a real Prometheus that asks real services."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from deploy.demo.client import Client
from deploy.services import SERVICES
from shared.testing.waiting import eventually
from tests.end_to_end.conftest import House
from tests.end_to_end.town import Town
from tests.end_to_end.watching import Watch, read_rules, start_prometheus
from tests.unit.test_dashboards import BOARDS, panels, without_variables

ONLY_WITH_A_FAULT: Final = re.compile(r'status="5xx"')
"""No series says so before a service has failed a request; ``test_prometheus_alerts.py`` lets one fail."""
_SELECTOR: Final = re.compile(r"\b(?:tueroeffner_[a-z_]+|up)(?:\{[^}]*\})?")
ALERTS: Final[dict[str, str]] = {
    rule["alert"]: rule["expr"] for group in read_rules()["groups"] for rule in group["rules"]
}


@pytest_asyncio.fixture(scope="module")
async def watch(house: House, client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watch]:
    """A Prometheus that has seen a town at work twice: a rate needs a series' second value."""
    town = Town(client, "ahornau")
    with start_prometheus(tmp_path_factory.mktemp("prometheus"), house.services) as prometheus:
        watch = Watch(prometheus)
        await town.build()
        for times in (1, 2):
            await _work(town)
            await eventually(partial(_seen, watch, town, times), within=30, every=0.5)
        yield watch


async def _work(town: Town) -> None:
    """One of everything that is measured; who does not agree waits."""
    helper, family = await town.mentor("Alma Beispiel"), await town.family("Anton Beispiel")
    await town.family("Ada Beispiel", agrees=False)
    await town.visit(helper, await town.tandem(helper, family))
    await town.post("matching", "rounds", {"programme": town.programme, "date": "2026-02-01"})
    await town.call("reporting", "GET", f"programmes/{town.programme}/report", params={"format": "csv"})
    await town.post("reporting", "reports", {"programme": town.programme, "title": "Bericht"})


async def _seen(watch: Watch, town: Town, times: int) -> bool:
    """Whether Prometheus has the last things that were done and told."""
    report = f'tueroeffner_reporting_report_duration_seconds_count{{city="{town.city}"}} >= {times}'
    told = f'tueroeffner_messaging_sent_total{{topic="reporting.reports.v1"}} >= {times}'
    heard = f'tueroeffner_messaging_records_total{{service="registry",topic="matching.tandems.v1"}} >= {times}'
    return await watch.without_data({"made": report, "told": told, "heard": heard}) == {}


def queries(board: dict[str, Any]) -> dict[str, str]:
    """A board's queries by panel and letter, as Grafana asks them with all cities."""
    return {
        f"{panel['title']} {target['refId']}": without_variables(target["expr"])
        for panel in panels(board)
        for target in panel["targets"]
    }


def selectors(expression: str) -> set[str]:
    """The series that an expression looks at."""
    return set(_SELECTOR.findall(expression))


@pytest.mark.parametrize("name", sorted(BOARDS))
async def test_every_query_of_every_panel_has_data(watch: Watch, name: str) -> None:
    asked = queries(BOARDS[name])
    assert len(asked) >= 15
    await eventually(lambda: watch.without_data(asked), until=lambda empty: empty == {}, within=30, every=1)


@pytest.mark.parametrize("alert", sorted(ALERTS))
async def test_every_alert_can_be_asked_and_looks_at_series_that_exist(watch: Watch, alert: str) -> None:
    watch.prometheus.query(ALERTS[alert])
    found = selectors(ALERTS[alert])
    assert found
    asked = {one: one for one in found if not ONLY_WITH_A_FAULT.search(one)}
    await eventually(lambda: watch.without_data(asked), until=lambda empty: empty == {}, within=30, every=1)


def test_what_make_up_runs_is_watched_by_one_command(house: House, tmp_path: Path) -> None:
    at = tmp_path / "running.json"
    command = [sys.executable, "-m", "deploy.local.prometheus", "--at", str(at)]
    early = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (early.returncode, "make up" in early.stderr) == (1, True)
    at.write_text(json.dumps({"urls": {name: house.services.url(name) for name in SERVICES}}))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            address = running.stdout.readline().split()[1].removesuffix("/alerts")
            answer = httpx.get(f"{address}/api/v1/rules").json()["data"]["groups"]
            running.send_signal(signal.SIGINT)
            assert running.wait(20) == 0
        finally:
            running.kill()
    assert {rule["name"] for group in answer for rule in group["rules"]} == ALERTS.keys()


def test_selectors_are_found_with_their_labels() -> None:
    expression = 'max by (service) (rate(tueroeffner_web_requests_total{status="5xx",route!~"/a|b"}[5m])) / up{job="x"}'
    assert selectors(expression) == {'tueroeffner_web_requests_total{status="5xx",route!~"/a|b"}', 'up{job="x"}'}


async def test_query_that_is_wrong_or_of_nothing_is_seen(watch: Watch) -> None:
    assert await watch.without_data({"nothing": "tueroeffner_nothing", "up": "up"}) == {
        "nothing": "tueroeffner_nothing"
    }
    assert not await watch.has_data("0 * up / 0")
    with pytest.raises(ValueError, match="parse error"):
        watch.prometheus.query("sum(")

"""Dashboards: each can be understood, asks the chosen source, in PromQL that parses, about metrics that exist."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.boards import boards, files
from deploy.services import SERVICES
from shared.observability.metrics import CATALOGUE
from tests.unit.test_alert_rules import metrics_in

BOARDS: dict[str, dict[str, Any]] = {Path(path).stem: json.loads(text) for path, text in files().items()}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions(board: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in panels(board) for target in panel["targets"]]


def without_variables(expression: str) -> str:
    """As Grafana would ask it, with all cities."""
    return expression.replace("$__rate_interval", "1m").replace("$city", ".+")


def test_there_is_an_overview_and_a_dashboard_for_each_service() -> None:
    assert set(BOARDS) == {"overview", *SERVICES}
    assert len({board.uid for board in boards()}) == len({board.title for board in boards()}) == len(BOARDS)


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_every_panel_says_what_it_shows_in_which_unit_and_asks_the_chosen_source(name: str) -> None:
    board = BOARDS[name]
    assert board["templating"]["list"][0]["name"] == "datasource"
    shown = panels(board)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert len({panel["title"] for panel in shown}) == len(shown) >= 10
    for panel in shown:
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"] == SOURCE
        assert [target["refId"] for target in panel["targets"]] == list("ABCDEFGH")[: len(panel["targets"])]
        for target in panel["targets"]:
            assert target["datasource"] == SOURCE
            assert target["legendFormat"]


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_no_panel_covers_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_every_query_parses_and_names_metrics_and_labels_that_exist(name: str, tmp_path: Path) -> None:
    asked = [without_variables(expression) for expression in expressions(BOARDS[name])]
    assert not [expression for expression in asked if "$" in expression]
    rules = [{"record": f"query:{number}", "expr": expression} for number, expression in enumerate(asked)]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules)} rules found" in done.stdout
    assert {metric for expression in asked for metric in metrics_in(expression)} <= {one.name for one in CATALOGUE}
    labels = {label for metric in CATALOGUE for label in metric.labels} | {"service", "job", "le", "alertstate"}
    for expression in asked:
        assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", expression)) <= labels, expression
        for group in re.findall(r"by \(([^)]*)\)", expression):
            assert set(group.split(", ")) <= labels, expression


def test_every_metric_is_seen_somewhere() -> None:
    seen = {
        metric for board in BOARDS.values() for expression in expressions(board) for metric in metrics_in(expression)
    }
    assert {metric.name for metric in CATALOGUE} - seen == set()

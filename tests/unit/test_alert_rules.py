"""Alerts: valid for promtool, each proved to fire and to keep quiet, of metrics that exist, with a page that helps."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.services import SERVICES
from shared.observability.metrics import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
HEADINGS = ["## What it means", "## How to see it", "## What to do", "## How to know that it is over"]
_SUFFIXES = re.compile(r"_(bucket|count|sum)$")


def read(name: str) -> Any:
    return YAML(typ="safe").load(FOLDER / name)


RULES: list[dict[str, Any]] = [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]
NAMES = [rule["alert"] for rule in RULES]


def metrics_in(text: str) -> set[str]:
    """The product's metrics that a text names, without a histogram's suffixes."""
    return {_SUFFIXES.sub("", name) for name in re.findall(r"\btueroeffner_[a-z_]+[a-z]\b(?!\s*=)", text)}


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")],
    ids=" ".join,
)
def test_promtool_is_content(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_proved_to_fire_and_to_keep_quiet() -> None:
    fires: set[str] = set()
    quiet: set[str] = set()
    for case in read("alerts_test.yml")["tests"]:
        for moment in case["alert_rule_test"]:
            (fires if moment["exp_alerts"] else quiet).add(moment["alertname"])
    assert fires == quiet == set(NAMES)
    assert len(NAMES) == len(set(NAMES)) >= 8


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_alert_is_of_metrics_that_exist_and_leads_to_its_page(rule: dict[str, Any]) -> None:
    known = {metric.name for metric in CATALOGUE}
    assert metrics_in(rule["expr"]) <= known
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["for"]
    page = ROOT / rule["annotations"]["runbook"]
    assert page == ROOT / "docs" / "runbooks" / f"{rule['alert']}.md"
    text = page.read_text()
    assert text.startswith(f"# {rule['alert']}\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    assert {name for name in metrics_in(text) if not name.endswith("_stuck")} <= known
    assert rule["labels"]["severity"].capitalize() + "." in text.split("## ", maxsplit=1)[0]


def test_runbooks_are_those_of_the_alerts_and_all_are_listed() -> None:
    pages = {page.stem for page in (ROOT / "docs/runbooks").glob("*.md")} - {"README"}
    assert pages == set(NAMES)
    listed = (ROOT / "docs/runbooks/README.md").read_text()
    assert all(f"[{rule['alert']}]({rule['alert']}.md) | {rule['labels']['severity']} |" in listed for rule in RULES)


def test_every_service_is_asked() -> None:
    (job,) = read("prometheus.yml")["scrape_configs"]
    targets = {group["labels"]["service"]: group["targets"] for group in job["static_configs"]}
    assert targets == {name: [f"{name}:8000"] for name in SERVICES}
    assert job["honor_labels"] is True

"""Prometheus as a plain process, from Debian's package, on services that run: asked over HTTP like any other client.

``python -m deploy.local.prometheus`` watches what ``make up`` has started.
"""

import argparse
import json
import shutil
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from deploy.local.ports import free_port
from deploy.local.processes import Component, Stopped, told_to_stop
from deploy.local.settings import LOOPBACK

RULES = Path(__file__).resolve().parents[1] / "prometheus" / "alerts.yml"
UP = Path("build/up/running.json")
_ANSWERS = 5.0


class NoPrometheusError(RuntimeError):
    """The program is not installed."""


class Prometheus(Stopped):
    """One Prometheus that ends with this process; its data lie under `root`."""

    def __init__(self, component: Component, port: int) -> None:
        self._component = component
        self.port = port

    @classmethod
    def start(cls, root: Path, targets: Mapping[str, str], rules: Path, seconds: float = 1.0) -> Self:
        """Start it and return when it answers. `targets` are `host:port` by service, `seconds` its interval.

        Raises NoPrometheusError, or ComponentFailedError.
        """
        program = shutil.which("prometheus")
        if program is None:
            raise NoPrometheusError("prometheus is not installed; `make setup` installs it")
        root.mkdir(parents=True, exist_ok=True)
        config = root / "prometheus.yml"
        # JSON is YAML, and the standard library writes it.
        config.write_text(json.dumps(configuration(targets, rules, seconds), indent=2))
        port = free_port()
        command = [
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={root / 'data'}",
            f"--web.listen-address={LOOPBACK}:{port}",
            "--storage.tsdb.retention.time=1d",
        ]
        running = cls(Component("prometheus", command, root / "prometheus.log", lambda: _ready(port)), port)
        running._component.start()
        try:
            running._component.wait_until_ready()
        except BaseException:
            running.stop()
            raise
        return running

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression now; raises ValueError where Prometheus cannot evaluate it."""
        result: list[dict[str, Any]] = self._ask("query", query=expression)["result"]
        return result

    def firing(self) -> set[tuple[str, str]]:
        """The alerts that fire, as pairs of their name and the service that they are about."""
        labels = [alert["labels"] for alert in self._ask("alerts")["alerts"] if alert["state"] == "firing"]
        return {(one["alertname"], one.get("service", "")) for one in labels}

    def stop(self) -> None:
        """End it; may be called twice."""
        self._component.stop()

    def _ask(self, what: str, **parameters: str) -> Any:
        asked = f"{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{asked}", timeout=_ANSWERS) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as fault:
            raise ValueError(json.load(fault)["error"]) from fault


def configuration(targets: Mapping[str, str], rules: Path, seconds: float) -> dict[str, Any]:
    """The configuration for these targets, like that of `deploy/prometheus` but for them and the interval."""
    interval = f"{round(seconds * 1_000)}ms"
    groups = [{"targets": [target], "labels": {"service": service}} for service, target in targets.items()]
    job = {"job_name": "tueroeffner", "honor_labels": True, "static_configs": groups}
    return {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "rule_files": [str(rules.resolve())],
        "scrape_configs": [job],
    }


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=_ANSWERS) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main(arguments: list[str] | None = None) -> int:
    """Runs until it is interrupted; exit code 1 where there is nothing to watch, or no Prometheus."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.prometheus", description=__doc__)
    parser.add_argument("--at", type=Path, default=UP, help="where `make up` notes what runs (%(default)s)")
    at: Path = parser.parse_args(arguments).at
    told = told_to_stop()
    try:
        urls: dict[str, str] = json.loads(at.read_text())["urls"]
        targets = {name: urllib.parse.urlsplit(url).netloc for name, url in urls.items()}
        with Prometheus.start(at.parent / "prometheus", targets, RULES) as running:
            print(f"Prometheus: http://{LOOPBACK}:{running.port}/alerts  (Ctrl-C ends it)", flush=True)
            told.wait()
        return 0
    except FileNotFoundError:
        print(f"{at} is not there: start the services with `make up`", file=sys.stderr)
    except NoPrometheusError as fault:
        print(fault, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

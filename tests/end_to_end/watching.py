"""A real Prometheus beside running services, and what a test asks it: has this query data, does that alert fire?"""

import asyncio
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from deploy.local.prometheus import Prometheus
from deploy.services import Deployment
from shared.testing.waiting import eventually

RULES: Final = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "alerts.yml"
FASTER: Final = 20
"""By how much the tests' copy of the rules is quicker than the product's."""
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600}
_DURATION: Final = re.compile(r"(\d+)([smh])")
_RANGE: Final = re.compile(r"(?<=\[)\d+[smh](?=\])")
_AGE: Final = re.compile(r"(_age_seconds|_oldest_seconds)\) > (\d+)")
"""A limit of an age is a time to wait for; a limit of a duration, as in Slow, is what the alert is about."""


def read_rules(path: Path = RULES) -> dict[str, Any]:
    """A file of rules."""
    rules: dict[str, Any] = YAML(typ="safe").load(path)
    return rules


def scaled(rules: Mapping[str, Any], by: int = FASTER) -> dict[str, Any]:
    """The same rules with all times divided: how long it must last, the ranges, and the limits of ages."""
    return {
        "groups": [{**group, "rules": [_quicker(rule, by) for rule in group["rules"]]} for group in rules["groups"]]
    }


def _quicker(rule: Mapping[str, Any], by: int) -> dict[str, Any]:
    expr = _RANGE.sub(lambda found: _divided(found[0], by), rule["expr"])
    expr = _AGE.sub(lambda found: f"{found[1]}) > {int(found[2]) / by:g}", expr)
    return {**rule, "expr": expr, "for": _divided(rule["for"], by)}


def _divided(duration: str, by: int) -> str:
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise ValueError(f"{duration} is not a number of s, m or h")
    return f"{int(found[1]) * _UNITS[found[2]] * 1_000 // by}ms"


def start_prometheus(root: Path, services: Deployment, rules: Path = RULES) -> Prometheus:
    """One that asks these services every second."""
    targets = {name: f"127.0.0.1:{port}" for name, port in services.ports.items()}
    return Prometheus.start(root, targets, rules)


@dataclass(frozen=True, slots=True)
class Watch:
    """Asks Prometheus without keeping the test's own work waiting."""

    prometheus: Prometheus

    async def has_data(self, expression: str) -> bool:
        """Whether it has at least one value that is a number."""
        series = await asyncio.to_thread(self.prometheus.query, expression)
        return any(not math.isnan(float(one["value"][1])) for one in series)

    async def without_data(self, expressions: Mapping[str, str]) -> dict[str, str]:
        """Those of them that have none, by name."""
        return {name: asked for name, asked in expressions.items() if not await self.has_data(asked)}

    async def firing(self) -> set[tuple[str, str]]:
        """See ``Prometheus.firing``."""
        return await asyncio.to_thread(self.prometheus.firing)

    async def fires(self, alert: str, service: str, within: float = 90.0) -> None:
        """Waits until the alert fires for the service."""
        await eventually(self.firing, until=lambda firing: (alert, service) in firing, within=within, every=0.5)

    async def ends(self, alert: str, service: str, within: float = 90.0) -> None:
        """Waits until the alert fires no more."""
        await eventually(self.firing, until=lambda firing: (alert, service) not in firing, within=within, every=0.5)

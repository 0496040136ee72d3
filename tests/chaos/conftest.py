"""The services as processes on the session's stack; a town a test module; what was measured, at the end."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local import Stack
from deploy.services import SERVICES, Deployment
from shared.messaging.kafka import Kafka, TopicSettings
from shared.storage.mongo import Mongo
from shared.testing.waiting import eventually
from tests.chaos.checker import Checker
from tests.chaos.history import History
from tests.chaos.town import Town

# The checker judges the whole log, so nothing may be compacted while the tests run.
WHOLE_LOG = TopicSettings(replication=1, compaction_lag_ms=3_600_000, delete_retention_ms=604_800_000)
THERE = tuple(name for name in SERVICES if (Path("services") / name / "__main__.py").exists())
_measured: list[str] = []


@dataclass(slots=True)
class Scene:
    """A town, the services that serve it, and what compares them."""

    town: Town
    checker: Checker
    deployment: Deployment
    measured: list[str] = field(default_factory=lambda: _measured)

    @property
    def history(self) -> History:
        """What clients were told."""
        return self.town.history

    async def more(self, service: str, changes: int, within: float = 20.0) -> None:
        """Waits until a service has acknowledged so many further changes."""
        wanted = self.history.acknowledged(service) + changes
        await eventually(lambda: self.history.acknowledged(service) >= wanted, within=within, every=0.01)

    async def settle(self, within: float = 20.0) -> None:
        """Waits until nothing is under way, and asserts that nothing was lost, invented or done twice."""
        try:
            await eventually(self.checker.at_rest, within=within, every=0.2)
        finally:
            assert await self.checker.findings(self.history) == []

    async def restart(self, service: str) -> None:
        """Starts a service again, and waits until it is ready."""
        await asyncio.to_thread(self.deployment.restart, service)


@pytest.fixture(scope="session")
def deployment(stack: Stack) -> Iterator[Deployment]:
    """All services that there are."""
    with Deployment.start(stack.root / "services", stack.mongo_url, stack.kafka, WHOLE_LOG, THERE) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def scene(request: pytest.FixtureRequest, stack: Stack, deployment: Deployment) -> AsyncIterator[Scene]:
    """A city of this test module."""
    name = f"ort-{zlib.crc32(request.node.name.encode()):x}"
    town = await Town.build(deployment, name)
    mongos = {service: Mongo(stack.mongo_url, service) for service in THERE}
    projections = {name: import_module(f"services.{name}.app").SERVICE.projections for name in THERE}
    yield Scene(town, Checker(Kafka(stack.kafka, "checker"), mongos, projections, name), deployment)
    await town.close()
    for mongo in mongos.values():
        mongo.close()


@pytest.fixture(autouse=True)
def _all_running(deployment: Deployment) -> Iterator[None]:
    """What a failed test left dead is running again for the next one."""
    yield
    for name in [name for name, component in deployment.components.items() if not component.running]:
        deployment.restart(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the tests of this folder measured."""
    for line in _measured:
        terminalreporter.write_line(line)

"""The laboratory: services as processes, floors without services, a run of each test for the report."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local import Stack
from deploy.services import Deployment
from shared.messaging.topics import TopicSettings
from tests.chaos.floor import Floor
from tests.chaos.report import write_report
from tests.chaos.scene import THERE, Scene, city_named, open_scene
from tests.chaos.timeline import Book, Run

# The checkers judge the whole log, so nothing may be compacted while the tests run.
WHOLE_LOG = TopicSettings(replication=1, compaction_lag_ms=3_600_000, delete_retention_ms=604_800_000)
REPORT = Path("build/chaos/report.html")
WRITES = int(os.environ.get("CHAOS_WRITES", "1000"))
"""How many changes each test has acknowledged, at least."""
SEED = int(os.environ.get("CHAOS_SEED", "1"))
BOOK = Book()


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """What this test breaks and measures."""
    found = Run(request.node.name)
    found.bound(1)
    BOOK.runs.append(found)
    yield found
    found.close()


@pytest.fixture(scope="session")
def deployment(stack: Stack) -> Iterator[Deployment]:
    """All services that there are."""
    with Deployment.start(stack.root / "services", stack.mongo_url, stack.kafka, WHOLE_LOG, THERE) as running:
        yield running


@pytest.fixture(scope="session")
def wide_stack(stack: Stack) -> Iterator[Stack]:
    """Three nodes of each; for tests that take one away while two go on."""
    with Stack.start(stack.root / "wide", mongo_nodes=3, kafka_nodes=3) as running:
        yield running


@pytest.fixture(scope="session")
def wide_deployment(wide_stack: Stack) -> Iterator[Deployment]:
    """All services on three nodes of each."""
    topics = replace(WHOLE_LOG, replication=3)
    folder = wide_stack.root / "services"
    with Deployment.start(folder, wide_stack.mongo_url, wide_stack.kafka, topics, THERE) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def module_scene(request: pytest.FixtureRequest, deployment: Deployment) -> AsyncIterator[Scene]:
    """A city of this test module."""
    async with open_scene(deployment, city_named(request.node.name)) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module")
async def wide_module_scene(request: pytest.FixtureRequest, wide_deployment: Deployment) -> AsyncIterator[Scene]:
    """A city of this test module, on three nodes of each."""
    async with open_scene(wide_deployment, city_named(request.node.name)) as opened:
        yield opened


@pytest.fixture
def scene(module_scene: Scene, run: Run) -> Iterator[Scene]:
    """The module's city, for one test; what it left dead runs again afterwards."""
    yield from module_scene.during(run)


@pytest.fixture
def wide_scene(wide_module_scene: Scene, run: Run) -> Iterator[Scene]:
    """The same on three nodes of each."""
    yield from wide_module_scene.during(run)


@pytest_asyncio.fixture
async def floor(request: pytest.FixtureRequest, stack: Stack, run: Run) -> AsyncIterator[Floor]:
    """A teller and a listener of this test, without services."""
    topics = getattr(request.module, "TOPICS", WHOLE_LOG)
    found = await Floor.build(stack.mongo_url, stack.kafka, city_named(request.node.name).replace("ort-", "f"), topics)
    run.streams["acknowledged"] = found.moments
    yield found
    found.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Notes which runs passed."""
    outcome = yield
    found = getattr(item, "funcargs", {}).get("run")
    if call.when == "call" and isinstance(found, Run):
        found.passed = outcome.get_result().passed  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the tests of this folder measured, and where the report is."""
    if not BOOK.runs:
        return
    for found in BOOK.runs:
        for line in found.measured:
            terminalreporter.write_line(line)
    write_report(REPORT, BOOK)
    terminalreporter.write_line(f"report: {REPORT}")

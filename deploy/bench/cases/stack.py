"""How long it takes until everything is ready, beside MongoDB and Kafka alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.bench.harness import Bench, Run, benchmark
from deploy.local import Stack
from deploy.services import Deployment

NOTES: Final = """
As `make up` starts it, on a folder where all of it has run before. The services are started together with the servers
and wait for them, so that Python loads its libraries while Kafka starts.

The limit is the processor: to start, mongod and Kafka use some 3 seconds of CPU and each service 1.7 more, most of it
Python loading libraries (measured on a busy machine), so that on two cores everything together cannot be ready in
twice the time of the servers alone, in whatever order it is started. Less CPU a service ([start](#start)), or one
process that loads the libraries for all four, would be what helps; more cores help at once.
"""


@dataclass(slots=True)
class _Scene:
    folder: Path

    async def ours(self, _: float) -> float:
        """Seconds until the servers and the four services are ready, as ``make up`` starts them."""
        return await asyncio.to_thread(self._started, services=True)

    async def bare(self, _: float) -> float:
        """Seconds until the servers are ready."""
        return await asyncio.to_thread(self._started, services=False)

    def _started(self, *, services: bool) -> float:
        began = time.perf_counter()
        with Stack.launch(self.folder / "stack") as stack:
            if not services:
                stack.wait_until_ready()
                return time.perf_counter() - began
            place, ready = self.folder / "services", stack.wait_until_ready
            with Deployment.start(place, stack.mongo_url, stack.kafka, servers_ready=ready):
                return time.perf_counter() - began


@asynccontextmanager
async def _scene(run: Run) -> AsyncIterator[_Scene]:
    """A folder on which everything has run before: formatting and making topics are done once in a lifetime."""
    scene = _Scene(run.folder / "everything")
    scene.folder.mkdir()
    await scene.ours(0)
    yield scene


@benchmark(
    name="stack",
    what="one mongod, one Kafka and the four services started again on their data, until all are ready",
    baseline="the same mongod and Kafka on the same data, until both answer",
    unit="s",
    goal=2.0,
    direction="at_most",
    notes=NOTES,
)
async def stack(bench: Bench) -> None:
    """Everything is stopped between the rounds."""
    scene = await bench.shared(_scene)
    await bench.in_turns(scene.ours, scene.bare, warm=0)

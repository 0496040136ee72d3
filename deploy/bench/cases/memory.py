"""What a service holds in memory after it has worked, beside an app that does nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from deploy.bench.harness import Bench, Run, benchmark
from deploy.bench.starting import empty_app, resident_mib, seconds_until_ready
from deploy.bench.visits_scene import CITY, VisitsScene, visits_scene
from deploy.local.ports import free_port
from deploy.local.processes import Component

REQUESTS: Final = 10_000
_QUICK: Final = 1_000
_CLIENTS: Final = 32
_LONGEST: Final = 2.0

NOTES: Final = """
Each round starts both processes anew; requests are sent by 32 clients, ours with tokens of 200 mentors. What ours holds
beyond the empty app is code (the drivers of MongoDB and Kafka, encryption, the contracts) and caches of fixed size;
nothing in it grows with the number of requests.
"""


@dataclass(slots=True)
class _Scene:
    visits: VisitsScene
    empty: Component
    port: int
    requests: int = REQUESTS

    async def ours(self, _: float) -> float:
        """MiB of the visits service, started anew, after so many visits were logged."""
        component = self.visits.deployment.components["visits"]
        await asyncio.to_thread(component.stop)
        await seconds_until_ready(component.start, self.visits.deployment.ports["visits"])
        await self._send("ours", self.visits.deployment.ports["visits"], f"/v1/cities/{CITY}/visits")
        return resident_mib(component.pid)

    async def bare(self, _: float) -> float:
        """MiB of the empty app, started anew, after as many requests."""
        await asyncio.to_thread(self.empty.stop)
        await seconds_until_ready(self.empty.start, self.port)
        await self._send("empty", self.port, "/visits")
        return resident_mib(self.empty.pid)

    async def _send(self, side: str, port: int, path: str) -> None:
        sent, rate = 0, 100.0
        while sent < self.requests:
            seconds = min(_LONGEST, max(0.2, (self.requests - sent) / rate))
            outcome = await self.visits.send(side, port, path, _CLIENTS, seconds)
            sent += sum(outcome.statuses.values())
            rate = max(1.0, outcome.rate)


@asynccontextmanager
async def _scene(run: Run) -> AsyncIterator[_Scene]:
    visits = await run.shared(visits_scene)
    port = free_port()
    empty = empty_app(port, run.folder / "empty.log")
    try:
        yield _Scene(visits, empty, port)
    finally:
        empty.stop()


@benchmark(
    name="memory",
    what=f"resident memory of the visits service after {REQUESTS:,} visits were logged over HTTP",
    baseline="a FastAPI app that does nothing, after as many requests",
    unit="MiB",
    goal=2.0,
    direction="at_most",
    notes=NOTES,
)
async def memory(bench: Bench) -> None:
    """Each round starts both processes anew."""
    scene = await bench.shared(_scene)
    scene.requests = _QUICK if bench.quick else REQUESTS
    await bench.in_turns(scene.ours, scene.bare, warm=0)
    bench.condition(requests=scene.requests, clients=_CLIENTS)

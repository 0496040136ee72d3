"""How long a service takes to be ready, beside an app that does nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import mean

from deploy.bench.harness import Bench, Run, benchmark
from deploy.bench.starting import empty_app, seconds_until_ready
from deploy.bench.visits_scene import CITY
from deploy.local import Stack
from deploy.local.ports import free_port
from deploy.local.processes import Component
from deploy.services import SERVICES, Deployment
from shared.storage.mongo import Mongo


@dataclass(slots=True)
class _Scene:
    deployment: Deployment
    empty: Component
    empty_port: int

    async def ours(self, _: float) -> float:
        """The mean of the four services, one after the other."""
        return mean([await self._one(name) for name in SERVICES])

    async def bare(self, _: float) -> float:
        seconds = await seconds_until_ready(self.empty.start, self.empty_port)
        await asyncio.to_thread(self.empty.stop)
        return seconds

    async def _one(self, name: str) -> float:
        seconds = await seconds_until_ready(lambda: self.deployment.launch(name), self.deployment.ports[name])
        await asyncio.to_thread(self.deployment.components[name].stop)
        return seconds


@asynccontextmanager
async def _scene(run: Run) -> AsyncIterator[_Scene]:
    with Stack.start(run.folder / "start-stack") as stack:
        deployment = Deployment(run.folder / "start", stack.mongo_url, stack.kafka)
        await asyncio.to_thread(deployment.prepare)
        for name in SERVICES:
            deployment.ports[name] = free_port()
            mongo = Mongo(stack.mongo_url, name)
            await mongo.runtime()["cities"].insert_one({"_id": CITY})
            mongo.close()
        port = free_port()
        empty = empty_app(port, run.folder / "empty.log")
        try:
            yield _Scene(deployment, empty, port)
        finally:
            empty.stop()
            deployment.stop()


@benchmark(
    name="start",
    what="a service with one city, from its start to its readiness; the mean of all four, each started alone",
    baseline="a FastAPI app that does nothing, on uvicorn with uvloop and httptools",
    unit="s",
    goal=3.0,
    direction="at_most",
)
async def start(bench: Bench) -> None:
    """The servers run already."""
    scene = await bench.shared(_scene)
    await bench.in_turns(scene.ours, scene.bare, warm=1.0)

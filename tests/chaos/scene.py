"""A town, the services that serve it, and what compares them; a test breaks something in it."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Final

from deploy.services import SERVICES, Deployment
from shared.messaging.kafka import Kafka
from shared.storage.mongo import Mongo
from shared.testing.waiting import eventually
from tests.chaos.checker import Checker
from tests.chaos.history import History
from tests.chaos.load import crowding
from tests.chaos.tape import Tape
from tests.chaos.timeline import Run
from tests.chaos.town import Town

THERE: Final = tuple(name for name in SERVICES if (Path("services") / name / "__main__.py").exists())
CROWD: Final = 24
_SLOWEST_WRITES: Final = 15.0
"""Changes a second that a machine in need still acknowledges; it bounds the waiting, not the test."""


def city_named(name: str) -> str:
    """A slug for whatever has this name."""
    return f"ort-{zlib.crc32(name.encode()):x}"


@dataclass(slots=True)
class Scene:
    """``run`` is that of the test under way."""

    town: Town
    checker: Checker
    deployment: Deployment
    run: Run
    _counted: int = 0

    def during(self, run: Run) -> Iterator["Scene"]:
        """Lends the scene to one test."""
        self.run, self._counted = run, self.history.total()
        for service, moments in self.history.moments.items():
            run.streams[service] = moments
        yield self
        for name in [name for name, component in self.deployment.components.items() if not component.running]:
            self.deployment.restart(name)

    @property
    def history(self) -> History:
        """What clients were told."""
        return self.town.history

    async def more(self, service: str, changes: int, within: float = 60.0) -> None:
        """Waits until a service has acknowledged so many further changes."""
        wanted = self.history.acknowledged(service) + changes
        await eventually(lambda: self.history.acknowledged(service) >= wanted, within=within, every=0.01)

    async def enough(self, writes: int) -> None:
        """Waits until this test has had so many changes acknowledged; a crowd comes for what is missing."""
        wanted = self._counted + writes
        async with crowding(self.town, CROWD):
            await eventually(lambda: self.history.total() >= wanted, within=60 + writes / _SLOWEST_WRITES)

    async def settle(self, within: float = 60.0) -> None:
        """Waits until nothing is under way, and asserts that nothing was lost, invented or done twice."""
        began = monotonic()
        try:
            await eventually(self.checker.at_rest, within=self.run.bound(within), every=0.2)
        finally:
            found = await self.checker.findings(self.history)
            assert found == [], "\n".join(found)
        self.run.note(
            f"{self.run.name}: {self.history.total() - self._counted} acknowledged, lost 0, phantom 0, double 0, "
            f"at rest after {monotonic() - began:.1f} s"
        )

    async def restart(self, service: str) -> None:
        """Starts a service again, and waits until it is ready."""
        await asyncio.to_thread(self.deployment.restart, service)


@asynccontextmanager
async def open_scene(deployment: Deployment, city: str) -> AsyncIterator[Scene]:
    """A new city of a deployment."""
    town = await Town.build(deployment, city)
    mongos = {service: Mongo(deployment.mongo_url, service) for service in THERE}
    projections = {name: import_module(f"services.{name}.app").SERVICE.projections for name in THERE}
    checker = Checker(Tape(Kafka(deployment.kafka, "checker"), city), mongos, projections)
    yield Scene(town, checker, deployment, Run("nothing yet"))
    await town.close()
    for mongo in mongos.values():
        mongo.close()

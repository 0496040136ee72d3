"""A service dies at each named point in turn: inside a transaction, around its commit, in a poll, after a send.

A kill from outside hits these moments only sometimes. Each start after a death is already armed for the next one. Many
clients at once and without a pause, so that a death takes unwritten audit numbers with it.
"""

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import httpx
import pytest

from deploy.local.processes import Component
from shared.kernel.ids import new_id
from shared.observability.points import VARIABLE
from shared.testing.waiting import eventually
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.load import streaming
from tests.chaos.scene import THERE, Scene

POINTS = {
    "work.between-statements": 6,
    "transaction.before-commit": 9,
    "transaction.after-commit": 9,
    "poll.between-statements": 3,
    "relay.not-acknowledged": 3,
    "relay.sent-not-deleted": 3,
}
"""How many times each is passed before it is deadly."""
READS_ONLY = {"reporting": ("transaction.before-commit", "transaction.after-commit", "poll.between-statements")}
"""Under this load reporting writes nothing of its own: it only polls."""
ERASURE_POINTS = (
    ("registry", "vault.key-destroyed"),
    ("visits", "vault.key-destroyed"),
    ("matching", "reaction.done-not-deleted"),
)
DIES_WITHIN = 30.0
VISITORS = 20


@pytest.mark.parametrize("service", THERE)
async def test_nothing_is_lost_or_doubled_wherever_a_service_dies(scene: Scene, service: str) -> None:
    writes = "visits" if service in READS_ONLY else service
    async with streaming(scene.town, SEED + 10 + THERE.index(service), VISITORS, pace=0):
        await asyncio.to_thread(scene.deployment.components[service].stop)
        began = monotonic()
        for point in READS_ONLY.get(service, tuple(POINTS)):
            with scene.run.fault(point):
                armed = scene.deployment.launch(service, {VARIABLE: f"{point}:{POINTS[point]}"})
                await eventually(partial(_gone, armed), within=scene.run.bound(DIES_WITHIN), every=0.01)
                _require_killed(armed, point)
        died = monotonic()
        await scene.restart(service)
        ready = monotonic() - died
        await scene.more(writes, 10)
        silent = scene.history.silence(writes, began)
        await scene.enough(WRITES)
    await scene.settle()
    scene.run.note(f"{service} dies at each point: {writes} silent for {silent:.1f} s at most, ready in {ready:.1f}")


async def test_erasure_is_completed_once_wherever_a_service_dies(scene: Scene) -> None:
    for service, point in ERASURE_POINTS:
        asked = _Erasure(scene, await scene.town.newcomer())
        await asyncio.to_thread(scene.deployment.restart, service, {VARIABLE: point})
        with scene.run.fault(f"{service}: {point}"):
            asking = asyncio.create_task(eventually(asked.asked, within=scene.run.bound(2 * DIES_WITHIN)))
            armed = scene.deployment.components[service]
            await eventually(partial(_gone, armed), within=scene.run.bound(DIES_WITHIN), every=0.01)
            _require_killed(armed, point)
            await scene.restart(service)
            await asking
        await eventually(asked.completed, within=scene.run.bound(DIES_WITHIN))
        for confirming in THERE[1:]:
            told = (await scene.checker.tape.read([f"{confirming}.confirmations.v1"]))[f"{confirming}.confirmations.v1"]
            assert {event.sequence for event in told[asked.id]} == {1}
            assert len({event.id for event in told[asked.id]}) == 1
    await scene.settle()


@dataclass(slots=True)
class _Erasure:
    """A person's erasure, asked for with the same key until there is an answer."""

    scene: Scene
    subject: str
    id: str = ""
    key: str = field(default_factory=lambda: new_id("key"))

    async def asked(self) -> str:
        """The erasure's id, or nothing where nobody answered."""
        town = self.scene.town
        headers = town.headers("city") | {"Idempotency-Key": self.key}
        with suppress(httpx.TransportError):
            answer = await town.http.post(
                town.url("registry", "erasures"), json={"subject": self.subject}, headers=headers
            )
            self.id = str(answer.json()["id"]) if answer.is_success else ""
        return self.id

    async def completed(self) -> bool:
        """Whether all services have confirmed it."""
        town = self.scene.town
        answer = await town.http.get(town.url("registry", f"erasures/{self.id}"), headers=town.headers("city"))
        return answer.is_success and answer.json()["completed_at"] is not None


def _gone(component: Component) -> bool:
    return not component.running


def _require_killed(component: Component, point: str) -> None:
    """A service that ended in another way proves nothing about the point."""
    assert component.exit_code == -signal.SIGKILL, f"{point}: ended with {component.exit_code}\n{component.log_tail()}"

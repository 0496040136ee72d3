"""SIGTERM: what is under way is finished, the process ends well, and nothing is lost."""

import asyncio
import signal
from time import monotonic

import pytest

from deploy.local.processes import Component
from shared.kernel.ids import new_id
from shared.observability.points import VARIABLE
from shared.testing.waiting import eventually
from tests.chaos.conftest import SEED
from tests.chaos.load import streaming
from tests.chaos.scene import THERE, Scene

ENTRIES = 300
LONGEST_STOP = 20.0


@pytest.mark.long
@pytest.mark.parametrize("service", THERE)
async def test_service_ends_well_when_it_is_asked_to_under_load(scene: Scene, service: str) -> None:
    async with streaming(scene.town, SEED + THERE.index(service)):
        await scene.more("visits", 30)
        with scene.run.fault(f"SIGTERM {service}"):
            took = await _terminate(scene.deployment.components[service])
            await scene.restart(service)
        await scene.more("visits", 30)
    await scene.settle()
    scene.run.note(f"SIGTERM {service}: gone after {took:.1f} s")


@pytest.mark.long
async def test_nothing_is_lost_when_visits_dies_while_it_ends(scene: Scene) -> None:
    async with streaming(scene.town, SEED + 5):
        await asyncio.to_thread(scene.deployment.restart, "visits", {VARIABLE: "process.stopping"})
        await scene.more("visits", 30)
        with scene.run.fault("SIGTERM visits, and death"):
            armed = scene.deployment.components["visits"]
            armed.terminate()
            await eventually(lambda: not armed.running, within=LONGEST_STOP)
            assert armed.exit_code == -signal.SIGKILL, armed.log_tail()
            await scene.restart("visits")
        await scene.more("visits", 30)
    await scene.settle()


async def test_request_under_way_is_answered_when_visits_is_asked_to_end(scene: Scene) -> None:
    town, history = scene.town, scene.history
    common = {"tandem": town.tandems[0], "kind": "telephone", "date": town.day, "minutes": 15}
    entries = [{**common, "id": new_id("vis")} for _ in range(ENTRIES)]
    for entry in entries:
        history.sending("visits.visits.v1", str(entry["id"]))
    url = town.url("visits", "visits:batch")
    stored = scene.checker.mongos["visits"].city(town.city)["visits"]
    before = await stored.count_documents({})

    async def _one_is_stored() -> bool:
        return await stored.count_documents({}) > before

    async with asyncio.TaskGroup() as requests:
        sent = requests.create_task(town.http.post(url, json=entries, headers=town.headers(), timeout=LONGEST_STOP))
        await eventually(_one_is_stored, every=0.005)
        assert not sent.done()
        with scene.run.fault("SIGTERM visits"):
            await _terminate(scene.deployment.components["visits"])
    answer = sent.result()
    assert answer.status_code == 200, answer.text
    assert [entry["answer"] for entry in answer.json()["entries"]] == ["stored"] * ENTRIES
    for entry in entries:
        history.answered("visits.visits.v1", str(entry["id"]), 1)
    await scene.restart("visits")
    await scene.settle()


async def _terminate(component: Component) -> float:
    """Seconds until the process had ended by itself, with 0."""
    began = monotonic()
    component.terminate()
    await eventually(lambda: not component.running, within=LONGEST_STOP)
    assert component.exit_code == 0, component.log_tail()
    return monotonic() - began

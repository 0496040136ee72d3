"""MongoDB or Kafka is away for a while: services say so, go on living, and come back without a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic

import httpx
import pytest

from deploy.local import Stack
from shared.testing.waiting import eventually
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.load import streaming
from tests.chaos.scene import THERE, Scene

NOTICED = 10.0
READY_AGAIN = 15.0
TAKEN = 100
LONGEST_SILENCE = 3.0
FROZEN_SECONDS = 60.0
PROGRESS_WITHIN = 60.0


@pytest.mark.long
async def test_services_are_not_ready_without_mongodb_and_come_back_by_themselves(scene: Scene, stack: Stack) -> None:
    processes = {name: scene.deployment.components[name].pid for name in THERE}
    async with streaming(scene.town, SEED + 1):
        await scene.more("visits", 40)
        async with _away(scene, stack, "mongod-1"):
            for name in THERE:
                await eventually(partial(_answers, scene, name, "ready", 503), within=scene.run.bound(NOTICED))
                assert await _answers(scene, name, "live", 200)
        back = monotonic()
        for name in THERE:
            await eventually(partial(_answers, scene, name, "ready", 200), within=scene.run.bound(READY_AGAIN))
        ready = monotonic() - back
        await scene.more("visits", 40)
        silent = scene.history.silence("visits", back)
        await scene.enough(WRITES)
    assert {name: scene.deployment.components[name].pid for name in THERE if _runs(scene, name)} == processes
    await scene.settle()
    scene.run.hold(f"mongod back: visits silent for {silent:.1f} s, all ready after", ready, READY_AGAIN)


@pytest.mark.long
async def test_writes_stand_three_seconds_at_most_when_mongod_is_killed_and_restarted(
    scene: Scene, stack: Stack
) -> None:
    async with streaming(scene.town, SEED + 3):
        for _ in range(3):
            await scene.more("visits", 40)
            killed = monotonic()
            async with _away(scene, stack, "mongod-1"):
                pass
            back = monotonic() - killed
            await scene.more("visits", 10)
            silent = scene.history.silence("visits", killed)
            scene.run.hold(f"mongod killed: leads again after {back:.1f} s, visits silent for", silent, LONGEST_SILENCE)
        await scene.enough(WRITES)
    await scene.settle()


async def test_visits_are_taken_without_kafka_and_told_when_it_is_back(scene: Scene, stack: Stack) -> None:
    outbox = scene.checker.mongos["visits"].city(scene.town.city)["outbox"]
    async with streaming(scene.town, SEED + 2):
        await scene.more("visits", 20)
        async with _away(scene, stack, "kafka-1"):
            away = monotonic()
            await scene.more("visits", TAKEN)
            scene.run.hold("Kafka away: visits silent for", scene.history.silence("visits", away), LONGEST_SILENCE)
            assert await outbox.count_documents({}) >= TAKEN
        await scene.enough(WRITES)
    await scene.settle()
    assert all(_runs(scene, name) for name in THERE)


@pytest.mark.long
async def test_progress_resumes_after_the_broker_was_frozen(scene: Scene, stack: Stack) -> None:
    processes = {name: scene.deployment.components[name].pid for name in THERE}
    async with streaming(scene.town, SEED + 4):
        await scene.more("visits", 40)
        with scene.run.fault("SIGSTOP kafka-1"), stack.paused("kafka-1"):
            thawed = monotonic() + FROZEN_SECONDS
            await eventually(lambda: monotonic() > thawed, within=2 * FROZEN_SECONDS, every=0.5)
        began = monotonic()
        await eventually(partial(_drained, scene), within=scene.run.bound(PROGRESS_WITHIN), every=0.2)
        scene.run.hold("broker frozen and woken: outbox low again after", monotonic() - began, PROGRESS_WITHIN)
        await scene.enough(WRITES)
    await scene.settle()
    assert {name: scene.deployment.components[name].pid for name in THERE if _runs(scene, name)} == processes


@asynccontextmanager
async def _away(scene: Scene, stack: Stack, name: str) -> AsyncIterator[None]:
    """A part of the stack is killed for the length of the block."""
    with scene.run.fault(f"kill -9 {name}"):
        await asyncio.to_thread(stack.kill, name)
        try:
            yield
        finally:
            await asyncio.to_thread(stack.restart, name)


async def _drained(scene: Scene) -> bool:
    """Whether hardly anything waits for Kafka, while changes stream in."""
    return await scene.checker.mongos["visits"].city(scene.town.city)["outbox"].count_documents({}) < TAKEN


async def _answers(scene: Scene, service: str, question: str, status: int) -> bool:
    url = f"{scene.deployment.url(service)}/health/{question}"
    try:
        return (await scene.town.http.get(url)).status_code == status
    except httpx.TransportError:
        return False


def _runs(scene: Scene, service: str) -> bool:
    return scene.deployment.components[service].running

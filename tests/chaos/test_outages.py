"""MongoDB or Kafka is away for a while: services say so, go on living, and come back without a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic

import httpx

from deploy.local import Stack
from shared.testing.waiting import eventually
from tests.chaos.conftest import THERE, Scene
from tests.chaos.load import streaming

NOTICED = 10.0
READY_AGAIN = 15.0
TAKEN = 100
LONGEST_SILENCE = 3.0
"""No more than what a request may take on a machine that is busy starting things; nothing waits for Kafka."""


async def test_services_are_not_ready_without_mongodb_and_come_back_by_themselves(scene: Scene, stack: Stack) -> None:
    processes = {name: scene.deployment.components[name].pid for name in THERE}
    async with streaming(scene.town, seed=1):
        await scene.more("visits", 40)
        async with _away(stack, "mongod-1"):
            for name in THERE:
                await eventually(partial(_answers, scene, name, "ready", 503), within=NOTICED)
                assert await _answers(scene, name, "live", 200)
        back = monotonic()
        for name in THERE:
            await eventually(partial(_answers, scene, name, "ready", 200), within=READY_AGAIN)
        ready = monotonic() - back
        await scene.more("visits", 40)
        silent = scene.history.silence("visits", back)
    assert {name: scene.deployment.components[name].pid for name in THERE if _runs(scene, name)} == processes
    await scene.settle()
    scene.measured.append(f"mongod back: all ready after {ready:.1f} s, visits silent for {silent:.1f} s")


async def test_visits_are_taken_without_kafka_and_told_when_it_is_back(scene: Scene, stack: Stack) -> None:
    outbox = scene.checker.mongos["visits"].city(scene.town.city)["outbox"]
    async with streaming(scene.town, seed=2):
        await scene.more("visits", 20)
        async with _away(stack, "kafka-1"):
            away = monotonic()
            await scene.more("visits", TAKEN)
            silent = scene.history.silence("visits", away)
            assert silent < LONGEST_SILENCE
            assert await outbox.count_documents({}) >= TAKEN
        back = monotonic()
        await scene.more("visits", 20)
    await scene.settle(within=30)
    scene.measured.append(
        f"Kafka away for {back - away:.1f} s: visits silent for {silent:.1f} s, rest after {monotonic() - back:.1f} s"
    )
    assert all(_runs(scene, name) for name in THERE)


@asynccontextmanager
async def _away(stack: Stack, name: str) -> AsyncIterator[None]:
    """A part of the stack is killed for the length of the block."""
    await asyncio.to_thread(stack.kill, name)
    try:
        yield
    finally:
        await asyncio.to_thread(stack.restart, name)


async def _answers(scene: Scene, service: str, question: str, status: int) -> bool:
    url = f"{scene.deployment.url(service)}/health/{question}"
    try:
        return (await scene.town.http.get(url)).status_code == status
    except httpx.TimeoutException:
        return False


def _runs(scene: Scene, service: str) -> bool:
    return scene.deployment.components[service].running

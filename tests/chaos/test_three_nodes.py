"""Three nodes of MongoDB and Kafka: one is lost, two go on, and what was acknowledged is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic

import pytest

from deploy.local import Stack
from deploy.local.kafka_wire import answers
from deploy.local.mongo_wire import CommandFailedError, command
from shared.contracts.catalog import TOPICS
from shared.messaging.kafka import Kafka
from shared.testing.waiting import eventually
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.load import streaming
from tests.chaos.scene import Scene
from tests.chaos.tail import Arrivals, following

ROUNDS = 2 if WRITES <= 1_000 else 5
LONGEST_SILENCE = 3.0
AFTER_KILL = 5.0
"""A killed primary is missed after its election time-out of two seconds; then the driver has to find the new one."""
EVENTS_SILENT = 4.0
"""A killed broker is missed after two seconds; where it led the controllers, another is elected before."""
TOPIC = "visits.visits.v1"


async def test_writes_and_events_go_on_when_a_primary_steps_down_and_a_leading_broker_is_killed(
    wide_scene: Scene, wide_stack: Stack
) -> None:
    async with streaming(wide_scene.town, SEED + 9), _followed(wide_scene, wide_stack) as arrived:
        await _lose_a_broker(wide_scene, wide_stack, arrived, "kafka-1")
        await _step_down(wide_scene, wide_stack)
        await wide_scene.enough(WRITES)
    await wide_scene.settle(within=90)


@pytest.mark.long
async def test_nothing_is_lost_when_primaries_step_down_and_are_killed(wide_scene: Scene, wide_stack: Stack) -> None:
    scene = wide_scene
    async with streaming(scene.town, SEED + 7):
        for _ in range(ROUNDS):
            await _step_down(scene, wide_stack)
            primary = await asyncio.to_thread(wide_stack.primary)
            with scene.run.fault(f"kill -9 {primary}"):
                killed = monotonic()
                await asyncio.to_thread(wide_stack.kill, primary)
                await scene.more("visits", 5)
            scene.run.hold("primary killed: visits silent for", scene.history.silence("visits", killed), AFTER_KILL)
            await asyncio.to_thread(wide_stack.restart, primary)
        await scene.enough(WRITES)
    await scene.settle(within=90)


@pytest.mark.long
async def test_writes_go_on_and_events_stand_shortly_when_leading_brokers_are_killed(
    wide_scene: Scene, wide_stack: Stack
) -> None:
    async with streaming(wide_scene.town, SEED + 8), _followed(wide_scene, wide_stack) as arrived:
        for number in range(1, ROUNDS + 1):
            await _lose_a_broker(wide_scene, wide_stack, arrived, f"kafka-{number % 3 + 1}")
        await wide_scene.enough(WRITES)
    await wide_scene.settle(within=90)


@asynccontextmanager
async def _followed(scene: Scene, stack: Stack) -> AsyncIterator[Arrivals]:
    async with following(Kafka(stack.kafka, "tail"), TOPIC) as arrived:
        scene.run.streams["arrived"] = arrived.moments
        yield arrived


async def _step_down(scene: Scene, stack: Stack) -> None:
    """The primary gives up; another is elected."""
    await scene.more("visits", 40)
    primary = await asyncio.to_thread(stack.primary)
    with scene.run.fault(f"{primary} steps down"):
        stepped = monotonic()
        await asyncio.to_thread(_ask_to_step_down, _port(stack, primary))
        await scene.more("visits", 5)
    scene.run.hold("step-down: visits silent for", scene.history.silence("visits", stepped), LONGEST_SILENCE)


async def _lose_a_broker(scene: Scene, stack: Stack, arrived: Arrivals, broker: str) -> None:
    """A broker that leads a third of the partitions is killed, and runs again afterwards."""
    await scene.more("visits", 40)
    with scene.run.fault(f"kill -9 {broker}"):
        killed = monotonic()
        await asyncio.to_thread(stack.kill, broker)
        await eventually(partial(arrived.everywhere_since, killed), within=60, every=0.01)
        longest = arrived.silence(killed)
    scene.run.hold(f"{broker} killed: visits silent for", scene.history.silence("visits", killed), LONGEST_SILENCE)
    scene.run.hold(f"{broker} killed: events of any partition silent for", longest, EVENTS_SILENT)
    await asyncio.to_thread(stack.restart, broker)
    await eventually(partial(_whole, stack), within=60, every=0.2)


def _ask_to_step_down(port: int) -> None:
    """The member gives up; that it drops the connection, or has just lost its office, is as good."""
    try:
        command(port, {"replSetStepDown": 10, "secondaryCatchUpPeriodSecs": 5})
    except (OSError, CommandFailedError):
        return


def _port(stack: Stack, name: str) -> int:
    arguments = stack.component(name).command
    return int(arguments[arguments.index("--port") + 1])


async def _whole(stack: Stack) -> bool:
    """Whether all brokers are in sync again for the topic, so that the next one may be lost."""
    ports = [int(server.rpartition(":")[2]) for server in stack.kafka.split(",")]
    if not all([await asyncio.to_thread(answers, port) for port in ports]):
        return False
    kafka = Kafka(stack.kafka, "whole")
    async with kafka._admin() as admin:
        topics = await admin.describe_topics([kafka.named(topic.name) for topic in TOPICS])
    return all(len(part["isr"]) == len(ports) for topic in topics for part in topic["partitions"])

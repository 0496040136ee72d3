"""Three nodes of MongoDB and Kafka: one is lost, two go on, and what was acknowledged is there."""

import asyncio
from functools import partial
from time import monotonic

import pytest

from deploy.local import Stack
from deploy.local.kafka_wire import answers
from deploy.local.mongo_wire import CommandFailedError, command
from shared.messaging.kafka import Kafka
from shared.testing.waiting import eventually
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.load import streaming
from tests.chaos.scene import Scene
from tests.chaos.tail import following
from tests.chaos.timeline import silence

ROUNDS = 2 if WRITES <= 1_000 else 5
LONGEST_SILENCE = 3.0
AFTER_KILL = 5.0
"""A killed primary is missed after its election time-out of two seconds; then the driver has to find the new one."""
TOPIC = "visits.visits.v1"
pytestmark = pytest.mark.long


async def test_nothing_is_lost_when_primaries_step_down_and_are_killed(wide_scene: Scene, wide_stack: Stack) -> None:
    scene = wide_scene
    async with streaming(scene.town, SEED + 7):
        for _ in range(ROUNDS):
            await scene.more("visits", 40)
            primary = await asyncio.to_thread(wide_stack.primary)
            with scene.run.fault(f"{primary} steps down"):
                stepped = monotonic()
                await asyncio.to_thread(_step_down, _port(wide_stack, primary))
                await scene.more("visits", 5)
            _require_short(scene, "step-down", stepped, LONGEST_SILENCE)
            primary = await asyncio.to_thread(wide_stack.primary)
            with scene.run.fault(f"kill -9 {primary}"):
                killed = monotonic()
                await asyncio.to_thread(wide_stack.kill, primary)
                await scene.more("visits", 5)
            _require_short(scene, "primary killed", killed, AFTER_KILL)
            await asyncio.to_thread(wide_stack.restart, primary)
        await scene.enough(WRITES)
    await scene.settle(within=90)


async def test_writes_go_on_and_events_stand_shortly_when_a_leading_broker_is_killed(
    wide_scene: Scene, wide_stack: Stack
) -> None:
    scene = wide_scene
    async with streaming(scene.town, SEED + 8), following(Kafka(wide_stack.kafka, "tail"), TOPIC) as arrived:
        scene.run.streams["arrived"] = arrived
        for number in range(1, ROUNDS + 1):
            await scene.more("visits", 40)
            broker = f"kafka-{number % 3 + 1}"
            with scene.run.fault(f"kill -9 {broker}"):
                killed = monotonic()
                await asyncio.to_thread(wide_stack.kill, broker)
                wanted = len(arrived) + 60
                await eventually(partial(_longer, arrived, wanted), within=60, every=0.01)
            _require_short(scene, "broker killed", killed, LONGEST_SILENCE)
            scene.run.hold(f"{broker} killed: events silent for", silence(arrived, killed), LONGEST_SILENCE + 1)
            await asyncio.to_thread(wide_stack.restart, broker)
            await eventually(partial(_whole, wide_stack), within=60, every=0.2)
        await scene.enough(WRITES)
    await scene.settle(within=90)


def _require_short(scene: Scene, what: str, since: float, longest: float) -> None:
    scene.run.hold(f"{what}: visits silent for", scene.history.silence("visits", since), longest)


def _step_down(port: int) -> None:
    """The member gives up; that it drops the connection, or has just lost its office, is as good."""
    try:
        command(port, {"replSetStepDown": 10, "secondaryCatchUpPeriodSecs": 5})
    except (OSError, CommandFailedError):
        return


def _port(stack: Stack, name: str) -> int:
    arguments = stack.component(name).command
    return int(arguments[arguments.index("--port") + 1])


def _longer(stream: list[float], than: int) -> bool:
    return len(stream) > than


async def _whole(stack: Stack) -> bool:
    """Whether all brokers are in sync again for the topic, so that the next one may be lost."""
    ports = [int(server.rpartition(":")[2]) for server in stack.kafka.split(",")]
    if not all([await asyncio.to_thread(answers, port) for port in ports]):
        return False
    kafka = Kafka(stack.kafka, "whole")
    async with kafka._admin() as admin:
        topics = await admin.describe_topics(kafka._names())
    return all(len(part["isr"]) == len(ports) for topic in topics for part in topic["partitions"])

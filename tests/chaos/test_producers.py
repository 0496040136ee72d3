"""A producer that was given up while Kafka was away: what it held is its successor's to send, and nobody else's."""

import asyncio

from deploy.local import Stack
from shared.contracts.catalog import PARTITIONS
from shared.messaging.kafka import TopicPartition, give_up, stop_in_background
from tests.chaos.floor import PERSONS, Floor
from tests.chaos.timeline import Run

TRIED = 1.0
"""Seconds in which a producer finds out that nobody is there."""
LATE = 8.0
"""Seconds after Kafka's return in which an idempotent producer that still lives has long sent what it holds."""


async def test_producer_that_was_given_up_sends_nothing_any_more(floor: Floor, stack: Stack, run: Run) -> None:
    topic, producer = floor.kafka.named(PERSONS.name), floor.kafka.producer()
    await producer.start()
    await producer.send_and_wait(topic, b"first", key=b"one", partition=0)
    held = []
    with run.fault("kill -9 kafka-1"):
        await asyncio.to_thread(stack.kill, "kafka-1")
        try:
            held.append(await producer.send(topic, b"older", key=b"one", partition=0))
            await asyncio.sleep(TRIED)
            give_up(producer)
        finally:
            await asyncio.to_thread(stack.restart, "kafka-1")
    await asyncio.sleep(LATE)
    assert await _records(floor) == 1
    assert [future.done() for future in held] == [True]


async def _records(floor: Floor) -> int:
    """How many records the topic has."""
    consumer = floor.kafka.consumer(None)
    await consumer.start()
    try:
        partitions = [TopicPartition(floor.kafka.named(PERSONS.name), number) for number in range(PARTITIONS)]
        return sum((await consumer.end_offsets(partitions)).values())
    finally:
        stop_in_background(consumer)

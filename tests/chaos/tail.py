"""When events arrive at the end of a topic: the stream by which a silence is seen from outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from shared.contracts.catalog import PARTITIONS
from shared.messaging.kafka import Kafka, TopicPartition, stop_in_background
from tests.chaos.floor import PERSONS, Floor
from tests.chaos.timeline import Run


@asynccontextmanager
async def following(kafka: Kafka, topic: str) -> AsyncIterator[list[float]]:
    """The moments at which records of a topic arrive while the block runs."""
    consumer, arrived = kafka.consumer(None), list[float]()
    await consumer.start()
    consumer.assign([TopicPartition(kafka.named(topic), number) for number in range(PARTITIONS)])
    await consumer.seek_to_end()

    async def follow() -> None:
        while True:
            batches = await consumer.getmany(timeout_ms=100)
            now = monotonic()
            arrived.extend(now for records in batches.values() for _ in records)

    task = asyncio.create_task(follow())
    try:
        yield arrived
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        stop_in_background(consumer)


@asynccontextmanager
async def tailing(floor: Floor, run: Run) -> AsyncIterator[list[float]]:
    """The same for a floor's topic of persons, as a stream of the run."""
    async with following(floor.kafka, PERSONS.name) as arrived:
        run.streams["arrived"] = arrived
        yield arrived

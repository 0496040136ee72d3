"""When events arrive at the end of a topic: the stream by which a silence is seen from outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from shared.contracts.catalog import PARTITIONS
from shared.messaging.kafka import Kafka, TopicPartition, stop_in_background
from tests.chaos.floor import PERSONS, Floor
from tests.chaos.timeline import Run, silence


@dataclass(slots=True)
class Arrivals:
    """When records arrived, in all and on each partition."""

    moments: list[float] = field(default_factory=list)
    partitions: dict[int, list[float]] = field(default_factory=lambda: {number: [] for number in range(PARTITIONS)})

    def everywhere_since(self, moment: float) -> bool:
        """Whether something arrived on every partition since that moment."""
        return all(moments and moments[-1] > moment for moments in self.partitions.values())

    def silence(self, since: float) -> float:
        """The longest time, from a moment until now, in which nothing arrived on some partition."""
        return max(silence(moments, since) for moments in self.partitions.values())


@asynccontextmanager
async def following(kafka: Kafka, topic: str) -> AsyncIterator[Arrivals]:
    """What arrives at the end of a topic while the block runs."""
    consumer, arrivals = kafka.consumer(None), Arrivals()
    await consumer.start()
    consumer.assign([TopicPartition(kafka.named(topic), number) for number in range(PARTITIONS)])
    await consumer.seek_to_end()

    async def follow() -> None:
        while True:
            batches = await consumer.getmany(timeout_ms=100)
            now = monotonic()
            for partition, records in batches.items():
                arrivals.partitions[partition.partition] += [now] * len(records)
                arrivals.moments += [now] * len(records)

    task = asyncio.create_task(follow())
    try:
        yield arrivals
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        stop_in_background(consumer)


@asynccontextmanager
async def tailing(floor: Floor, run: Run) -> AsyncIterator[list[float]]:
    """The moments at which a floor's persons arrive, as a stream of the run."""
    async with following(floor.kafka, PERSONS.name) as arrivals:
        run.streams["arrived"] = arrivals.moments
        yield arrivals.moments

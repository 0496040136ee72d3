"""What Kafka's topics say of one city: read on from where the last look ended, since nothing is compacted meanwhile."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.contracts.catalog import PARTITIONS
from shared.kernel.errors import Poison
from shared.messaging.events import Event, decode
from shared.messaging.kafka import ConsumerRecord, Kafka, TopicPartition, stop_in_background

READ_LIMIT: Final = 120.0

Log = Mapping[str, Sequence[Event]]
"""The events of one city and topic by key, as they stand in Kafka."""


@dataclass(slots=True)
class Tape:
    """Keeps every event of its city that it has read."""

    kafka: Kafka
    city: str
    _logs: dict[str, dict[str, list[Event]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    _next: dict[TopicPartition, int] = field(default_factory=dict)

    async def read(self, topics: Iterable[str]) -> dict[str, Log]:
        """The log of each topic to its present end. Raises ``TimeoutError``."""
        names = sorted(set(topics))
        partitions = [TopicPartition(self.kafka.named(name), number) for name in names for number in range(PARTITIONS)]
        consumer = self.kafka.consumer(None)
        async with asyncio.timeout(READ_LIMIT):
            await consumer.start()
            try:
                consumer.assign(partitions)
                ends = await consumer.end_offsets(partitions)
                for partition in partitions:
                    consumer.seek(partition, self._next.get(partition, 0))
                while any(self._next.get(partition, 0) < end for partition, end in ends.items()):
                    for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                        self._keep(self.kafka.plain(partition.topic), records)
                        self._next[partition] = records[-1].offset + 1
            finally:
                stop_in_background(consumer)
        return {name: self._logs[name] for name in names}

    def _keep(self, topic: str, records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            # All cities share the topics; to read what is not ours would take longer than to judge what is.
            if dict(record.headers).get("ce_city") != self.city.encode():
                continue
            try:
                event = decode(topic, record)
            except Poison:
                # Sent by the test, or seen as a dead letter.
                continue
            if isinstance(event, Event):
                self._logs[topic][event.key].append(event)

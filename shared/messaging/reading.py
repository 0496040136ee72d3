"""Reading a topic without a group: to its present end, or on and on into memory."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from shared.contracts.catalog import PARTITIONS
from shared.kernel.errors import Poison
from shared.messaging.events import Event, decode
from shared.messaging.kafka import Consumer, ConsumerRecord, Kafka, KafkaFault, TopicPartition, stop_in_background

READ_LIMIT: Final = 20.0

log = structlog.get_logger(__name__)


async def read_to_end(kafka: Kafka, topic: str) -> list[Event]:
    """Every event of a topic from its start to its end of now; what cannot be read is left to the group's consumer."""
    partitions = [TopicPartition(kafka.named(topic), number) for number in range(PARTITIONS)]
    consumer = kafka.consumer(None)
    events: list[Event] = []
    async with asyncio.timeout(READ_LIMIT):
        await consumer.start()
        try:
            consumer.assign(partitions)
            ends: dict[Any, int] = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning(*partitions)
            while not await _at_end(consumer, ends):
                batches = await consumer.getmany(timeout_ms=200)
                events += [event for records in batches.values() for event in _events(topic, records)]
        finally:
            stop_in_background(consumer)
    return events


async def _at_end(consumer: Consumer, ends: dict[Any, int]) -> bool:
    return all([await consumer.position(partition) >= end for partition, end in ends.items()])


def _events(topic: str, records: list[ConsumerRecord]) -> list[Event]:
    events: list[Event] = []
    for record in records:
        try:
            event = decode(topic, record)
        except Poison as poison:
            log.warning("record-skipped", topic=topic, reason=str(poison), partition=record.partition)
            continue
        if isinstance(event, Event):
            events.append(event)
    return events


@dataclass(slots=True)
class Follower:
    """Reads a small topic from its start and goes on; every replica has one, since what it tells is held in memory."""

    kafka: Kafka
    topic: str
    handle: Callable[[Event], Awaitable[None]]
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            try:
                await self._follow()
            except (KafkaFault, OSError, TimeoutError) as fault:
                log.warning("follower-interrupted", topic=self.topic, error=type(fault).__name__)
                await asyncio.sleep(0.5)

    async def _follow(self) -> None:
        partitions = [TopicPartition(self.kafka.named(self.topic), number) for number in range(PARTITIONS)]
        consumer = self.kafka.consumer(None)
        try:
            await consumer.start()
            consumer.assign(partitions)
            ends: dict[Any, int] = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning(*partitions)
            while True:
                if not self.caught_up.is_set() and await _at_end(consumer, ends):
                    self.caught_up.set()
                batches = await consumer.getmany(timeout_ms=500)
                for records in batches.values():
                    for event in _events(self.topic, records):
                        await self.handle(event)
        finally:
            stop_in_background(consumer)

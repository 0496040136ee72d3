"""The consumer: a poll is one transaction over all its cities, with one offset document per partition.

The offset in MongoDB wins over Kafka's. A batch succeeds, or the consumer seeks back to the stored offset before it
polls again; so no record is stepped over, however long a handler fails.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog

from shared.kernel.canonical import content_hash
from shared.kernel.errors import Retry
from shared.messaging.absence import Absence, AwayTooLong
from shared.messaging.batch import Batch, Fenced, apply_batch, offset_id, sort_out
from shared.messaging.cities import CityCatalogue
from shared.messaging.dead_letters import LIMIT, DeadLetters
from shared.messaging.kafka import (
    Consumer,
    ConsumerRebalanceListener,
    Kafka,
    KafkaFault,
    TopicPartition,
    stop_in_background,
)
from shared.messaging.projection import Projection
from shared.observability import metrics as names
from shared.storage.mongo import MongoFault
from shared.storage.store import Store

RECORDS_A_POLL: Final = 1_000
TRIES_OF_ONE: Final = 3
STUCK_SECONDS: Final = 30.0
LOOKS_AGAIN: Final = 5.0

log = structlog.get_logger(__name__)


class TooManyDeadLetters(Exception):
    """The limit is reached; an operator must look before anything more is consumed."""


class ConsumerStuck(Exception):
    """Records are there and none was handled for too long, with a consumer that was built anew."""


@dataclass(slots=True)
class ConsumerLoop:
    """Feeds one service's projections."""

    store: Store
    kafka: Kafka
    catalogue: CityCatalogue
    projections: Sequence[Projection]
    instance: str
    dead_letters: DeadLetters
    on_applied: Any = None
    retention: timedelta = timedelta(days=7)
    stopped_because: str = ""
    lag: dict[str, int] = field(default_factory=dict)
    _progress: float = 0.0
    _rebuilt: int = 0
    _absence: Absence = field(init=False)

    def __post_init__(self) -> None:
        self._absence = Absence(self.store, self.retention)

    async def run(self) -> None:
        """Works until cancelled. Raises ``ConsumerStuck`` where building a new consumer did not help."""
        await self.dead_letters.prepare()
        while True:
            try:
                await self.catalogue.refresh()
                await self._consume()
            except (KafkaFault, MongoFault, OSError, TimeoutError) as fault:
                log.warning("consumer-interrupted", error=type(fault).__name__)
                self.store.metrics.count(names.CONSUMER_REBUILDS)
                await asyncio.sleep(0.5)
            except TooManyDeadLetters:
                await self._stand_still("too-many-dead-letters", self._room_again)
            except AwayTooLong:
                await self._stand_still("away-too-long", self._absence.mended)

    async def _stand_still(self, reason: str, over: Callable[[], Awaitable[bool]]) -> None:
        """Consumes nothing until an operator has changed what only an operator may."""
        self.stopped_because = reason
        log.error("consumer-stopped", reason=reason)
        while self.stopped_because:
            await asyncio.sleep(LOOKS_AGAIN)
            # While MongoDB is away nobody can say, and the process must not end for it.
            with suppress(MongoFault):
                self.stopped_because = "" if await over() else reason

    async def _room_again(self) -> bool:
        return await self.dead_letters.count() < LIMIT

    async def _consume(self) -> None:
        topics = sorted({self.kafka.named(projection.topic.name) for projection in self.projections})
        # A static member that comes back with other topics would be given its former assignment, which aiokafka does
        # not survive; so the topics are a part of its name.
        member = f"{self.store.service}-{self.instance}-{content_hash(topics)[:8]}"
        consumer = self.kafka.consumer(self.store.service, member)
        try:
            await consumer.start()
            consumer.subscribe(topics, listener=_SeekToStored(self, consumer))
            self._progress = asyncio.get_running_loop().time()
            watcher = asyncio.create_task(self._watch(consumer))
            try:
                while True:
                    await self._poll(consumer)
                    if watcher.done():
                        await watcher
            finally:
                watcher.cancel()
        finally:
            stop_in_background(consumer)

    async def _poll(self, consumer: Consumer) -> None:
        assigned = sorted(consumer.assignment())
        if not assigned:
            await asyncio.sleep(0.05)
            return
        # The fence compares with the position of this poll, of exactly these partitions: an assignment may arrive
        # while getmany waits, and the first record's offset has holes on a compacted topic.
        positions = {partition: await consumer.position(partition) for partition in assigned}
        batches = await consumer.getmany(*assigned, timeout_ms=200, max_records=RECORDS_A_POLL)
        if not batches:
            return
        self._absence.require([self._offset_id(partition) for partition in batches])
        try:
            await self._handle(batches, positions)
        except (Fenced, Retry, MongoFault) as fault:
            log.warning("batch-put-back", error=type(fault).__name__)
            self.store.metrics.count(names.BATCHES, outcome="put_back")
            for partition in batches:
                stored = await self.stored_offset(partition)
                consumer.seek(partition, stored)
                self._absence.handled(self._offset_id(partition), stored)
            await asyncio.sleep(0.2)
            return
        for partition, records in batches.items():
            self._absence.handled(self._offset_id(partition), records[-1].offset + 1)
        self._progress = asyncio.get_running_loop().time()
        self._rebuilt = 0

    async def _handle(self, batches: dict[TopicPartition, Any], positions: dict[TopicPartition, int]) -> None:
        began, outcome = asyncio.get_running_loop().time(), "applied"
        letters, batch = await asyncio.gather(
            self.dead_letters.count(), sort_out(self.kafka, self.catalogue, batches, positions)
        )
        if letters >= LIMIT:
            raise TooManyDeadLetters
        try:
            # Whoever sets something of these partitions aside from now on moves their offsets, and so fences us.
            await self._apply(batch, none_held=letters == 0)
        except (Fenced, Retry, MongoFault):
            raise
        except Exception as fault:  # noqa: BLE001  # one of the two loops that must go on; each record is tried alone
            log.warning("batch-failed", error=type(fault).__name__, records=batch.size)
            outcome = "one_by_one"
            for single in batch.one_by_one():
                await self._apply_single(single)
        self._measure(batch, outcome, asyncio.get_running_loop().time() - began)

    def _measure(self, batch: Batch, outcome: str, seconds: float) -> None:
        metrics, now = self.store.metrics, self.store.clock().timestamp()
        metrics.count(names.BATCHES, outcome=outcome)
        metrics.observe(names.BATCH_SECONDS, seconds)
        for stretch in batch.stretches:
            metrics.count(names.RECORDS, len(stretch.items), topic=stretch.topic)
            written = stretch.items[0].record.timestamp / 1_000
            metrics.observe(names.EVENT_AGE, max(0.0, now - written), topic=stretch.topic)

    async def _apply_single(self, single: Batch) -> None:
        for attempt in range(1, TRIES_OF_ONE + 1):
            try:
                await self._apply(single)
                return
            except (Fenced, Retry, MongoFault):
                raise
            except Exception as fault:  # noqa: BLE001  # see above; the last attempt leaves a dead letter
                log.warning("record-failed", error=type(fault).__name__, attempt=attempt)
                await asyncio.sleep(0.05 * attempt)
        await self._apply(single.as_dead_letter("handler-failed"))

    async def _apply(self, batch: Batch, *, none_held: bool = False) -> None:
        reactions = await apply_batch(self.store, self.dead_letters, self.projections, batch, none_held=none_held)
        if reactions and self.on_applied is not None:
            self.on_applied()

    def progress_age(self) -> float:
        """Seconds since the last poll that brought something, or since there was nothing left to bring."""
        return asyncio.get_running_loop().time() - self._progress if self._progress else 0.0

    async def take_over(self, consumer: Consumer, assigned: Sequence[TopicPartition]) -> None:
        """Goes on where the effects end. A partition into which nothing came is whole, however long we were away."""
        for partition in assigned:
            consumer.seek(partition, await self._absence.begin(self._offset_id(partition)))
        stale = [partition for partition in assigned if self._absence.too_old([self._offset_id(partition)])]
        if stale:
            ends = await consumer.end_offsets(stale)
            self._absence.look({self._offset_id(partition): end for partition, end in ends.items()})

    async def stored_offset(self, partition: TopicPartition) -> int:
        """Where this service is in a partition."""
        row = await self.store.mongo.runtime()["offsets"].find_one({"_id": self._offset_id(partition)})
        return row["next"] if row else 0

    def _offset_id(self, partition: TopicPartition) -> str:
        return offset_id(self.kafka.plain(partition.topic), partition.partition)

    async def _watch(self, consumer: Consumer) -> None:
        """Raises ``TimeoutError`` (so that a new consumer is built) when records wait and nothing is handled."""
        while True:
            await asyncio.sleep(2)
            assigned = sorted(consumer.assignment())
            try:
                async with asyncio.timeout(2):
                    ends = await consumer.end_offsets(assigned) if assigned else {}
                    self.lag = {
                        self._offset_id(partition): max(0, end - await consumer.position(partition))
                        for partition, end in ends.items()
                    }
                    self._absence.look({self._offset_id(partition): end for partition, end in ends.items()})
                await self._absence.write()
            except (KafkaFault, MongoFault, TimeoutError):
                # Kafka or MongoDB is away: that is no stuck consumer.
                self._progress = asyncio.get_running_loop().time()
                continue
            # No assignment at all is no progress either: a dead coordinator shows in nothing else.
            if assigned and not any(self.lag.values()):
                self._progress = asyncio.get_running_loop().time()
            elif asyncio.get_running_loop().time() - self._progress > STUCK_SECONDS:
                self._rebuilt += 1
                if self._rebuilt > 2:
                    raise ConsumerStuck
                raise TimeoutError


class _SeekToStored(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, loop: ConsumerLoop, consumer: Consumer) -> None:
        self._loop = loop
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: object) -> None:
        """Nothing to do: what was handled is committed with its effect."""

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Goes on where the effects end."""
        await self._loop.take_over(self._consumer, assigned)

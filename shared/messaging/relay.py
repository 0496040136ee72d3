"""The relay: reads pending outbox rows in version order, sends them, deletes what Kafka acknowledged.

A change stream only wakes it; a sweep covers a dead stream. No token, counter or clock can lose an event, and the worst
case is a duplicate. Any error of a send drops the producer: telling fatal from passing errors is not worth it, since
the outbox makes a new producer free.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from shared.contracts.catalog import BY_NAME
from shared.contracts.envelope import Headers
from shared.messaging.beats import Beats
from shared.messaging.kafka import Kafka, KafkaFault, Producer, stop_in_background
from shared.messaging.traces import headers_of, sending
from shared.observability import metrics as names
from shared.observability.points import reached
from shared.observability.tracing import Span
from shared.storage.leases import Leases
from shared.storage.mongo import ASCENDING, Document, MongoFault
from shared.storage.store import Store

SWEEP_SECONDS: Final = 5.0
RENEW_SECONDS: Final = 0.5
SEND_LIMIT: Final = 10.0
ROWS_A_ROUND: Final = 500
TRIES: Final = 3
_ONE_TRY_MORE: Final = [
    {"$set": {"tries": {"$add": ["$tries", 1]}}},
    {"$set": {"stuck": {"$gte": ["$tries", TRIES]}}},
]

log = structlog.get_logger(__name__)


class _NotSent(Exception):
    """What a span says of a row that Kafka did not acknowledge."""


@dataclass(slots=True)
class Relay:
    """One service's relay; several processes may run one, the lease lets one of them work."""

    store: Store
    kafka: Kafka
    leases: Leases
    beats: Beats
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _producer: Producer | None = None
    _producers: int = 0

    def wake(self, cause: str) -> None:
        """Something may be pending."""
        self.store.metrics.count(names.WAKEUPS, cause=cause)
        self._wake.set()

    async def run(self) -> None:
        """Works until cancelled; gives the lease up at the end."""
        try:
            while True:
                try:
                    await self._work()
                except (KafkaFault, MongoFault, OSError, TimeoutError) as fault:
                    log.warning("relay-interrupted", error=type(fault).__name__)
                    self._drop_producer()
                    await asyncio.sleep(0.1)
        finally:
            self._drop_producer()
            await self.leases.release("relay")

    async def watch(self) -> None:
        """Wakes the relay at every insert into an outbox, until cancelled."""
        while True:
            try:
                async with self.store.mongo.watch_outboxes() as stream:
                    async for _ in stream:
                        self.wake("stream")
            except MongoFault as fault:
                log.warning("outbox-stream-interrupted", error=type(fault).__name__)
                await asyncio.sleep(0.5)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        swept = renewed = -RENEW_SECONDS
        while True:
            # A lease lasts several times as long, and each renewal is a journaled write beside everybody else's.
            if loop.time() - renewed >= RENEW_SECONDS:
                if await self.leases.take("relay") is None:
                    await asyncio.sleep(RENEW_SECONDS)
                    continue
                renewed = loop.time()
            timed_out = await self._wait(RENEW_SECONDS)
            if timed_out and loop.time() - swept < SWEEP_SECONDS:
                continue
            if timed_out:
                self.store.metrics.count(names.WAKEUPS, cause="sweep")
            swept = loop.time()
            await self._drain()

    async def _wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return True
        self._wake.clear()
        return False

    async def _drain(self) -> None:
        for city in await self.store.cities():
            while await self._round(city) == ROWS_A_ROUND:
                await self.leases.take("relay")
        await self.beats.send_due(await self._started())

    async def _round(self, city: str) -> int:
        outbox = self.store.mongo.city(city)["outbox"]
        order = [("stuck", ASCENDING), ("key", ASCENDING), ("sequence", ASCENDING)]

        async def pending(query: Document) -> list[Document]:
            return await outbox.find({"stuck": False, **query}).sort(order).limit(ROWS_A_ROUND).to_list(None)

        # Hardly ever is anything stuck: one waits for neither answer to ask the other question.
        stuck, rows = await asyncio.gather(outbox.distinct("key", {"stuck": True}), pending({}))
        if stuck:
            rows = await pending({"key": {"$nin": stuck}})
        if rows:
            await self._send(city, rows)
        return len(rows)

    async def _send(self, city: str, rows: list[Document]) -> None:
        producer = await self._started()
        outbox = self.store.mongo.city(city)["outbox"]
        done: list[str] = []
        spans = [sending(row) for row in rows]
        try:
            async with asyncio.timeout(SEND_LIMIT):
                futures = [
                    (row, await producer.send(**self._record(row, span))) for row, span in zip(rows, spans, strict=True)
                ]
                reached("relay.not-acknowledged")
                results: list[Any] = await asyncio.gather(*(future for _, future in futures), return_exceptions=True)
            done = [row["_id"] for (row, _), result in zip(futures, results, strict=True) if not _is_fault(result)]
            for (row, _), result in zip(futures, results, strict=True):
                if row["erases"] and not _is_fault(result):
                    await self.beats.after_erasing(row["topic"], result.partition)
        except (KafkaFault, TimeoutError, OSError):
            self._drop_producer()
        finally:
            for row, span in zip(rows, spans, strict=True):
                span.end(None if row["_id"] in done else _NotSent())
        reached("relay.sent-not-deleted")
        if done:
            self._count_sent([row for row in rows if row["_id"] in set(done)])
            await outbox.delete_many({"_id": {"$in": done}})
        if len(done) < len(rows):
            await self._failed(city, [row for row in rows if row["_id"] not in set(done)])

    async def _failed(self, city: str, rows: list[Document]) -> None:
        """Takes a new producer and tries the first row of each key alone; what fails alone three times is stuck."""
        self._drop_producer()
        outbox = self.store.mongo.city(city)["outbox"]
        for row in {row["key"]: row for row in reversed(rows)}.values():
            span = sending(row)
            try:
                async with asyncio.timeout(SEND_LIMIT):
                    await (await self._started()).send_and_wait(**self._record(row, span))
            except (KafkaFault, TimeoutError, OSError) as fault:
                span.end(fault)
                self._drop_producer()
                if not _is_refusal(fault):
                    raise
                await outbox.update_one({"_id": row["_id"]}, _ONE_TRY_MORE)
                log.warning("outbox-row-refused", topic=row["topic"], error=type(fault).__name__)
            else:
                span.end()
                self._count_sent([row])
                await outbox.delete_one({"_id": row["_id"]})
        self.wake("failure")

    def _record(self, row: Document, span: Span) -> dict[str, Any]:
        headers = Headers(row["_id"], row["type"], row["time"], row["city"], row["sequence"], row["subject"])
        return {
            "topic": self.kafka.named(BY_NAME[row["topic"]].name),
            "key": row["key"].encode(),
            "value": row["value"],
            "headers": headers.as_kafka() + headers_of(row, span.traceparent),
        }

    async def _started(self) -> Producer:
        if self._producer is None:
            producer = self.kafka.producer()
            try:
                async with asyncio.timeout(SEND_LIMIT):
                    await producer.start()
            except BaseException:
                stop_in_background(producer)
                raise
            self._producer = producer
            if self._producers:
                self.store.metrics.count(names.PRODUCER_REBUILDS)
            self._producers += 1
        return self._producer

    def _drop_producer(self) -> None:
        if self._producer is not None:
            stop_in_background(self._producer)
            self._producer = None

    def _count_sent(self, rows: list[Document]) -> None:
        for topic, count in Counter(row["topic"] for row in rows).items():
            self.store.metrics.count(names.SENT, count, topic=topic)

    async def pending(self) -> int:
        """How many rows are pending in all cities, as the collections say of themselves: a count would read them."""
        cities = await self.store.cities()
        return sum([await self.store.mongo.city(city)["outbox"].estimated_document_count() for city in cities])

    async def oldest_pending(self) -> str | None:
        """The time of the oldest pending row in any city."""
        oldest: list[str] = []
        for city in await self.store.cities():
            row = await self.store.mongo.city(city)["outbox"].find_one({}, {"time": 1}, sort=[("time", ASCENDING)])
            oldest += [row["time"]] if row else []
        return min(oldest, default=None)

    async def stuck(self) -> int:
        """How many rows are stuck, in all cities."""
        cities = await self.store.cities()
        return sum([await self.store.mongo.city(city)["outbox"].count_documents({"stuck": True}) for city in cities])


def _is_fault(result: object) -> bool:
    return isinstance(result, BaseException)


def _is_refusal(fault: BaseException) -> bool:
    """Whether the broker refused this record, rather than being away."""
    return isinstance(fault, KafkaFault) and not fault.retriable

"""The relay: reads pending outbox rows in version order, sends them, deletes what Kafka acknowledged.

A change stream only wakes it; a sweep covers a dead stream. No token, counter or clock can lose an event, and the worst
case is a duplicate. Any error of a send drops the producer: telling fatal from passing errors is not worth it, since
the outbox makes a new producer free.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from shared.contracts.catalog import BY_NAME
from shared.contracts.envelope import Headers
from shared.messaging.beats import Beats
from shared.messaging.kafka import Kafka, KafkaFault, Producer, give_up
from shared.messaging.traces import headers_of, sending
from shared.observability import metrics as names
from shared.observability.points import reached
from shared.observability.tracing import Span
from shared.storage.leases import Leases
from shared.storage.mongo import ASCENDING, Collection, Document, MongoFault
from shared.storage.store import Store

SWEEP_SECONDS: Final = 5.0
RENEW_SECONDS: Final = 0.5
PAUSE_A_ROW: Final = 0.0025
LONGEST_PAUSE: Final = 0.1
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
    _due: set[str] = field(default_factory=set)
    _stuck: dict[str, list[str]] = field(default_factory=dict)
    _producer: Producer | None = None
    _producers: int = 0
    _beaten: float = -RENEW_SECONDS

    def wake(self, cause: str, city: str) -> None:
        """Something may be pending in the city."""
        self.store.metrics.count(names.WAKEUPS, cause=cause)
        self._due.add(city)
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
                    async for change in stream:
                        self.wake("stream", self.store.mongo.city_of(change["ns"]["db"]))
            except MongoFault as fault:
                log.warning("outbox-stream-interrupted", error=type(fault).__name__)
                await asyncio.sleep(0.5)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        swept = renewed = -SWEEP_SECONDS
        next_round = loop.time()
        while True:
            # A lease lasts several times as long, and each renewal is a journaled write beside everybody else's.
            if loop.time() - renewed >= RENEW_SECONDS:
                if await self.leases.take("relay") is None:
                    # Whoever has it meanwhile may find keys stuck.
                    swept = -SWEEP_SECONDS
                    await asyncio.sleep(RENEW_SECONDS)
                    continue
                renewed = loop.time()
            if loop.time() - swept >= SWEEP_SECONDS:
                await self._look_everywhere()
                swept = loop.time()
            await self._wait(RENEW_SECONDS)
            if self._due:
                await asyncio.sleep(next_round - loop.time())
                began = loop.time()
                next_round = began + pause_after(await self._drain())

    async def _look_everywhere(self) -> None:
        """What no wake-up tells: rows whose wake-up was lost, and keys that another relay or an operator dealt with."""
        for city in await self.store.cities():
            await self._read_stuck(city)
            self.wake("sweep", city)

    async def _read_stuck(self, city: str) -> None:
        self._stuck[city] = await self._outbox(city).distinct("key", {"stuck": True})

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()

    async def _drain(self) -> int:
        """Sends what is pending in the cities that are due; how many rows."""
        due, self._due = self._due, set()
        sent = 0
        for city in due:
            while (rows := await self._round(city)) == ROWS_A_ROUND:
                sent += rows
                await self.leases.take("relay")
            sent += rows
        if asyncio.get_running_loop().time() - self._beaten >= RENEW_SECONDS:
            await self.beats.send_due(await self._started())
            self._beaten = asyncio.get_running_loop().time()
        return sent

    async def _round(self, city: str) -> int:
        stuck = self._stuck.get(city)
        query: Document = {"stuck": False, **({"key": {"$nin": stuck}} if stuck else {})}
        order = [("stuck", ASCENDING), ("key", ASCENDING), ("sequence", ASCENDING)]
        rows = await self._outbox(city).find(query).sort(order).limit(ROWS_A_ROUND).to_list(None)
        if rows:
            await self._send(city, rows)
        return len(rows)

    def _outbox(self, city: str) -> Collection:
        return self.store.mongo.city(city)["outbox"]

    async def _send(self, city: str, rows: list[Document]) -> None:
        producer = await self._started()
        outbox = self._outbox(city)
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
        outbox = self._outbox(city)
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
        await self._read_stuck(city)
        self.wake("failure", city)

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
                give_up(producer)
                raise
            self._producer = producer
            if self._producers:
                self.store.metrics.count(names.PRODUCER_REBUILDS)
            self._producers += 1
        return self._producer

    def _drop_producer(self) -> None:
        if self._producer is not None:
            give_up(self._producer)
            self._producer = None

    def _count_sent(self, rows: list[Document]) -> None:
        for topic, count in Counter(row["topic"] for row in rows).items():
            self.store.metrics.count(names.SENT, count, topic=topic)

    async def pending(self) -> int:
        """How many rows are pending in all cities, as the collections say of themselves: a count would read them."""
        cities = await self.store.cities()
        return sum([await self._outbox(city).estimated_document_count() for city in cities])

    async def oldest_pending(self) -> str | None:
        """The time of the oldest pending row in any city."""
        oldest: list[str] = []
        for city in await self.store.cities():
            row = await self._outbox(city).find_one({}, {"time": 1}, sort=[("time", ASCENDING)])
            oldest += [row["time"]] if row else []
        return min(oldest, default=None)

    async def stuck(self) -> int:
        """How many rows are stuck, in all cities."""
        cities = await self.store.cities()
        return sum([await self._outbox(city).count_documents({"stuck": True}) for city in cities])


def pause_after(rows: int) -> float:
    """Seconds from the beginning of a round of so many rows to the next, so that rows gather where many come.

    Below 400 rows a second (one in ``PAUSE_A_ROW``) pauses fade away. Rounds of 16 rows cost three times as much a row
    as rounds of 64: in the relay, in MongoDB and in Kafka.
    """
    return min(LONGEST_PAUSE, PAUSE_A_ROW * rows)


def _is_fault(result: object) -> bool:
    return isinstance(result, BaseException)


def _is_refusal(fault: BaseException) -> bool:
    """Whether the broker refused this record, rather than being away."""
    return isinstance(fault, KafkaFault) and not fault.retriable

"""How long an event takes from the outbox into another service's projection, beside a bare record through Kafka."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from deploy.bench.events import TOPIC, kafka_record, visit_rows
from deploy.bench.harness import Run
from deploy.bench.visits_scene import CITY
from deploy.local import Stack
from deploy.services import Deployment
from services.reporting.store import LAYOUT as REPORTING
from services.reporting.store import known
from services.visits.store import LAYOUT as VISITS
from shared.contracts.catalog import PARTITIONS
from shared.messaging.kafka import Consumer, Kafka, Producer, TopicPartition, stop_in_background
from shared.messaging.topics import TopicSettings
from shared.storage.mongo import Document, Mongo, MongoFault
from shared.storage.rows import mark_last
from shared.storage.store import Layout, Store

_ARRIVES_WITHIN: Final = 15.0


@dataclass(slots=True)
class Arrivals:
    """When each event was on its way, and when it was seen."""

    sent: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)

    async def milliseconds(self) -> list[float]:
        """What each took, sorted, once all are there. Raises ``TimeoutError``."""
        async with asyncio.timeout(_ARRIVES_WITHIN):
            while not self.sent.keys() <= self.seen.keys():  # noqa: ASYNC110  # only looking tells
                await asyncio.sleep(0.01)
        return sorted(1000 * (self.seen[key] - began) for key, began in self.sent.items())


@dataclass(slots=True)
class VisibleScene:
    """Visits and reporting at work; a topic of its own for the bare peer."""

    visits: Mongo
    reporting: Mongo
    producer: Producer
    consumer: Consumer
    kafka: Kafka
    rows: Any = field(default_factory=visit_rows)
    inserted: list[float] = field(default_factory=list)
    """How long the rows' own inserts took, in milliseconds."""

    async def ours(self, rate: int, seconds: float) -> list[float]:
        """Milliseconds from a row's acknowledged insert into the outbox of visits to reporting's document."""
        arrivals = Arrivals()
        outbox = self.visits.city(CITY)["outbox"]

        async def insert(row: Document) -> None:
            mark_last([row])
            began = time.perf_counter()
            await outbox.insert_one(row)
            arrivals.sent[row["key"].rpartition("/")[2]] = time.perf_counter()
            self.inserted.append(1000 * (time.perf_counter() - began))

        facts = self.reporting.city(CITY)[known.VISITS]
        stages: list[Document] = [{"$match": {"operationType": "insert"}}, {"$project": {"documentKey": 1}}]
        async with facts.watch(stages, max_await_time_ms=1_000) as stream:
            # The stream begins where the server is when it is first asked.
            await stream.try_next()
            watcher = asyncio.create_task(_note_changes(stream, arrivals))
            try:
                await self._steadily(rate, seconds, insert)
                return await arrivals.milliseconds()
            finally:
                watcher.cancel()
                with suppress(asyncio.CancelledError, MongoFault):
                    await watcher

    async def bare(self, rate: int, seconds: float) -> list[float]:
        """Milliseconds from aiokafka's send to the same record in a consumer's hands."""
        arrivals = Arrivals()

        async def send(row: Document) -> None:
            arrivals.sent[row["key"]] = time.perf_counter()
            await self.producer.send(**kafka_record(self.kafka, row))

        watcher = asyncio.create_task(_note_records(self.consumer, arrivals))
        try:
            await self._steadily(rate, seconds, send)
            return await arrivals.milliseconds()
        finally:
            watcher.cancel()
            with suppress(asyncio.CancelledError):
                await watcher

    async def _steadily(self, rate: int, seconds: float, act: Callable[[Document], Coroutine[Any, Any, None]]) -> None:
        """So many a second, however long each takes."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(math.ceil(rate * seconds)):
                row = next(self.rows)
                await asyncio.sleep(began + number / rate - time.perf_counter())
                group.create_task(act(row))


def p50(taken: list[float]) -> float:
    """The median."""
    return median(taken)


def p99(taken: list[float]) -> float:
    """What 99 of 100 do not exceed."""
    return taken[min(len(taken) - 1, len(taken) * 99 // 100)]


@asynccontextmanager
async def visible_scene(run: Run) -> AsyncIterator[VisibleScene]:
    """The two services on a stack of their own, with a city in it."""
    with Stack.start(run.folder / "visible-stack") as stack:
        deployment = Deployment(run.folder / "visible", stack.mongo_url, stack.kafka)
        await asyncio.to_thread(deployment.prepare)
        visits = await _served(deployment, "visits", VISITS)
        reporting = await _served(deployment, "reporting", REPORTING)
        kafka = Kafka(stack.kafka, "bench", "bare.")
        await kafka.apply_topics(TopicSettings(), topics=[TOPIC])
        producer, consumer = kafka.producer(), kafka.consumer(None)
        try:
            await producer.start()
            await consumer.start()
            consumer.assign([TopicPartition(kafka.named(TOPIC.name), number) for number in range(PARTITIONS)])
            for name in ("visits", "reporting"):
                deployment.launch(name)
            for name in ("visits", "reporting"):
                await asyncio.to_thread(deployment.components[name].wait_until_ready)
            yield VisibleScene(visits, reporting, producer, consumer, kafka)
        finally:
            stop_in_background(producer)
            stop_in_background(consumer)
            deployment.stop()
            visits.close()
            reporting.close()


async def _served(deployment: Deployment, service: str, layout: Layout) -> Mongo:
    mongo = Mongo(deployment.mongo_url, service)
    await Store(mongo, (deployment.root / "master.key").read_bytes(), layout).serve_city(CITY)
    return mongo


async def _note_changes(stream: Any, arrivals: Arrivals) -> None:
    async for change in stream:
        arrivals.seen[change["documentKey"]["_id"]] = time.perf_counter()


async def _note_records(consumer: Consumer, arrivals: Arrivals) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=1_000)).values():
            now = time.perf_counter()
            arrivals.seen.update((record.key.decode(), now) for record in records)

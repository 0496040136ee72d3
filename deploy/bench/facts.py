"""Reporting's facts, read anew from Kafka: by the product's rebuild, and by a bare loop that writes the same rows."""

import asyncio
import gc
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Final

from deploy.bench.bare import DATABASE, bare_client
from deploy.bench.events import CORRECTED, TOPIC, corrected_rows, kafka_record
from deploy.bench.harness import Run
from deploy.bench.visits_scene import CITY
from deploy.local import Stack
from services.reporting.projections import PROJECTIONS
from services.reporting.store import LAYOUT, known
from shared.contracts.catalog import PARTITIONS
from shared.messaging.batch import offset_id
from shared.messaging.beside import RECORDS_A_BATCH, rebuild_beside
from shared.messaging.kafka import Kafka, TopicPartition, stop_in_background
from shared.messaging.topics import TopicSettings
from shared.storage.mongo import Collection, Document, Mongo, ReplaceOne
from shared.storage.store import Store

_PROJECTION: Final = next(one for one in PROJECTIONS if one.topic is TOPIC)
_SENT_AT_ONCE: Final = 1_000


@dataclass(slots=True)
class FactsScene:
    """A topic for each size, filled on first need, and what reads it."""

    store: Store
    stack: Stack
    filled: set[int]

    async def ours(self, size: int, _: float) -> float:
        """Events a second of a rebuild beside the live projection, whose consumer has read all of them."""
        kafka = await self._topic(size)
        offsets = self.store.mongo.runtime()["offsets"]
        for partition, end in (await _ends(kafka)).items():
            there = {"_id": offset_id(TOPIC.name, partition.partition)}
            await offsets.update_one(there, {"$set": {"next": end, "at": self.store.clock()}}, upsert=True)
        began = time.perf_counter()
        await rebuild_beside(self.store, kafka, _PROJECTION)
        took = time.perf_counter() - began
        await _require_whole(self.store.mongo.city(CITY)[known.VISITS], size)
        return size / took

    async def bare(self, size: int, _: float) -> float:
        """Events a second of a loop that consumes and writes each of them over whatever is there."""
        kafka = await self._topic(size)
        ends = await _ends(kafka)
        client = bare_client(self.stack.mongo_url)
        facts = client[DATABASE]["facts"]
        await facts.drop()
        began = time.perf_counter()
        consumer = kafka.consumer(None)
        await consumer.start()
        consumer.assign(list(ends))
        while [one for one, end in ends.items() if await consumer.position(one) < end]:
            batches = await consumer.getmany(timeout_ms=200, max_records=RECORDS_A_BATCH)
            rows = [_document(record.value) for records in batches.values() for record in records]
            if rows:
                await facts.bulk_write(
                    [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows], ordered=False
                )
        took = time.perf_counter() - began
        stop_in_background(consumer)
        await _require_whole(facts, size)
        client.close()
        return size / took

    async def _topic(self, size: int) -> Kafka:
        kafka = Kafka(self.stack.kafka, "bench", f"of-{size}.")
        if size not in self.filled:
            await kafka.apply_topics(TopicSettings(), topics=[TOPIC])
            await _fill(kafka, size)
            self.filled.add(size)
        return kafka


@asynccontextmanager
async def facts_scene(run: Run) -> AsyncIterator[FactsScene]:
    """A stack without services: the rebuild runs in this process, as the bare loop does."""
    # As a service's start does: what was imported is not looked through again and again while events are read.
    gc.freeze()
    with Stack.start(run.folder / "facts-stack") as stack:
        mongo = Mongo(stack.mongo_url, "reporting")
        store = Store(mongo, os.urandom(96), LAYOUT)
        await store.serve_city(CITY)
        try:
            yield FactsScene(store, stack, set())
        finally:
            mongo.close()


async def _fill(kafka: Kafka, size: int) -> None:
    producer = kafka.producer()
    await producer.start()
    try:
        rows = islice(corrected_rows(), size)
        while batch := list(islice(rows, _SENT_AT_ONCE)):
            await asyncio.gather(*[await producer.send(**kafka_record(kafka, row)) for row in batch])
    finally:
        await producer.stop()


def _document(value: bytes) -> Document:
    """What the projection keeps of such an event, taken as it is."""
    event = json.loads(value)
    return {**event["data"], "_id": event["data"]["id"], "sequence": event["sequence"], "erased": False}


async def _ends(kafka: Kafka) -> dict[TopicPartition, int]:
    consumer = kafka.consumer(None)
    await consumer.start()
    try:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(
            [TopicPartition(kafka.named(TOPIC.name), number) for number in range(PARTITIONS)]
        )
    finally:
        stop_in_background(consumer)
    return ends


async def _require_whole(rows: Collection, size: int) -> None:
    """Raises ``RuntimeError`` where a visit is missing, or one that was corrected is the earlier one."""
    corrected = size // CORRECTED
    counts = [await rows.count_documents({"sequence": sequence}) for sequence in (1, 2)]
    if counts != [size - 2 * corrected, corrected]:
        raise RuntimeError(f"{counts} visits of {size} events")

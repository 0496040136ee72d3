"""Beats: records without content. They roll a quiet partition, so that compaction reaches what was erased, and they
tell readers of consents how fresh their projection is."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from shared.contracts.catalog import PARTITIONS
from shared.contracts.envelope import BEAT_KEY, beat_headers
from shared.kernel.clock import write_instant
from shared.kernel.ids import new_id
from shared.messaging.kafka import Kafka, Producer, TopicSettings
from shared.storage.store import Store

FRESHNESS_SECONDS: Final = 10.0
REPEATS: Final = 3


@dataclass(slots=True)
class Beats:
    """Sends what is due; called by the holder of the relay's lease after each round."""

    store: Store
    kafka: Kafka
    topics: TopicSettings
    fresh_topics: tuple[str, ...] = ()
    _last: dict[str, float] = field(default_factory=dict)

    async def after_erasing(self, topic: str, partition: int) -> None:
        """Notes that a partition has something to forget: a tombstone, or a record without what it had.

        Beats follow, each one compaction lag after the former.
        """
        row = {"topic": topic, "partition": partition, "left": REPEATS, "due": self._next()}
        await self.store.mongo.runtime()["jobs"].update_one(
            {"_id": f"beat:{topic}:{partition}"}, {"$set": row}, upsert=True
        )

    async def send_due(self, producer: Producer) -> None:
        """Sends the beats whose time has come."""
        jobs = self.store.mongo.runtime()["jobs"]
        async for job in jobs.find({"_id": {"$regex": "^beat:"}, "due": {"$lte": self.store.clock()}}):
            await self._send(producer, job["topic"], job["partition"], write_instant(self.store.clock()))
            if job["left"] <= 1:
                await jobs.delete_one({"_id": job["_id"], "left": job["left"]})
            else:
                await jobs.update_one({"_id": job["_id"]}, {"$set": {"due": self._next()}, "$inc": {"left": -1}})
        for topic in self.fresh_topics:
            await self._send_fresh(producer, topic)

    async def _send_fresh(self, producer: Producer, topic: str) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._last.get(topic, -FRESHNESS_SECONDS) < FRESHNESS_SECONDS:
            return
        # Taken before the scan: what is written after it may be missing from what the beat vouches for.
        taken = write_instant(self.store.clock())
        for city in await self.store.cities():
            if await self.store.mongo.city(city)["outbox"].find_one({"topic": topic}, {"_id": 1}) is not None:
                return
        for partition in range(PARTITIONS):
            await self._send(producer, topic, partition, taken)
        self._last[topic] = now

    async def _send(self, producer: Producer, topic: str, partition: int, time: str) -> None:
        await producer.send_and_wait(
            self.kafka.named(topic),
            key=f"{BEAT_KEY}{partition}".encode(),
            value=b"{}",
            partition=partition,
            headers=beat_headers(new_id("evt"), time),
        )

    def _next(self) -> object:
        return self.store.clock() + timedelta(milliseconds=self.topics.compaction_lag_ms + 500)

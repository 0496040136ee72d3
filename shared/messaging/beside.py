"""Rebuilding a projection beside the live one, while the service works.

The topic is read from its beginning into a new generation, never further than the live consumer has come. Then the
projection's partitions are fenced for a moment: the live consumer's next batch of them finds the fence, is put back and
tried again, in every replica. The new generation reads up to the same positions, takes over the marks of what was
erased, and is renamed into its place, city by city; the fence falls. The positions stay what they were, so no event is
lost, none is seen twice, and reactions are asked for by the live consumer alone.

Until the renaming begins, the live generation is untouched and everything can be begun again; from then on, whoever
finds the row finishes the renaming.
"""

import asyncio
import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.contracts.catalog import PARTITIONS
from shared.kernel.errors import Poison
from shared.messaging import generations
from shared.messaging.batch import offset_id
from shared.messaging.events import Event, decode
from shared.messaging.kafka import Consumer, ConsumerRecord, Kafka, TopicPartition, stop_in_background
from shared.messaging.projection import Projection
from shared.messaging.rebuild_rows import RebuildRow
from shared.observability.points import reached
from shared.storage.store import Store

RECORDS_A_BATCH: Final = 3_000
FENCE_LIMIT: Final = 5.0
FENCES: Final = 5
STALLED_SECONDS: Final = 60.0

Bounds = dict[TopicPartition, int]


class RebuildStalled(Exception):
    """The live consumer does not come to the topic's end, or the fence could not be kept short; nothing was changed."""


async def rebuild_beside(store: Store, kafka: Kafka, projection: Projection) -> None:
    """Rebuilds one projection; or ends the swap of a rebuild that was interrupted in it.

    One process at a time (``shared/messaging/rebuilds.py`` holds the lease); its row in ``jobs`` tells how far it is.
    The service's consumer must be running: what it has not read is not rebuilt. Raises ``RebuildStalled``,
    ``Superseded``, and what the projection raises about a record that the live consumer has taken.
    """
    row = RebuildRow(store, projection.topic.name, projection.collection)
    half_done = await row.interrupted_swap()
    if half_done is not None:
        row.generation = half_done
        await _swap(store, row)
        await row.lift("done")
        return
    await row.begin()
    cities = await store.cities()
    await generations.drop_unfinished(store.mongo, cities, projection.collection)
    for city in cities:
        await generations.create(store.mongo, city, projection.collection, row.generation)
    consumer = kafka.consumer(None)
    await consumer.start()
    rebuild = _Rebuild(store, kafka, projection, row, consumer)
    try:
        await rebuild.run()
    finally:
        stop_in_background(consumer)
        await rebuild.give_up()


async def abandon(store: Store, projection: Projection, error: str) -> None:
    """Gives a rebuild up that failed: drops its generation, lifts its fence, says why. The live one is as it was."""
    row = RebuildRow(store, projection.topic.name, projection.collection)
    await row.begin()
    await generations.drop_unfinished(store.mongo, await store.cities(), projection.collection)
    await row.lift("failed", error=error)


async def _swap(store: Store, row: RebuildRow) -> None:
    for city in await store.cities():
        await generations.take_place(store.mongo, city, row.collection, row.generation)
        reached("rebuild.swapping")


@dataclass(slots=True)
class _Rebuild:
    """One run: the topic read into one generation."""

    store: Store
    kafka: Kafka
    projection: Projection
    row: RebuildRow
    consumer: Consumer
    at: Bounds = field(default_factory=dict)
    set_aside: dict[str, ConsumerRecord] = field(default_factory=dict)
    """What the live consumer has put among the dead letters, or parked behind one."""
    cities: set[str] = field(default_factory=set)
    read: int = 0
    skipped: int = 0
    writing: asyncio.Task[None] | None = None
    """The write of the last batch; the next one is read and decoded meanwhile."""

    async def run(self) -> None:
        partitions = [TopicPartition(self.kafka.named(self.row.topic), number) for number in range(PARTITIONS)]
        self.consumer.assign(partitions)
        await self.consumer.seek_to_beginning(*partitions)
        self.at = dict.fromkeys(partitions, 0)
        await self._catch_up()
        for city in await self.store.cities():
            await generations.create(self.store.mongo, city, self.row.collection, self.row.generation)
            await generations.copy_indexes(self.store.mongo, city, self.row.collection, self.row.generation)
        for _ in range(FENCES):
            await self._catch_up()
            if await self._fenced():
                return
        raise RebuildStalled

    async def _catch_up(self) -> None:
        """Reads until it is where the live consumer is, and that one at the end which the topic had at the beginning.

        Behind that end, compaction may have dropped a state that the live consumer has seen, for a later one that it
        has not.
        """
        loop = asyncio.get_running_loop()
        ends: Bounds = await self.consumer.end_offsets(list(self.at))
        moved = loop.time()
        while True:
            bounds = await self._bounds()
            there = await self._read(bounds)
            await self.row.note(read=self.read, of=sum(ends.values()), skipped=self.skipped)
            if there:
                moved = loop.time()
            elif all(self.at[one] >= max(end, bounds[one]) for one, end in ends.items()):
                await self._written()
                return
            elif loop.time() - moved > STALLED_SECONDS:
                raise RebuildStalled
            else:
                # The live consumer is behind; there is nothing to read before it has come further.
                await asyncio.sleep(0.05)

    async def _fenced(self) -> bool:
        """Whether the generation has taken its place; false where the fence took too long and was lifted."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self.row.fence()
        reached("rebuild.fenced")
        try:
            async with asyncio.timeout(FENCE_LIMIT):
                await self._finish()
        except TimeoutError:
            await self.row.lift("reading")
            return False
        await self.row.swapping()
        reached("rebuild.swapping")
        await _swap(self.store, self.row)
        await self.row.lift("done", fenced_ms=round((loop.time() - began) * 1000), read=self.read, skipped=self.skipped)
        return True

    async def _finish(self) -> None:
        """What is left to do while nothing moves."""
        bounds = await self._bounds()
        while any(self.at[one] < bound for one, bound in bounds.items()):
            await self._read(bounds)
        # What an operator has replayed meanwhile is no dead letter any more.
        letters = await self._letters()
        again = [record for name, record in self.set_aside.items() if name not in letters]
        await self._apply(again)
        await self._written()
        for city in await self.store.cities():
            await generations.create(self.store.mongo, city, self.row.collection, self.row.generation)
            await generations.copy_indexes(self.store.mongo, city, self.row.collection, self.row.generation)
            await generations.carry_marks(self.store.mongo, city, self.row.collection, self.row.generation)

    async def _bounds(self) -> Bounds:
        """How far the live consumer has come; this is as far as we read."""
        rows = self.store.mongo.runtime()["offsets"].find({"_id": {"$in": [self._name(one) for one in self.at]}})
        stored = {row["_id"]: int(row["next"]) async for row in rows}
        return {one: stored.get(self._name(one), 0) for one in self.at}

    async def _read(self, bounds: Bounds) -> int:
        """Reads and applies one batch from before the bounds; says by how many offsets it came further."""
        behind = [one for one, bound in bounds.items() if self.at[one] < bound]
        if not behind:
            return 0
        batches: dict[TopicPartition, list[ConsumerRecord]] = await self.consumer.getmany(
            *behind, timeout_ms=200, max_records=RECORDS_A_BATCH
        )
        before = sum(self.at.values())
        letters = await self._letters()
        records: list[ConsumerRecord] = []
        for one in behind:
            for record in batches.get(one, []):
                if record.offset >= bounds[one]:
                    break
                name = f"{self.row.topic}:{record.partition}:{record.offset}"
                if name in letters:
                    self.set_aside[name] = record
                else:
                    records.append(record)
            position = await self.consumer.position(one)
            if position > bounds[one]:
                self.consumer.seek(one, bounds[one])
            self.at[one] = min(position, bounds[one])
        await self._apply(records)
        reached("rebuild.reading")
        self.read = sum(self.at.values())
        return self.read - before

    async def _apply(self, records: Sequence[ConsumerRecord]) -> None:
        events = self._decoded(records)
        unknown = {event.city for event in events} - self.cities
        if unknown:
            self.cities.update(await self.store.cities())
            known = [event for event in events if event.city in self.cities]
            self.skipped += len(events) - len(known)
            events = known
        await self._written()
        if events:
            poll = generations.GenerationPoll(
                self.store.mongo, None, self.store.clock(), generation=self.row.generation
            )
            self.writing = asyncio.create_task(self.projection.apply(poll, events))

    def _decoded(self, records: Sequence[ConsumerRecord]) -> list[Event]:
        """The events among the records.

        The collector rests meanwhile: nothing of so many new objects is garbage, and it would look again and again.
        """
        events: list[Event] = []
        gc.disable()
        try:
            for record in records:
                try:
                    event = decode(self.row.topic, record)
                except Poison:
                    # The live consumer has set it aside, and an operator has given it up since.
                    self.skipped += 1
                    continue
                if isinstance(event, Event):
                    events.append(event)
        finally:
            gc.enable()
        return events

    async def _written(self) -> None:
        """Waits for the write under way. Raises what the projection raised."""
        if self.writing is not None:
            await self.writing
            self.writing = None

    async def give_up(self) -> None:
        """Leaves no write under way, so that nothing comes into a generation that is dropped or has taken its place."""
        if self.writing is not None:
            self.writing.cancel()
            await asyncio.gather(self.writing, return_exceptions=True)

    async def _letters(self) -> set[str]:
        """Which records of the topic are dead letters or parked, as of now."""
        names: set[str] = set()
        for collection in ("dead_letters", "parked"):
            rows = self.store.mongo.runtime()[collection].find({"topic": self.row.topic}, {"_id": 1})
            names.update([row["_id"] async for row in rows])
        return names

    def _name(self, one: Any) -> str:
        return offset_id(self.row.topic, one.partition)

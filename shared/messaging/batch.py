"""What one poll brought: sorted out before the transaction, applied inside it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shared.kernel.errors import Poison
from shared.messaging.cities import TOPIC as CITIES
from shared.messaging.cities import CityCatalogue
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.events import Beat, Event, decode
from shared.messaging.kafka import ConsumerRecord, Kafka, TopicPartition
from shared.messaging.projection import Poll, Projection
from shared.messaging.traces import processing, projecting
from shared.observability.points import reached
from shared.storage.mongo import Document, DuplicateKeyError, Session, UpdateOne
from shared.storage.store import Store

FENCE: Final = "rebuild"
"""The field of an offset document that holds the projection which is being swapped, for that short while."""


class Fenced(Exception):
    """Another position is stored than this poll began at, or the projection is being swapped: not now, not this."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record: an event, a beat, or the reason why it is neither."""

    topic: str
    record: ConsumerRecord
    content: Event | Beat | str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a partition: from the position of the poll to the one after its last record."""

    topic: str
    partition: int
    begin: int
    next: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """The stretches of one poll."""

    stretches: tuple[Stretch, ...] = field(default=())

    @property
    def size(self) -> int:
        """How many records."""
        return sum(len(stretch.items) for stretch in self.stretches)

    @property
    def traced(self) -> list[Event]:
        """The events of these records that have a trace."""
        contents = [item.content for stretch in self.stretches for item in stretch.items]
        return [content for content in contents if isinstance(content, Event) and content.trace]

    def topics(self) -> dict[str, list[Item]]:
        """The records of each topic, those of a partition in their order."""
        topics: dict[str, list[Item]] = defaultdict(list)
        for stretch in self.stretches:
            topics[stretch.topic] += stretch.items
        return topics

    def one_by_one(self) -> Iterator["Batch"]:
        """The same records, each as a batch of its own, in order."""
        for stretch in self.stretches:
            begin = stretch.begin
            for item in stretch.items:
                after = item.record.offset + 1
                yield Batch((replace(stretch, begin=begin, next=after, items=(item,)),))
                begin = after

    def as_dead_letter(self, reason: str) -> "Batch":
        """The same records, set aside with a reason."""
        return Batch(
            tuple(
                replace(stretch, items=tuple(replace(item, content=reason) for item in stretch.items))
                for stretch in self.stretches
            )
        )


async def sort_out(
    kafka: Kafka,
    catalogue: CityCatalogue,
    batches: dict[TopicPartition, list[ConsumerRecord]],
    positions: dict[TopicPartition, int],
) -> Batch:
    """Decodes the records; cities that arrive are served at once, events of unknown ones are poison."""
    stretches: list[Stretch] = []
    for partition, records in batches.items():
        topic = kafka.plain(partition.topic)
        items = [await _item(catalogue, topic, record) for record in records]
        after = records[-1].offset + 1
        stretches.append(Stretch(topic, partition.partition, positions[partition], after, tuple(items)))
    return Batch(tuple(stretches))


async def _item(catalogue: CityCatalogue, topic: str, record: ConsumerRecord) -> Item:
    try:
        content = decode(topic, record)
        if isinstance(content, Event):
            if topic == CITIES and content.state is not None:
                await catalogue.serve(content.key)
            elif not await catalogue.knows(content.city):
                raise Poison("city-unknown")
    except Poison as poison:
        return Item(topic, record, str(poison))
    return Item(topic, record, content)


async def apply_batch(
    store: Store, dead_letters: DeadLetters, projections: Sequence[Projection], batch: Batch, *, none_held: bool = False
) -> int:
    """Applies a batch in one transaction; says how many reactions it asked for. Raises ``Fenced``.

    ``none_held``: since the batch's partitions were taken over, the service was seen without any dead letter.
    """

    async def attempt(session: Session, parents: dict[str, str]) -> int:
        poll = Poll(store.mongo, session, store.clock())
        await _move(store, batch.stretches, poll)
        events: dict[str, list[Event]] = {}
        for topic, items in batch.topics().items():
            held = set() if none_held else await _held(dead_letters, topic, items, poll)
            events[topic] = await _kept(dead_letters, topic, items, held, poll)
        for projection in projections:
            if events.get(projection.topic.name):
                with projecting(projection.collection, events[projection.topic.name], parents) as traced:
                    await projection.apply(poll, traced)
        reached("poll.between-statements")
        await poll.store_reactions()
        return len(poll.reactions)

    with processing(batch.traced) as parents:
        return await store.mongo.transaction(lambda session: attempt(session, parents))


def offset_id(topic: str, partition: int) -> str:
    """The id of a partition's offset document; the topic without its prefix."""
    return f"{topic}:{partition}"


async def pass_fence(store: Store, row: Document, session: Session) -> None:
    """Claims the right to change what the row's partition is projected into. Raises ``Fenced``."""
    query = {"_id": offset_id(row["topic"], row["partition"]), FENCE: {"$exists": False}}
    claim = {"$set": {"claimed": store.clock()}, "$setOnInsert": {"next": 0, "at": store.clock()}}
    try:
        await store.mongo.runtime()["offsets"].update_one(query, claim, upsert=True, session=session)
    except DuplicateKeyError as fault:
        raise Fenced from fault


async def _move(store: Store, stretches: Sequence[Stretch], poll: Poll) -> None:
    """Moves the offsets on, all in one statement; one of a partition that was never read begins. Raises ``Fenced``."""
    offsets = store.mongo.runtime()["offsets"]
    changes = {offset_id(one.topic, one.partition): _change(one, poll) for one in stretches}
    moves: list[UpdateOne] = []
    for stretch, (name, change) in zip(stretches, changes.items(), strict=True):
        open_there = {"_id": name, "next": stretch.begin, FENCE: {"$exists": False}}
        moves.append(UpdateOne(open_there, {"$set": change}))
    moved = (await offsets.bulk_write(moves, ordered=False, session=poll.session)).matched_count
    if moved == len(stretches):
        return
    rows = offsets.find({"_id": {"$in": list(changes)}}, {"_id": 1}, session=poll.session)
    there = {row["_id"] async for row in rows}
    if moved < len(there):
        raise Fenced
    for name in changes.keys() - there:
        try:
            await offsets.insert_one({"_id": name, "whole": poll.moment, **changes[name]}, session=poll.session)
        except DuplicateKeyError as fault:
            raise Fenced from fault


def _change(stretch: Stretch, poll: Poll) -> Document:
    change: Document = {"next": stretch.next, "at": poll.moment}
    beats = [item.content.time for item in stretch.items if isinstance(item.content, Beat)]
    return {**change, "beat": max(beats)} if beats else change


async def _held(dead_letters: DeadLetters, topic: str, items: Sequence[Item], poll: Poll) -> set[bytes]:
    keys = {item.record.key or b"" for item in items if not isinstance(item.content, Beat)}
    return await dead_letters.held(topic, keys, poll.session) if keys else set()


async def _kept(
    dead_letters: DeadLetters, topic: str, items: Sequence[Item], held: set[bytes], poll: Poll
) -> list[Event]:
    """The events of a topic to apply; the others are set aside or parked, as are all behind them of the same key."""
    events: list[Event] = []
    for item in items:
        key = item.record.key or b""
        if isinstance(item.content, str):
            await dead_letters.add(topic, item.record, item.content, poll.moment, poll.session)
            held.add(key)
        elif isinstance(item.content, Event):
            if key in held:
                await dead_letters.park(topic, item.record, poll.session)
            else:
                events.append(item.content)
    return events

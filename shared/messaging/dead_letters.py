"""Dead letters and parked events: documents of the service's runtime database, inserted in the poll's transaction.

The key of a dead letter is held: later events of that key are parked behind it, all others go on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.messaging.kafka import ConsumerRecord
from shared.storage.mongo import ASCENDING, Document, Mongo, Session

LIMIT: Final = 100
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The service's dead letters."""

    mongo: Mongo

    async def prepare(self) -> None:
        """Makes the indexes; may be repeated."""
        runtime = self.mongo.runtime()
        await runtime["dead_letters"].create_index([("topic", 1), ("key", 1)])
        await runtime["dead_letters"].create_index("expires", expireAfterSeconds=0)
        await runtime["parked"].create_index([("topic", 1), ("key", 1), ("offset", 1)])

    async def held(self, topic: str, keys: Iterable[bytes], session: Session | None) -> set[bytes]:
        """Which of these keys have a dead letter."""
        query = {"topic": topic, "key": {"$in": list(keys)}}
        return {bytes(row["key"]) async for row in self.mongo.runtime()["dead_letters"].find(query, session=session)}

    async def add(
        self, topic: str, record: ConsumerRecord, reason: str, moment: datetime, session: Session | None
    ) -> None:
        """Sets a record aside with the reason's code; the same record is set aside once."""
        row = {**_row(topic, record), "reason": reason, "at": moment, "expires": moment + KEPT}
        await _once(self.mongo, "dead_letters", row, session)

    async def park(self, topic: str, record: ConsumerRecord, session: Session | None) -> None:
        """Sets a record behind the dead letter of its key, which from now on stays until an operator has seen to it:
        if it expired, nothing would ever lead to what is parked behind it.
        """
        row = _row(topic, record)
        await _once(self.mongo, "parked", row, session)
        kept = {"$unset": {"expires": ""}}
        await self.mongo.runtime()["dead_letters"].update_many(_same_key(row), kept, session=session)

    async def count(self) -> int:
        """How many there are."""
        return await self.mongo.runtime()["dead_letters"].count_documents({})

    async def parked(self) -> int:
        """How many events are parked."""
        return await self.mongo.runtime()["parked"].count_documents({})

    async def everything(self) -> list[Document]:
        """All dead letters, oldest first, without their contents."""
        cursor = self.mongo.runtime()["dead_letters"].find({}, {"value": 0, "headers": 0}).sort("at", ASCENDING)
        return await cursor.to_list(None)

    async def show(self, letter: str, session: Session | None = None) -> Document | None:
        """One dead letter, whole."""
        return await self.mongo.runtime()["dead_letters"].find_one({"_id": letter}, session=session)

    async def parked_behind(self, letter: Document, session: Session | None = None) -> list[Document]:
        """What is parked behind a dead letter, in its order, up to the next dead letter of its key."""
        letters, parked = self.mongo.runtime()["dead_letters"], self.mongo.runtime()["parked"]
        behind: Document = {"$gt": letter["offset"]}
        after = await letters.find_one(
            {**_same_key(letter), "offset": behind}, sort=[("offset", ASCENDING)], session=session
        )
        if after is not None:
            behind = {**behind, "$lt": after["offset"]}
        found = parked.find({**_same_key(letter), "offset": behind}, session=session)
        return await found.sort("offset", ASCENDING).to_list(None)

    async def is_first(self, letter: Document, session: Session | None = None) -> bool:
        """Whether no older dead letter of its key is there."""
        older = {**_same_key(letter), "offset": {"$lt": letter["offset"]}}
        return await self.mongo.runtime()["dead_letters"].find_one(older, {"_id": 1}, session=session) is None

    async def clear(self, letter: Document, parked: Iterable[Document], session: Session) -> None:
        """Removes a dead letter and what was parked behind it."""
        runtime = self.mongo.runtime()
        await runtime["dead_letters"].delete_one({"_id": letter["_id"]}, session=session)
        await runtime["parked"].delete_many({"_id": {"$in": [row["_id"] for row in parked]}}, session=session)


def _same_key(row: Document) -> Document:
    return {"topic": row["topic"], "partition": row["partition"], "key": row["key"]}


def as_record(row: Document) -> ConsumerRecord:
    """The record that a dead letter or a parked event was made from."""
    value = row["value"]
    return ConsumerRecord(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        timestamp=0,
        timestamp_type=0,
        key=bytes(row["key"]),
        value=None if value is None else bytes(value),
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=-1,
        headers=tuple((name, bytes(content)) for name, content in row["headers"]),
    )


def _row(topic: str, record: ConsumerRecord) -> Document:
    return {
        "_id": f"{topic}:{record.partition}:{record.offset}",
        "topic": topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key or b"",
        "value": record.value,
        "headers": [[name, content] for name, content in record.headers],
    }


async def _once(mongo: Mongo, collection: str, row: Document, session: Session | None) -> None:
    await mongo.runtime()[collection].replace_one({"_id": row["_id"]}, row, upsert=True, session=session)

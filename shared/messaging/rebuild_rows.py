"""The row of a rebuild in the service's ``jobs``: who asks writes it, who rebuilds moves it on, who waits reads it.

    asked -> reading -> fenced -> swapping -> done
                 \\-> failed (also from fenced)

Every step names the generation that it belongs to, so that a process that was thought dead and comes back changes
nothing any more.
"""

from dataclasses import dataclass
from typing import Any, Final

from shared.contracts.catalog import PARTITIONS
from shared.messaging.batch import FENCE, offset_id
from shared.storage.mongo import Document, Mongo, Session
from shared.storage.store import Store

UNDER_WAY: Final = ("asked", "reading", "fenced", "swapping")


class Superseded(Exception):
    """Another process has begun this rebuild anew."""


@dataclass(frozen=True, slots=True)
class RebuildState:
    """How far a rebuild is: ``read`` of ``of`` records; ``error`` says why it failed.

    ``fenced_ms`` is how long the projection stood still at the end; ``skipped`` counts records that nobody could read.
    """

    collection: str
    state: str
    read: int = 0
    of: int = 0
    skipped: int = 0
    fenced_ms: int = 0
    error: str = ""

    @property
    def over(self) -> bool:
        """Whether it has ended, well or badly."""
        return self.state not in UNDER_WAY


async def ask_for_rebuild(mongo: Mongo, collection: str) -> bool:
    """Asks the running service to rebuild a projection beside the live one; false where that is already under way."""
    anew = {"state": "asked", "collection": collection, "read": 0, "of": 0, "skipped": 0, "fenced_ms": 0, "error": ""}
    jobs, name = mongo.runtime()["jobs"], _id(collection)
    await jobs.update_one({"_id": name}, {"$setOnInsert": {"state": "none", "generation": 0}}, upsert=True)
    result = await jobs.update_one({"_id": name, "state": {"$nin": UNDER_WAY}}, {"$set": anew})
    return result.matched_count == 1


async def rebuild_state(mongo: Mongo, collection: str) -> RebuildState | None:
    """How far the last rebuild of a projection is; ``None`` where none was ever asked for."""
    row = await mongo.runtime()["jobs"].find_one({"_id": _id(collection)})
    return None if row is None else _state(row)


async def rebuilds_under_way(mongo: Mongo) -> list[str]:
    """The projections whose rebuild is asked for or was begun."""
    query = {"_id": {"$regex": "^rebuild:"}, "state": {"$in": UNDER_WAY}}
    return [row["collection"] async for row in mongo.runtime()["jobs"].find(query).sort("_id", 1)]


@dataclass(slots=True)
class RebuildRow:
    """One rebuild's row, for whoever does it."""

    store: Store
    topic: str
    collection: str
    generation: int = 0

    async def interrupted_swap(self) -> int | None:
        """The generation of a swap that was begun and not ended, or ``None``."""
        row = await self._jobs().find_one({"_id": _id(self.collection), "state": "swapping"})
        return None if row is None else int(row["generation"])

    async def begin(self) -> None:
        """Takes a new generation; a fence that an interrupted rebuild left is lifted."""

        async def body(session: Session) -> int:
            change: Document = {"$set": {"state": "reading", "collection": self.collection, "error": ""}}
            change["$inc"] = {"generation": 1}
            query = {"_id": _id(self.collection)}
            await self._jobs().update_one(query, change, upsert=True, session=session)
            await self._lift(session)
            row = await self._jobs().find_one(query, session=session)
            return int(row["generation"]) if row else 0

        self.generation = await self.store.mongo.transaction(body)

    async def note(self, **values: Any) -> None:
        """Writes values into the row. Raises ``Superseded``."""
        await self._change({}, values)

    async def fence(self) -> None:
        """From now on no consumer and no replay changes the projection. Raises ``Superseded``."""

        async def body(session: Session) -> None:
            await self._change({"state": "reading"}, {"state": "fenced"}, session)
            first = {"next": 0, "at": self.store.clock()}
            for number in range(PARTITIONS):
                query, change = {"_id": offset_id(self.topic, number)}, {FENCE: self.collection}
                await self._offsets().update_one(
                    query, {"$set": change, "$setOnInsert": first}, upsert=True, session=session
                )

        await self.store.mongo.transaction(body)

    async def swapping(self) -> None:
        """From here on there is no way back: whoever finds the row finishes the swap. Raises ``Superseded``."""
        await self._change({"state": "fenced"}, {"state": "swapping"})

    async def lift(self, state: str, **values: Any) -> None:
        """Lifts the fence and says what comes next. Raises ``Superseded``."""

        async def body(session: Session) -> None:
            await self._change({}, {"state": state, **values}, session)
            await self._lift(session)

        await self.store.mongo.transaction(body)

    async def _change(self, also: Document, values: Document, session: Session | None = None) -> None:
        query = {"_id": _id(self.collection), "generation": self.generation, **also}
        result = await self._jobs().update_one(query, {"$set": values}, session=session)
        if result.matched_count == 0:
            raise Superseded

    async def _lift(self, session: Session) -> None:
        await self._offsets().update_many({FENCE: self.collection}, {"$unset": {FENCE: ""}}, session=session)

    def _jobs(self) -> Any:
        return self.store.mongo.runtime()["jobs"]

    def _offsets(self) -> Any:
        return self.store.mongo.runtime()["offsets"]


def _id(collection: str) -> str:
    return f"rebuild:{collection}"


def _state(row: Document) -> RebuildState:
    names = ("read", "of", "skipped", "fenced_ms")
    numbers = {name: int(row.get(name, 0)) for name in names}
    collection = row["_id"].partition(":")[2]
    return RebuildState(collection, row["state"], **numbers, error=row.get("error", ""))

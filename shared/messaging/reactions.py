"""Reactions: commands that events asked for, run afterwards as ordinary commands, once in effect."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog

from shared.kernel.canonical import content_hash
from shared.observability import tracing
from shared.observability.points import reached
from shared.observability.tracing import Span
from shared.security.principals import Actor
from shared.storage.leases import LONG_AGO, Leases
from shared.storage.mongo import ASCENDING, Document, Mongo, MongoFault
from shared.storage.store import Store
from shared.storage.work import Once, Replayed

SWEEP_SECONDS: Final = 1.0
LONGEST_WAIT: Final = 60.0
ENOUGH_TRIES: Final = 50
_GIVEN_UP: Final = {"tries": {"$gte": ENOUGH_TRIES}}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a reaction is run with; ``once`` makes its effect happen once."""

    store: Store
    city: str
    payload: Mapping[str, Any]
    actor: Actor
    once: Once


Handler = Callable[[Ask], Awaitable[None]]


@dataclass(slots=True)
class Reactions:
    """Runs the service's reactions; the lease lets one process do it."""

    store: Store
    leases: Leases
    handlers: Mapping[str, Handler]
    failed: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """A reaction was asked for."""
        self._wake.set()

    async def run(self) -> None:
        """Works until cancelled; gives the lease up at the end."""
        try:
            while True:
                try:
                    async with asyncio.timeout(SWEEP_SECONDS):
                        await self._wake.wait()
                    self._wake.clear()
                except TimeoutError:
                    # The sweep: what became due meanwhile, or was asked for by another process.
                    pass
                try:
                    await self._round()
                except MongoFault as fault:
                    log.warning("reactions-interrupted", error=type(fault).__name__)
                    await asyncio.sleep(0.5)
        finally:
            await self.leases.release("reactions")

    async def _round(self) -> None:
        if await self.leases.take("reactions") is None:
            return
        rows = self.store.mongo.runtime()["reactions"]
        query = {"due": {"$lte": self.store.clock()}, "tries": {"$lt": ENOUGH_TRIES}}
        async for row in rows.find(query).sort("due", ASCENDING).limit(200):
            await self._run(row)
            await self.leases.take("reactions")

    async def _run(self, row: Document) -> None:
        trace = row.get("trace", "")
        with tracing.inside(f"react {row['name']}", "internal", trace, city=row["city"], reaction=row["name"]) as span:
            await self._run_inside(row, span)

    async def _run_inside(self, row: Document, span: Span) -> None:
        rows = self.store.mongo.runtime()["reactions"]
        event = row["_id"].split(":")[0]
        actor = Actor(f"service/{self.store.service}", "service", event)
        once = Once(record=content_hash(["reaction", row["_id"]]), mac=row["name"])
        try:
            await self.handlers[row["name"]](Ask(self.store, row["city"], row["payload"], actor, once))
        except Replayed:
            log.info("reaction-repeated", reaction=row["name"])
        except MongoFault:
            raise
        except Exception as fault:  # noqa: BLE001  # one of the two loops that must go on; the row stays and is counted
            self.failed += 1
            span.say(error__type=type(fault).__name__)
            wait = min(LONGEST_WAIT, 0.2 * 2 ** min(row["tries"], 10))
            due = self.store.clock() + timedelta(seconds=wait)
            failed = {"$set": {"due": due, "error": type(fault).__name__}, "$inc": {"tries": 1}}
            await rows.update_one({"_id": row["_id"]}, failed)
            log.warning("reaction-failed", reaction=row["name"], error=type(fault).__name__, attempt=row["tries"] + 1)
            return
        reached("reaction.done-not-deleted")
        await rows.delete_one({"_id": row["_id"]})

    async def waiting(self) -> int:
        """How many are not done."""
        return await self.store.mongo.runtime()["reactions"].count_documents({})

    async def given_up(self) -> int:
        """How many failed so often that an operator must look."""
        return await self.store.mongo.runtime()["reactions"].count_documents(_GIVEN_UP)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The reactions that were given up, for an operator."""

    mongo: Mongo

    async def everything(self) -> list[Document]:
        """All of them, without what they are about, by id."""
        rows = self.mongo.runtime()["reactions"].find(_GIVEN_UP, {"payload": 0})
        return await rows.sort("_id", ASCENDING).to_list(None)

    async def again(self, key: str) -> bool:
        """Lets the service try again from the beginning, at once; says whether there was such a one."""
        anew = {"$set": {"tries": 0, "due": LONG_AGO}}
        changed = await self.mongo.runtime()["reactions"].update_one({"_id": key, **_GIVEN_UP}, anew)
        return changed.matched_count == 1

    async def discard(self, key: str) -> bool:
        """Takes it away: what it asked for is not done; says whether there was such a one."""
        gone = await self.mongo.runtime()["reactions"].delete_one({"_id": key, **_GIVEN_UP})
        return gone.deleted_count == 1

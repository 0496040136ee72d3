"""Leases: who of several processes does what only one may do. Time is the server's; numbers fence out the former."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from shared.storage.mongo import Mongo, ReturnDocument

LONG_AGO: Final = datetime.fromtimestamp(0, UTC)
RENEW_SECONDS: Final = 0.5


class LeaseLost(Exception):
    """Another process has taken the lease over while something was done under it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that is held; ``fence`` grows with every new holder."""

    name: str
    owner: str
    fence: int


class Leases:
    """The service's leases, in its runtime database."""

    def __init__(self, mongo: Mongo, owner: str, milliseconds: int = 2_000) -> None:
        self._collection = mongo.runtime()["leases"]
        self._owner = owner
        self._milliseconds = milliseconds
        self._made: set[str] = set()

    async def take(self, name: str) -> Lease | None:
        """Takes or renews the lease; ``None`` where another process holds it."""
        free = {"$or": [{"owner": self._owner}, {"$expr": {"$lt": ["$until", "$$NOW"]}}]}
        until = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": self._milliseconds}}
        fence = {
            "$cond": [
                {"$eq": ["$owner", self._owner]},
                {"$ifNull": ["$fence", 1]},
                {"$add": [{"$ifNull": ["$fence", 0]}, 1]},
            ]
        }
        change: list[dict[str, Any]] = [{"$set": {"fence": fence}}, {"$set": {"owner": self._owner, "until": until}}]
        await self._there(name)
        row = await self._collection.find_one_and_update(
            {"_id": name, **free}, change, return_document=ReturnDocument.AFTER
        )
        if row is None:
            return None
        return Lease(name, self._owner, row["fence"])

    async def _there(self, name: str) -> None:
        """An upsert may not compare with the server's clock, so the row is made first."""
        if name in self._made:
            return
        empty = {"owner": "", "fence": 0, "until": LONG_AGO}
        await self._collection.update_one({"_id": name}, {"$setOnInsert": empty}, upsert=True)
        self._made.add(name)

    async def release(self, name: str) -> None:
        """Gives the lease up, so that the next process need not wait for its end."""
        await self._collection.update_one(
            {"_id": name, "owner": self._owner}, {"$set": {"owner": "", "until": LONG_AGO}}
        )


async def while_holding(leases: Leases, name: str, work: Awaitable[object]) -> None:
    """Does the work and renews the lease meanwhile. Raises ``LeaseLost``, and what the work raises."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=RENEW_SECONDS)
            if not task.done() and await leases.take(name) is None:
                raise LeaseLost
        await task
    finally:
        task.cancel()
        await asyncio.wait({task})

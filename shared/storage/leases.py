"""Leases: who of several processes does what only one may do. Time is the server's; numbers fence out the former."""

from dataclasses import dataclass
from typing import Any

from shared.storage.mongo import DuplicateKeyError, Mongo, ReturnDocument


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
        try:
            row = await self._collection.find_one_and_update(
                {"_id": name, **free}, change, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            return None
        return Lease(name, self._owner, row["fence"])

    async def release(self, name: str) -> None:
        """Gives the lease up, so that the next process need not wait for its end."""
        await self._collection.update_one(
            {"_id": name, "owner": self._owner}, [{"$set": {"owner": "", "until": {"$toDate": 0}}}]
        )

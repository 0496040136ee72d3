"""Writers of audit rows that ended in the middle of something: what they drew and never wrote is written down as void.

A writer voids the numbers of its failed transactions itself, with its next commit. A process that is killed, or ends
after a failed transaction, has no next commit; its successor does it, so that a gap stays a finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from shared.storage.audit import AuditWriter
from shared.storage.mongo import DESCENDING, Collection, DuplicateKeyError, Mongo

LONG_SILENT: Final = timedelta(minutes=10)
"""A process of another owner is taken for dead after this time; liveness has ended a frozen one long before."""


@dataclass(frozen=True, slots=True)
class Writers:
    """The service's writers, in its runtime database. An owner has one process at a time."""

    mongo: Mongo
    writer: AuditWriter
    owner: str

    async def show_up(self) -> None:
        """Says that this writer lives; before its first row, and again and again."""
        change: list[dict[str, Any]] = [{"$set": {"owner": self.owner, "seen": "$$NOW"}}]
        await self._collection.update_one({"_id": self.writer.name}, change, upsert=True)

    async def take_over(self, cities: Sequence[str], moment: str) -> int:
        """Voids what dead writers left open in these cities; says how many numbers. May be repeated."""
        silent = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": int(LONG_SILENT.total_seconds())}}
        dead = {"$or": [{"owner": self.owner}, {"$expr": {"$lt": ["$seen", silent]}}]}
        found = self._collection.find({"_id": {"$ne": self.writer.name}, **dead}, {"_id": 1})
        former = [row["_id"] async for row in found]
        voided = 0
        for name in former:
            for city in cities:
                voided += await self._close(self.mongo.city(city)["audit"], name, moment)
            await self._collection.delete_one({"_id": name})
        return voided

    async def _close(self, audit: Collection, former: str, moment: str) -> int:
        last = await audit.find_one({"writer": former}, {"counter": 1}, sort=[("counter", DESCENDING)])
        if last is None or await audit.count_documents({"writer": former}) == last["counter"]:
            return 0
        written = {row["counter"] async for row in audit.find({"writer": former}, {"counter": 1})}
        voided = 0
        for row in self.writer.in_stead_of(former, sorted(set(range(1, last["counter"])) - written), moment):
            try:
                # Where the dead process's transaction is still open, this waits for the server to end it.
                await audit.insert_one(row)
                voided += 1
            except DuplicateKeyError:
                # Its transaction was committed after all.
                continue
        return voided

    @property
    def _collection(self) -> Collection:
        return self.mongo.runtime()["writers"]

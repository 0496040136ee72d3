"""Writers of audit rows that ended in the middle of something: what they drew and never wrote is written down as void.

A writer voids the numbers of its failed transactions itself, with its next commit or in ``settle``. A process that is
killed has neither; its successor does it, so that a gap stays a finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shared.kernel.clock import write_instant
from shared.storage.audit import AuditWriter
from shared.storage.mongo import DESCENDING, LONGEST_LIFETIME, Collection, DuplicateKeyError, Mongo, MongoFault

LONG_SILENT: Final = timedelta(minutes=10)
"""A process of another owner is taken for dead after this time; liveness has ended a frozen one long before."""

DECIDED: Final = timedelta(seconds=2 * LONGEST_LIFETIME)
"""After this time the server has ended or committed every transaction that was under way."""


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

    async def settle(self, cities: Sequence[str], moment: datetime) -> int:
        """Voids this writer's own numbers of transactions that failed or whose fate was unknown; says how many."""
        voided = 0
        for city in cities:
            numbers = self.writer.take_open(city, moment - DECIDED)
            try:
                voided += await self._void(self.mongo.city(city)["audit"], self.writer.name, numbers, moment)
            except MongoFault:
                self.writer.put_back(city, numbers, moment)
                raise
        return voided

    async def take_over(self, cities: Sequence[str], moment: datetime) -> int:
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

    async def _close(self, audit: Collection, former: str, moment: datetime) -> int:
        last = await audit.find_one({"writer": former}, {"counter": 1}, sort=[("counter", DESCENDING)])
        if last is None or await audit.count_documents({"writer": former}) == last["counter"]:
            return 0
        written = {row["counter"] async for row in audit.find({"writer": former}, {"counter": 1})}
        return await self._void(audit, former, sorted(set(range(1, last["counter"])) - written), moment)

    async def _void(self, audit: Collection, former: str, numbers: Sequence[int], moment: datetime) -> int:
        voided = 0
        for row in self.writer.in_stead_of(former, numbers, write_instant(moment)):
            try:
                # Where the transaction is still open, this waits for the server to end it.
                await audit.insert_one(row)
                voided += 1
            except DuplicateKeyError:
                # Its transaction was committed after all.
                continue
        return voided

    @property
    def _collection(self) -> Collection:
        return self.mongo.runtime()["writers"]

"""Whether a consumer may have missed a tombstone. Kafka forgets one after ``delete.retention.ms``; whoever was away, or
read, longer than that would keep what was erased, and nothing in the topic would tell.

A partition is *whole* at an instant when all that stood in it then has been handled. The instant is kept beside the
offset. Where it lies further back than half the retention and there is more to read, reading on proves nothing.
"""

from collections import defaultdict
from collections.abc import Collection as Group
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from shared.storage.mongo import Collection
from shared.storage.store import Store

WRITTEN_EVERY: Final = timedelta(seconds=60)

log = structlog.get_logger(__name__)


class AwayTooLong(Exception):
    """Tombstones may have been missed; the projections must be built anew."""


@dataclass(slots=True)
class Absence:
    """What one process knows of the partitions assigned to it, by the ids of their offset documents."""

    store: Store
    retention: timedelta
    _whole: dict[str, datetime] = field(default_factory=dict)
    _handled: dict[str, int] = field(default_factory=dict)
    _marks: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    _written: dict[str, datetime] = field(default_factory=dict)

    async def begin(self, name: str) -> int:
        """Takes a partition over; says where to read on. One that was never read is whole at this moment: empty."""
        row = await self._offsets.find_one({"_id": name})
        if row is None:
            self._whole[name], self._handled[name] = self.store.clock(), 0
        else:
            self._whole[name], self._handled[name] = row["whole"] if "whole" in row else row["at"], row["next"]
        self._marks.pop(name, None)
        return self._handled[name]

    def handled(self, name: str, after: int) -> None:
        """What lies before that offset has taken effect."""
        self._handled[name] = after

    def too_old(self, names: Group[str]) -> list[str]:
        """Which of these partitions were not whole for too long."""
        oldest = self.store.clock() - self.retention / 2
        return [name for name in names if self._whole.get(name, oldest) < oldest]

    def require(self, names: Group[str]) -> None:
        """Raises ``AwayTooLong`` where records of these partitions may not be handled."""
        if stale := self.too_old(names):
            log.error("consumer-away-too-long", partitions=len(stale))
            raise AwayTooLong

    def look(self, ends: Mapping[str, int]) -> None:
        """Compares what was handled with the ends of partitions as they are now, and as they were before."""
        now = self.store.clock()
        for name, end in ends.items():
            mark, moment = self._marks.setdefault(name, (end, now))
            if self._handled.get(name, 0) >= mark:
                self._whole[name] = moment
                del self._marks[name]

    async def write(self) -> None:
        """Keeps the instants, each minute at most: every write may meet a poll's transaction."""
        pause = min(WRITTEN_EVERY, self.retention / 20)
        due: dict[datetime, list[str]] = defaultdict(list)
        for name, moment in self._whole.items():
            if moment - self._written.get(name, moment - 2 * pause) > pause:
                due[moment].append(name)
        for moment, names in due.items():
            await self._offsets.update_many({"_id": {"$in": names}}, {"$max": {"whole": moment}})
            self._written.update(dict.fromkeys(names, moment))

    async def mended(self) -> bool:
        """Whether no stored partition is too old any more: its offset was forgotten, or moved with its projection."""
        oldest = self.store.clock() - self.retention / 2
        rows = self._offsets.find({"_id": {"$in": self.too_old(self._whole)}}, {"whole": 1, "at": 1})
        return not [row async for row in rows if row.get("whole", row["at"]) < oldest]

    @property
    def _offsets(self) -> Collection:
        return self.store.mongo.runtime()["offsets"]

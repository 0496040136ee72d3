"""Work without a caller: at the start, every night at two o'clock in Germany, every minute. A lease's holder does it.

A job may be begun again after it was interrupted, so that it must be repeatable; what it has done it finds done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

import structlog

from shared.kernel.clock import BERLIN
from shared.observability import metrics as names
from shared.storage.leases import LeaseLost, Leases, while_holding
from shared.storage.mongo import MongoFault
from shared.storage.store import Store

LEASE: Final = "jobs"
ROUND_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 60.0
NIGHT: Final = time(2)

Job = Callable[[Store], Awaitable[object]]

log = structlog.get_logger(__name__)


def night_of(moment: datetime) -> str:
    """The night whose jobs are due at ``moment``: the day on which it was last two o'clock in Germany.

    By the clock on the wall: in the night without a two o'clock it is due at three, in the one with two of them once.
    """
    local = moment.astimezone(BERLIN)
    day = local.date() if local.time() >= NIGHT else local.date() - timedelta(days=1)
    return day.isoformat()


@dataclass(slots=True)
class Jobs:
    """A service's jobs by name. Those ``at_start`` run once whenever this process takes the lease over.

    Those ``minutely`` run a minute after they last ended, well or not.
    """

    store: Store
    leases: Leases
    at_start: Mapping[str, Job] = field(default_factory=dict)
    nightly: Mapping[str, Job] = field(default_factory=dict)
    minutely: Mapping[str, Job] = field(default_factory=dict)
    _fence: int | None = None
    _started: set[str] = field(default_factory=set)
    _done: dict[str, str] = field(default_factory=dict)
    _again: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Works until cancelled; gives the lease up at the end."""
        for name in (*self.at_start, *self.nightly, *self.minutely):
            for outcome in ("done", "failed"):
                self.store.metrics.count(names.JOBS, 0, job=name, outcome=outcome)
        try:
            while True:
                try:
                    await self.round()
                except (MongoFault, LeaseLost) as fault:
                    log.warning("jobs-interrupted", error=type(fault).__name__)
                await asyncio.sleep(ROUND_SECONDS)
        finally:
            await self.leases.release(LEASE)

    async def round(self) -> None:
        """Runs what is due, if this process holds the lease. A night that was missed is made up for, once."""
        if not await self._holds():
            return
        for name, job in self.at_start.items():
            if name not in self._started and await self._run(name, job):
                self._started.add(name)
        night = night_of(self.store.clock())
        for name, job in self.nightly.items():
            if await self._is_due(name, night) and await self._run(name, job):
                await self._mark(name, night)
        for name, job in self.minutely.items():
            if await self._run(name, job):
                self._again[name] = self._now() + AGAIN_SECONDS

    async def _holds(self) -> bool:
        lease = await self.leases.take(LEASE)
        if lease is None:
            self._fence = None
            return False
        if lease.fence != self._fence:
            # Another process may have begun something, or nobody was there for a while.
            self._fence = lease.fence
            self._started.clear()
            self._done.clear()
        return True

    async def _is_due(self, name: str, night: str) -> bool:
        if name not in self._done:
            row = await self.store.mongo.runtime()["jobs"].find_one({"_id": _row_id(name)})
            self._done[name] = row["night"] if row else ""
            if row:
                self.store.metrics.set(names.JOB_LAST_SUCCESS, row["at"].timestamp(), job=name)
        return self._done[name] < night

    async def _mark(self, name: str, night: str) -> None:
        done = {"$set": {"night": night, "at": self.store.clock()}}
        await self.store.mongo.runtime()["jobs"].update_one({"_id": _row_id(name)}, done, upsert=True)
        self._done[name] = night

    async def _run(self, name: str, job: Job) -> bool:
        """Whether the job has been done; one that failed is begun again after a minute."""
        if self._now() < self._again.get(name, 0.0):
            return False
        outcome, began = "failed", self._now()
        try:
            # Another process that takes over meanwhile begins the job anew.
            await while_holding(self.leases, LEASE, job(self.store))
            outcome = "done"
        except (MongoFault, LeaseLost):
            raise
        except Exception as fault:  # noqa: BLE001  # a loop that must go on; the job is counted and begun again
            log.error("job-failed", job=name, error=type(fault).__name__)
        finally:
            self.store.metrics.count(names.JOBS, job=name, outcome=outcome)
            self.store.metrics.observe(names.JOB_SECONDS, self._now() - began, job=name)
            if outcome == "done":
                self.store.metrics.set(names.JOB_LAST_SUCCESS, self.store.clock().timestamp(), job=name)
            else:
                self._again[name] = self._now() + AGAIN_SECONDS
        return outcome == "done"

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _row_id(name: str) -> str:
    return f"nightly:{name}"

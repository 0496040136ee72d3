"""Jobs on a real MongoDB: one process does them, at its start and once a night."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from deploy.local import Stack
from shared.kernel.clock import read_instant
from shared.storage import jobs as jobs_module
from shared.storage import leases as leasing
from shared.storage.jobs import Jobs
from shared.storage.leases import LONG_AGO, Leases
from shared.storage.mongo import Mongo
from shared.storage.store import Layout, Store
from shared.testing.waiting import eventually

EVENING = "2026-01-14T23:00:00.000Z"


@dataclass(slots=True)
class House:
    """Processes of one service, with a clock that the test moves."""

    mongo: Mongo
    now: datetime
    ran: list[str] = field(default_factory=list)
    fails: int = 0
    looks: bool = False

    def clock(self) -> datetime:
        """The moved clock."""
        return self.now

    def process(self, name: str, milliseconds: int = 60_000) -> Jobs:
        """One process with a job of each kind."""
        store = Store(self.mongo, b"", Layout(), clock=self.clock)
        leases = Leases(self.mongo, name, milliseconds)
        mend, sweep, look = (self._job(f"{name}: {what}") for what in ("mend", "sweep", "look"))
        return Jobs(store, leases, {"mend": mend}, {"sweep": sweep}, {"look": look} if self.looks else {})

    def _job(self, what: str) -> Callable[[Store], asyncio.Future[None]]:
        async def run() -> None:
            self.ran.append(what)
            if self.fails:
                self.fails -= 1
                raise RuntimeError("for the test")

        return lambda store: asyncio.ensure_future(run())

    def since(self) -> list[str]:
        """What ran since the last time this was asked."""
        ran, self.ran = self.ran, []
        return ran


@pytest_asyncio.fixture
async def house(stack: Stack) -> AsyncIterator[House]:
    mongo = Mongo(stack.mongo_url, "nachtwache")
    await mongo.client.drop_database("nachtwache_runtime")
    yield House(mongo, read_instant(EVENING))
    mongo.close()


async def test_holder_alone_works_and_its_successor_looks_what_was_left(house: House) -> None:
    first, second = house.process("first"), house.process("second")
    await first.round()
    await second.round()
    await first.round()
    assert house.since() == ["first: mend", "first: sweep"]
    await first.leases.release("jobs")
    await second.round()
    await first.round()
    assert house.since() == ["second: mend"]
    await house.process("second").round()
    assert house.since() == ["second: mend"], "a process that came back has its start before it"


async def test_night_is_swept_once_and_one_that_was_missed_is_made_up_for(house: House) -> None:
    process = house.process("first")
    await process.round()
    assert house.since() == ["first: mend", "first: sweep"]
    house.now = read_instant("2026-01-15T00:59:59.000Z")
    await process.round()
    assert house.since() == []
    house.now = read_instant("2026-01-15T01:00:00.000Z")
    for _ in range(2):
        await process.round()
    assert house.since() == ["first: sweep"]
    house.now += timedelta(days=4)
    await house.process("first").round()
    assert house.since() == ["first: mend", "first: sweep"]
    house.now += timedelta(hours=3)
    await house.process("first").round()
    assert house.since() == ["first: mend"]


async def test_job_that_failed_is_begun_again_later_and_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    process, house.fails = house.process("first"), 2
    await process.round()
    await process.round()
    assert house.since() == ["first: mend", "first: sweep"], "not at once"
    process._again.clear()
    monkeypatch.setattr(jobs_module, "AGAIN_SECONDS", 0.0)
    await process.round()
    await process.round()
    assert house.since() == ["first: mend", "first: sweep"]
    counted = house.mongo.metrics.registry.get_sample_value
    labels = {"service": "nachtwache", "job": "sweep"}
    for outcome in ("failed", "done"):
        assert counted("tueroeffner_storage_jobs_total", {**labels, "outcome": outcome}) == 1
    job = {"service": "nachtwache", "job": "sweep"}
    assert counted("tueroeffner_storage_job_duration_seconds_count", job) == 2
    assert counted("tueroeffner_storage_job_last_success_timestamp_seconds", job) == house.now.timestamp()


async def test_what_is_looked_at_every_minute_is_looked_at_again_after_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.looks = True
    process = house.process("first")
    for _ in range(3):
        await process.round()
    assert house.since() == ["first: mend", "first: sweep", "first: look"]
    monkeypatch.setattr(jobs_module, "AGAIN_SECONDS", 0.0)
    process._again.clear()
    house.fails = 1
    for _ in range(2):
        await process.round()
    assert house.since() == ["first: look", "first: look"], "one that failed too"
    assert (await house.mongo.runtime()["jobs"].find_one({"_id": "nightly:look"})) is None


async def test_failures_of_every_job_are_counted_from_nought(house: House) -> None:
    working = asyncio.create_task(house.process("first").run())
    await eventually(lambda: len(house.ran) == 2)
    working.cancel()
    await asyncio.wait([working])
    counted = house.mongo.metrics.registry.get_sample_value
    for job in ("mend", "sweep"):
        labels = {"service": "nachtwache", "job": job, "outcome": "failed"}
        assert counted("tueroeffner_storage_jobs_total", labels) == 0


async def test_long_job_keeps_the_lease_and_ends_where_it_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "RENEW_SECONDS", 0.05)
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def endless(_: Store) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    process = house.process("first", milliseconds=400)
    process.at_start = {"endless": endless}
    working = asyncio.create_task(process.round())
    await begun.wait()
    others = Leases(house.mongo, "second", 60_000)
    leases = house.mongo.runtime()["leases"]
    first = await leases.find_one({"_id": "jobs"})
    assert first is not None

    async def renewed() -> bool:
        row = await leases.find_one({"_id": "jobs"})
        return row is not None and row["until"] > first["until"] + timedelta(seconds=1)

    async with asyncio.timeout(10):
        while not await renewed():
            assert await others.take("jobs") is None
    await leases.update_one({"_id": "jobs"}, {"$set": {"owner": "", "until": LONG_AGO}})
    await others.take("jobs")
    with pytest.raises(leasing.LeaseLost):
        await working
    assert cancelled.is_set()

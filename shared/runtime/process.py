"""A running service: its store, relay, consumer, reactions, followers and gauges, as supervised tasks."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog

from shared.kernel.clock import read_instant
from shared.messaging.beats import Beats
from shared.messaging.cities import CityCatalogue
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.dead_letters import LIMIT, DeadLetters
from shared.messaging.kafka import Kafka, TopicSettings
from shared.messaging.reactions import Reactions
from shared.messaging.reading import Follower
from shared.messaging.rebuilds import Rebuilds
from shared.messaging.relay import Relay
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.observability.points import reached
from shared.runtime.followers import followers
from shared.runtime.servers import require_servers
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.supervisor import Supervisor
from shared.security.revocations import RevokedSet
from shared.storage.chain import chain_city, oldest_unchained
from shared.storage.jobs import Jobs
from shared.storage.leases import Leases
from shared.storage.mongo import Mongo, MongoFault
from shared.storage.store import Store
from shared.storage.writers import Writers

UNCHAINED_SECONDS: Final = 60.0
GAUGES_SECONDS: Final = 2.0
SERVICE_GAUGES_SECONDS: Final = 10.0
CHAIN_SECONDS: Final = 1.0

_STOPPED: Final = {
    "too-many-dead-letters": f"too-many-dead-letters: the limit is {LIMIT}",
    "away-too-long": "away-too-long: tombstones may have been missed; build the projections anew (`rebuild`)",
}

Check = Callable[[], Awaitable[str | None]]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Process:
    """Everything of one service but HTTP."""

    service: Service
    settings: Settings
    store: Store
    kafka: Kafka
    leases: Leases
    writers: Writers
    relay: Relay
    consumer: ConsumerLoop
    reactions: Reactions
    jobs: Jobs
    rebuilds: Rebuilds
    followers: list[Follower]
    revoked: RevokedSet
    metrics: Metrics
    supervisor: Supervisor = field(default_factory=Supervisor)
    ready: bool = False
    _waiting: asyncio.Task[None] | None = None

    @classmethod
    def build(cls, service: Service, settings: Settings) -> "Process":
        """Wires the parts; nothing is connected yet."""
        metrics = Metrics(service.name)
        # The process's own host and name: who comes back takes its own lease again without waiting.
        owner = f"{os.uname().nodename}/{service.name}-{settings.ordinal}"
        mongo = Mongo(settings.mongo_url, service.name, metrics, owner)
        store = Store(mongo, settings.master_key(), service.layout)
        kafka = Kafka(settings.kafka, f"{service.name}-{settings.ordinal}", settings.topic_prefix)
        leases = Leases(store.mongo, owner)
        beats = Beats(store, kafka, topic_settings(settings), service.fresh_topics)
        letters = DeadLetters(store.mongo)
        reactions = Reactions(store, leases, service.reactions)
        consumer = ConsumerLoop(
            store,
            kafka,
            CityCatalogue(store, kafka),
            service.projections,
            settings.ordinal,
            letters,
            reactions.wake,
            timedelta(milliseconds=settings.delete_retention_ms),
        )
        revoked = RevokedSet()
        return cls(
            service=service,
            settings=settings,
            store=store,
            kafka=kafka,
            leases=leases,
            writers=store.writers(owner),
            relay=Relay(store, kafka, leases, beats),
            consumer=consumer,
            reactions=reactions,
            jobs=Jobs(store, leases, service.at_start, service.nightly, service.minutely),
            rebuilds=Rebuilds(store, kafka, leases, service.projections),
            followers=followers(store, kafka, revoked),
            revoked=revoked,
            metrics=metrics,
        )

    async def start(self) -> None:
        """Waits for the servers and starts the tasks; returns when revocations and cities are known.

        Returns at once, and nothing runs, where it is to wait no longer (``stop_waiting``).
        """
        self._waiting = asyncio.create_task(
            require_servers(self.store.mongo, self.kafka, topic_settings(self.settings))
        )
        await asyncio.wait([self._waiting])
        if self._waiting.cancelled():
            return
        self._waiting.result()
        await self._end_left_behind()
        for city in await self.store.cities():
            await self.store.prepare_city(city)
        await self.writers.show_up()
        for follower in self.followers:
            self.supervisor.start(f"follow {follower.topic}", follower.run())
        self.supervisor.start("relay", self.relay.run())
        self.supervisor.start("outbox stream", self.relay.watch())
        self.supervisor.start("consumer", self.consumer.run())
        self.supervisor.start("reactions", self.reactions.run())
        self.supervisor.start("jobs", self.jobs.run())
        self.supervisor.start("rebuilds", self.rebuilds.run())
        self.supervisor.start("audit chain", self._chain())
        self.supervisor.start("gauges", self._gauges())
        for follower in self.followers:
            await follower.caught_up.wait()
        self.ready = True

    def stop_waiting(self) -> None:
        """Ends a start that still waits for servers."""
        if self._waiting is not None:
            self._waiting.cancel()

    async def _end_left_behind(self) -> None:
        """What the former process of this name was killed in locks nobody out."""
        try:
            ended = await self.store.mongo.end_left_behind()
        except MongoFault as fault:
            # Not allowed to us, perhaps: then the server does it, some seconds later.
            log.warning("transactions-left-behind", error=type(fault).__name__)
            return
        if ended:
            log.info("transactions-ended", count=ended)

    async def stop(self) -> None:
        """Ends the tasks and closes the connections; leases are given up."""
        self.ready = False
        await self.supervisor.stop()
        reached("process.stopping")
        self.store.mongo.close()

    def serving(self) -> Mapping[str, Check]:
        """Without what no request can be answered: ``None`` when all is well, else what is wrong."""
        return {"mongo": self._check_mongo, "started": self._check_started}

    def checks(self) -> Mapping[str, Check]:
        """What readiness asks besides: requests are answered, and yet somebody must look."""
        return {
            "outbox": self._check_outbox,
            "consumer": self._check_consumer,
            "reactions": self._check_reactions,
            "audit": self._check_audit,
        }

    async def _check_mongo(self) -> str | None:
        try:
            async with asyncio.timeout(2):
                await self.store.mongo.client.admin.command("ping")
        except (MongoFault, TimeoutError):
            return "MongoDB does not answer"
        return None

    async def _check_started(self) -> str | None:
        return None if self.ready else "still starting"

    async def _check_outbox(self) -> str | None:
        stuck = await self.relay.stuck()
        return f"{stuck} outbox rows were refused by Kafka" if stuck else None

    async def _check_consumer(self) -> str | None:
        return _STOPPED.get(self.consumer.stopped_because)

    async def _check_reactions(self) -> str | None:
        given_up = await self.reactions.given_up()
        return f"{given_up} reactions were given up" if given_up else None

    async def _check_audit(self) -> str | None:
        age = max((await self._unchained()).values(), default=0.0)
        return f"audit rows wait {age:.0f} s for the chain" if age > UNCHAINED_SECONDS else None

    async def _chain(self) -> None:
        while True:
            await asyncio.sleep(CHAIN_SECONDS)
            try:
                await self.writers.show_up()
                cities = await self.store.cities()
                await self.writers.settle(cities, self.store.clock())
                await self.writers.take_over(cities, self.store.clock())
                if await self.leases.take("audit") is None:
                    continue
                for city in cities:
                    while await chain_city(self.store.mongo, city):
                        await self.leases.take("audit")
            except MongoFault:
                # The rows wait; their age is a metric and makes readiness red.
                continue

    async def _unchained(self) -> dict[str, float]:
        """The age of each city's oldest audit row that waits for the chain."""
        cities = await self.store.cities()
        return {city: self._age(await oldest_unchained(self.store.mongo, city)) for city in cities}

    def _age(self, instant: str | None) -> float:
        return 0.0 if instant is None else (self.store.clock() - read_instant(instant)).total_seconds()

    async def _gauges(self) -> None:
        clock = asyncio.get_running_loop().time
        measured = own = clock()
        self.metrics.watch(names.GAUGES_AGE, lambda: clock() - measured)
        while True:
            # The gauges keep their last values while MongoDB is away; their age and readiness tell of that.
            with suppress(MongoFault):
                await self._measure()
                if self.service.measure is not None and clock() >= own:
                    await self.service.measure(self.store)
                    own = clock() + SERVICE_GAUGES_SECONDS
                measured = clock()
            await asyncio.sleep(GAUGES_SECONDS)

    async def _measure(self) -> None:
        values: dict[Any, float] = {
            names.OUTBOX_PENDING: await self.relay.pending(),
            names.OUTBOX_OLDEST: self._age(await self.relay.oldest_pending()),
            names.OUTBOX_STUCK: await self.relay.stuck(),
            names.DEAD_LETTERS: await self.consumer.dead_letters.count(),
            names.PARKED: await self.consumer.dead_letters.parked(),
            names.REACTIONS_WAITING: await self.reactions.waiting(),
            names.REACTIONS_GIVEN_UP: await self.reactions.given_up(),
            names.PROGRESS_AGE: self.consumer.progress_age(),
        }
        for metric, value in values.items():
            self.metrics.set(metric, value)
        for city, age in (await self._unchained()).items():
            self.metrics.set(names.AUDIT_UNCHAINED_SECONDS, age, city=city)
        for partition, lag in self.consumer.lag.items():
            topic, _, number = partition.rpartition(":")
            self.metrics.set(names.LAG, lag, topic=topic, partition=number)


def topic_settings(settings: Settings) -> TopicSettings:
    """The topics' configuration that the settings ask for."""
    return TopicSettings(settings.replication, settings.compaction_lag_ms, settings.delete_retention_ms)

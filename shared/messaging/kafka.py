"""Kafka's one door: the only file that imports aiokafka. Makes producers, consumers and topics as we need them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.contracts.catalog import PARTITIONS, TOPICS, Topic
from shared.messaging.topics import Applied, TopicSettings

__all__ = [
    "Applied",
    "Consumer",
    "ConsumerRebalanceListener",
    "ConsumerRecord",
    "Kafka",
    "KafkaFault",
    "Producer",
    "TopicPartition",
    "TopicSettings",
]

KafkaFault = KafkaError
Producer = AIOKafkaProducer
Consumer = AIOKafkaConsumer
_STOP_LIMIT: Final = 2.0
_SET_FOR_THE_TOPIC: Final = 1
_background: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where the brokers are, and the prefix that lets two deployments share them."""

    bootstrap: str
    client: str
    prefix: str = ""

    def named(self, topic: str) -> str:
        """The topic's name on the brokers."""
        return f"{self.prefix}{topic}"

    def plain(self, name: str) -> str:
        """The topic's name without the prefix."""
        return name.removeprefix(self.prefix)

    def producer(self) -> AIOKafkaProducer:
        """An idempotent producer, acknowledged by all in-sync replicas; not started."""
        return AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            client_id=self.client,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            request_timeout_ms=3_000,
            retry_backoff_ms=100,
            metadata_max_age_ms=5_000,
        )

    def consumer(self, group: str | None, instance: str | None = None) -> AIOKafkaConsumer:
        """A consumer that commits nothing by itself; without a group it is assigned by hand. Not started."""
        return AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            client_id=self.client,
            group_id=group,
            group_instance_id=instance,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_min_bytes=1,
            fetch_max_wait_ms=100,
            request_timeout_ms=8_000,
            retry_backoff_ms=100,
            metadata_max_age_ms=5_000,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_000,
            rebalance_timeout_ms=5_000,
            partition_assignment_strategy=(StickyPartitionAssignor,),
        )

    async def apply_topics(
        self, settings: TopicSettings, within: float = 30.0, topics: Sequence[Topic] = TOPICS
    ) -> Applied:
        """Makes the missing topics, configures those that are unsafe, and waits until all have a leader.

        What an operator set beside our own settings stays. Raises ``KafkaFault`` where the brokers refuse, and
        ``TimeoutError``.
        """
        names = [self.named(topic.name) for topic in topics]
        async with self._admin() as admin:
            there = set(await admin.list_topics())
            missing = [name for name in names if name not in there]
            if missing:
                await _create(admin, missing, settings)
            async with asyncio.timeout(within):
                while await _without_leader(admin, names):  # noqa: ASYNC110  # only asking tells
                    await asyncio.sleep(0.05)
            unsafe = [topic for topic in await _configs(admin, names) if settings.faults(topic.effective)]
            if unsafe:
                await _configure(admin, unsafe, settings)
            return Applied(tuple(missing), tuple(topic.name for topic in unsafe))

    async def topic_faults(self, settings: TopicSettings) -> list[str]:
        """What is wrong with the topics of the catalogue, a line each; empty when a service may start.

        A topic is missing, without a leader, of another number of partitions or copies, or unsafe in its settings.
        """
        names = [self.named(topic.name) for topic in TOPICS]
        async with self._admin() as admin:
            faults = {name: "missing, or not whole" for name in await _without_leader(admin, names)}
            whole = [name for name in names if name not in faults]
            for name, copies in (await _copies(admin, whole)).items():
                if copies < settings.replication:
                    faults[name] = f"has {copies} copies; needed are {settings.replication}"
            for topic in await _configs(admin, whole):
                unsafe = settings.faults(topic.effective)
                if unsafe:
                    faults[topic.name] = ", ".join(unsafe.values())
            return [f"{name}: {faults[name]}" for name in names if name in faults]

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, client_id=self.client)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()


@dataclass(frozen=True, slots=True)
class _Configs:
    """A topic's settings: all that hold, and those that were set for this topic."""

    name: str
    effective: Mapping[str, str]
    own: Mapping[str, str]


async def _create(admin: AIOKafkaAdminClient, names: Sequence[str], settings: TopicSettings) -> None:
    configs = settings.as_configs()
    topics = [NewTopic(name, PARTITIONS, settings.replication, topic_configs=configs) for name in names]
    try:
        await admin.create_topics(topics)
    except TopicAlreadyExistsError:
        # Another process makes them at this moment; the wait for leaders that follows is what counts.
        return


async def _without_leader(admin: AIOKafkaAdminClient, names: Sequence[str]) -> list[str]:
    there = set(await admin.list_topics())
    described = await _described(admin, [name for name in names if name in there])
    whole = {
        topic["topic"]
        for topic in described
        if len(topic["partitions"]) == PARTITIONS and all(part["leader"] >= 0 for part in topic["partitions"])
    }
    return [name for name in names if name not in whole]


async def _copies(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    described = await _described(admin, names)
    return {topic["topic"]: min(len(part["replicas"]) for part in topic["partitions"]) for topic in described}


async def _described(admin: AIOKafkaAdminClient, names: Sequence[str]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = await admin.describe_topics(names) if names else []
    return found


async def _configs(admin: AIOKafkaAdminClient, names: Sequence[str]) -> list[_Configs]:
    if not names:
        return []
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: list[_Configs] = []
    for answer in await admin.describe_configs(asked):
        for error, _, _, name, entries in answer.resources:
            _raise_for(error)
            own = {entry[0]: entry[1] for entry in entries if entry[3] == _SET_FOR_THE_TOPIC}
            found.append(_Configs(name, {entry[0]: entry[1] for entry in entries}, own))
    return found


async def _configure(admin: AIOKafkaAdminClient, topics: Sequence[_Configs], settings: TopicSettings) -> None:
    ours = settings.as_configs()
    changes = [ConfigResource(ConfigResourceType.TOPIC, topic.name, {**topic.own, **ours}) for topic in topics]
    for answer in await admin.alter_configs(changes):
        for error, *_ in answer.resources:
            _raise_for(error)


def _raise_for(code: int) -> None:
    if code:
        raise for_code(code)


def stop_in_background(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Stops a client without waiting for it: after a fatal error its ``stop`` may hang."""
    _in_background(client.stop())


def give_up(producer: AIOKafkaProducer) -> None:
    """Drops a producer whose records somebody else will send: what it still holds is not sent any more.

    Its own ``stop`` sends what it holds, and where Kafka is away its sender lives on: an idempotent producer never lets
    go of a record. That would arrive behind its successor's, and an older word of an aggregate would be the last one.
    """
    sender = producer._sender
    task = sender.sender_task if sender is not None else None
    if task is not None:
        task.cancel()

    async def end() -> None:
        # Requests under way fail with their connections; the sender ends with them.
        await producer.client.close()
        if task is not None:
            await asyncio.wait([task])
        producer._message_accumulator.fail_all(KafkaError("given up"))
        await producer.stop()

    _in_background(end())


def _in_background(stopping: Coroutine[Any, Any, None]) -> None:
    async def stop() -> None:
        try:
            async with asyncio.timeout(_STOP_LIMIT):
                await stopping
        except (TimeoutError, KafkaError, OSError):
            # It is dropped either way; its successor is already at work.
            return

    task = asyncio.get_running_loop().create_task(stop())
    _background.add(task)
    task.add_done_callback(_background.discard)

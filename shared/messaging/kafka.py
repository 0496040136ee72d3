"""Kafka's one door: the only file that imports aiokafka. Makes producers, consumers and topics as we need them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.contracts.catalog import PARTITIONS, TOPICS

__all__ = [
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
_background: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """What decides when an erased value's bytes leave Kafka's files, and how many brokers keep a copy."""

    replication: int = 1
    compaction_lag_ms: int = 3_600_000
    delete_retention_ms: int = 7 * 24 * 3_600_000

    def as_configs(self) -> dict[str, str]:
        """The topic's configuration."""
        return {
            "cleanup.policy": "compact",
            "max.compaction.lag.ms": str(self.compaction_lag_ms),
            "delete.retention.ms": str(self.delete_retention_ms),
            "min.insync.replicas": "2" if self.replication >= 3 else "1",
        }


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

    async def apply_topics(self, settings: TopicSettings, within: float = 30.0) -> list[str]:
        """Makes the missing topics of the catalogue and waits until all have a leader; names those it made."""
        names = [self.named(topic.name) for topic in TOPICS]
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, client_id=self.client)
        await admin.start()
        try:
            there = set(await admin.list_topics())
            missing = [name for name in names if name not in there]
            if missing:
                await _create(admin, missing, settings)
            async with asyncio.timeout(within):
                while await _without_leader(admin, names):  # noqa: ASYNC110  # only asking tells
                    await asyncio.sleep(0.05)
            return missing
        finally:
            await admin.close()

    async def missing_topics(self) -> list[str]:
        """The topics of the catalogue that are not there, or have another number of partitions than we rely on."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, client_id=self.client)
        await admin.start()
        try:
            return await _without_leader(admin, [self.named(topic.name) for topic in TOPICS])
        finally:
            await admin.close()


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
    known = [name for name in names if name in there]
    described: list[Mapping[str, Any]] = await admin.describe_topics(known) if known else []
    whole = {
        topic["topic"]
        for topic in described
        if len(topic["partitions"]) == PARTITIONS and all(part["leader"] >= 0 for part in topic["partitions"])
    }
    return [name for name in names if name not in whole]


def stop_in_background(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Stops a client without waiting for it: after a fatal error its ``stop`` may hang."""

    async def stop() -> None:
        try:
            async with asyncio.timeout(_STOP_LIMIT):
                await client.stop()
        except (TimeoutError, KafkaError, OSError):
            # It is dropped either way; its successor is already at work.
            return

    task = asyncio.get_running_loop().create_task(stop())
    _background.add(task)
    task.add_done_callback(_background.discard)

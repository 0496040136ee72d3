"""Fixtures of brokers and clients on a stack, for as long as that stack is there."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest_asyncio

from deploy.local import Stack
from shared.messaging.kafka import Kafka, TopicSettings
from shared.storage.mongo import Mongo

QUICK = TopicSettings(replication=1, compaction_lag_ms=3_000, delete_retention_ms=60_000)

Scope = Literal["session", "module"]


def kafka_fixture(scope: Scope) -> Any:
    """The stack's Kafka with all topics made."""

    @pytest_asyncio.fixture(scope=scope)
    async def kafka(stack: Stack) -> Kafka:
        broker = Kafka(stack.kafka, "tests")
        await broker.apply_topics(QUICK)
        return broker

    return kafka


def mongo_fixture(service: str, scope: Scope) -> Any:
    """A client that plays a service's part."""

    @pytest_asyncio.fixture(scope=scope, name=f"{service}_mongo")
    async def client(stack: Stack) -> AsyncIterator[Mongo]:
        mongo = Mongo(stack.mongo_url, service)
        yield mongo
        mongo.close()

    return client

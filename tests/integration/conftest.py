"""Stores and brokers of the real stack; a city a test module."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local import Stack
from shared.messaging.kafka import Kafka, TopicSettings
from shared.storage.mongo import Mongo

QUICK = TopicSettings(replication=1, compaction_lag_ms=3_000, delete_retention_ms=60_000)


@pytest.fixture(scope="session")
def master_key() -> bytes:
    """A random master key for this session."""
    return os.urandom(96)


@pytest_asyncio.fixture(scope="session")
async def kafka(stack: Stack) -> Kafka:
    """The session's Kafka with all topics made."""
    broker = Kafka(stack.kafka, "tests")
    await broker.apply_topics(QUICK)
    return broker


@pytest_asyncio.fixture(scope="session")
async def registry_mongo(stack: Stack) -> AsyncIterator[Mongo]:
    """A client that plays registry's part."""
    mongo = Mongo(stack.mongo_url, "registry")
    yield mongo
    mongo.close()


@pytest_asyncio.fixture(scope="session")
async def visits_mongo(stack: Stack) -> AsyncIterator[Mongo]:
    """A client that plays visits' part."""
    mongo = Mongo(stack.mongo_url, "visits")
    yield mongo
    mongo.close()

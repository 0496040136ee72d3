"""A stack for each module, in the place of the session's."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from deploy.local import Stack
from shared.messaging.kafka import Kafka
from shared.storage.mongo import Mongo
from tests.integration.conftest import QUICK


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """MongoDB and Kafka that nobody else works with."""
    with Stack.start(tmp_path_factory.mktemp("alone")) as stack:
        yield stack


@pytest.fixture(scope="module")
def master_key() -> bytes:
    """A random master key."""
    return os.urandom(96)


@pytest_asyncio.fixture(scope="module")
async def kafka(stack: Stack) -> Kafka:
    """This stack's Kafka with all topics made."""
    broker = Kafka(stack.kafka, "tests")
    await broker.apply_topics(QUICK)
    return broker


@pytest_asyncio.fixture(scope="module")
async def registry_mongo(stack: Stack) -> AsyncIterator[Mongo]:
    """A client that plays registry's part."""
    mongo = Mongo(stack.mongo_url, "registry")
    yield mongo
    mongo.close()


@pytest_asyncio.fixture(scope="module")
async def visits_mongo(stack: Stack) -> AsyncIterator[Mongo]:
    """A client that plays visits' part."""
    mongo = Mongo(stack.mongo_url, "visits")
    yield mongo
    mongo.close()

"""Stores and brokers of the real stack; a city a test module."""

import os

import pytest

from tests.integration.servers import kafka_fixture, mongo_fixture


@pytest.fixture(scope="session")
def master_key() -> bytes:
    """A random master key for this run of the tests."""
    return os.urandom(96)


kafka = kafka_fixture("session")
registry_mongo = mongo_fixture("registry", "session")
visits_mongo = mongo_fixture("visits", "session")

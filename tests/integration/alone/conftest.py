"""A stack for each module, in the place of the one that all others share."""

from collections.abc import Iterator

import pytest

from deploy.local import Stack
from tests.integration.servers import kafka_fixture, mongo_fixture


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """MongoDB and Kafka that nobody else works with."""
    with Stack.start(tmp_path_factory.mktemp("alone")) as stack:
        yield stack


kafka = kafka_fixture("module")
registry_mongo = mongo_fixture("registry", "module")
visits_mongo = mongo_fixture("visits", "module")

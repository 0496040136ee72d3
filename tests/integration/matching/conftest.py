"""Matching on the real stack, without the other services; a town a test module."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local import Stack
from services.matching.app import SERVICE
from tests.integration.api_parts import Api, api_for


@pytest_asyncio.fixture(scope="session")
async def matching_api(stack: Stack, master_key: bytes, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """Matching's application and tokens."""
    api = await api_for(SERVICE, stack.mongo_url, master_key, tmp_path_factory.mktemp("matching-keys"))
    yield api
    api.app.state.extra["solver_pool"].close()
    api.store.mongo.close()

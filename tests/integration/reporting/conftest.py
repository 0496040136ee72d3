"""Reporting's application on the session's stack."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local import Stack
from services.reporting.app import SERVICE
from tests.integration.api_parts import Api, api_for


@pytest_asyncio.fixture(scope="session")
async def reporting_api(
    stack: Stack, master_key: bytes, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Api]:
    """Reporting in this process."""
    api = await api_for(SERVICE, stack.mongo_url, master_key, tmp_path_factory.mktemp("reporting-keys"))
    yield api
    api.store.mongo.close()

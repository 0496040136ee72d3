"""Registry's application on the session's stack."""

import pytest
import pytest_asyncio

from deploy.local import Stack
from services.registry.app import SERVICE
from tests.integration.api_parts import Api, api_for


@pytest_asyncio.fixture(scope="session")
async def api(stack: Stack, master_key: bytes, tmp_path_factory: pytest.TempPathFactory) -> Api:
    """Registry in this process."""
    return await api_for(SERVICE, stack.mongo_url, master_key, tmp_path_factory.mktemp("issuer"))

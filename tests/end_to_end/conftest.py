"""The whole house: the real stack and the four services as processes."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.demo.client import Client
from deploy.local import Stack
from deploy.services import SERVICES, Deployment


@dataclass(frozen=True, slots=True)
class House:
    """Where everything runs."""

    root: Path
    stack: Stack
    services: Deployment


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Started once for all end-to-end tests."""
    root = tmp_path_factory.mktemp("house")
    with (
        Stack.start(root / "stack") as stack,
        Deployment.start(root / "services", stack.mongo_url, stack.kafka) as services,
    ):
        yield House(root, stack, services)


@pytest_asyncio.fixture(scope="session")
async def client(house: House) -> AsyncIterator[Client]:
    """Calls the services, each time in the weakest role."""
    urls = {name: house.services.url(name) for name in SERVICES}
    async with Client(urls, house.services.issuer) as client:
        yield client

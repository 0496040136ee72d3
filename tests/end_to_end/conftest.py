"""The whole house: the real stack and the four services as processes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
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


@contextmanager
def running(root: Path) -> Iterator[House]:
    """A whole house, started in this folder."""
    with (
        Stack.start(root / "stack") as stack,
        Deployment.start(root / "services", stack.mongo_url, stack.kafka) as services,
    ):
        yield House(root, stack, services)


def calling(house: House) -> Client:
    """Calls the services of a house, each time in the weakest role."""
    return Client({name: house.services.url(name) for name in SERVICES}, house.services.issuer)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Started once for the end-to-end tests that leave it as it was."""
    with running(tmp_path_factory.mktemp("house")) as started:
        yield started


@pytest_asyncio.fixture(scope="session")
async def client(house: House) -> AsyncIterator[Client]:
    """Calls the services of that house."""
    async with calling(house) as client:
        yield client

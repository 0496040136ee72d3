"""One real stack for the whole session; whoever asks for it is marked as needing it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import Stack

_STACKS = Path(__file__).resolve().parents[1] / "build" / "test-stack"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One mongod and one Kafka node, empty at the beginning of the session; whoever breaks it mends it."""
    # A folder per process: two sessions in one checkout do not meet.
    root = _STACKS / str(os.getpid())
    _remove_leftovers()
    with Stack.start(root) as running:
        yield running
    shutil.rmtree(root)


def _remove_leftovers() -> None:
    for folder in _STACKS.glob("*"):
        if not Path("/proc", folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)

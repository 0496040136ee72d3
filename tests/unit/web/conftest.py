"""One issuer for all tests of the floor: making its key takes longer than any of them."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from shared.observability import logs
from shared.testing.tokens import TestTokens
from tests.unit.web.parts import Shelf, shelf


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TestTokens:
    """The issuer."""
    return TestTokens(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def service(tokens: TestTokens) -> Shelf:
    """A service with nothing in it."""
    return shelf(tokens)


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[StringIO]:
    """What the process would log, in the form it would have."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = StringIO()
    logs.configure("shelf", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()

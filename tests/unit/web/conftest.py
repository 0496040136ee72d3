"""One issuer for all tests of the floor: making its key takes longer than any of them."""

import pytest

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

"""What each service's OpenAPI says of every operation, said in the same way by all of them."""

from pathlib import Path
from typing import Any

import pytest

from services.matching.app import SERVICE as MATCHING
from services.registry.app import SERVICE as REGISTRY
from services.visits.app import SERVICE as VISITS
from shared.observability.metrics import Metrics
from shared.runtime.service import Service
from shared.security.tokens import TokenVerifier
from shared.web.app import create_app

Operation = dict[str, Any]
# Acts that begin from what the caller sees, besides every PATCH.
ON_A_VERSION = {
    ("visits", "/v1/cities/{city}/visits/{visit}:void"),
    ("visits", "/v1/cities/{city}/activities/{activity}:void"),
    ("matching", "/v1/cities/{city}/tandems/{tandem_id}:end"),
}


class NoStore:
    """Nobody is asked while OpenAPI is made."""

    async def is_served(self, city: str) -> bool:
        """Never asked."""
        raise AssertionError(city)


def openapi_of(service: Service) -> dict[str, Any]:
    store: Any = NoStore()
    app = create_app(
        name=service.name,
        title=service.title,
        routers=service.routers,
        store=store,
        verifier=TokenVerifier({}),
        metrics=Metrics(service.name),
        checks={},
        extra={},
        version="0",
        commit="test",
        started=lambda: True,
        alive=lambda: True,
        words=service.words if service.words is None else Path(service.words),
    )
    return app.openapi()


def operations(schema: dict[str, Any]) -> list[tuple[str, str, Operation]]:
    """Path, method and operation of everything that needs a token."""
    every = [(path, verb, told) for path, verbs in schema["paths"].items() for verb, told in verbs.items()]
    return [(path, verb, told) for path, verb, told in every if told["security"]]


@pytest.fixture(scope="module", params=[REGISTRY, VISITS, MATCHING], ids=lambda service: service.name)
def told(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """A service's name and its document."""
    return request.param.name, openapi_of(request.param)


def test_every_answer_has_a_shape(told: tuple[str, dict[str, Any]]) -> None:
    name, schema = told
    shapeless = []
    for path, verb, operation in operations(schema):
        done = [answer for status, answer in operation["responses"].items() if status < "300"]
        shapes = [content for answer in done for content in answer.get("content", {}).values()]
        if not any(shape.get("schema") or shape.get("example") for shape in shapes):
            shapeless.append(f"{verb.upper()} {path}")
    # A matching file has a schema of its own: `tueroeffner match` reads it.
    files = ["GET /v1/cities/{city}/rounds/{round_id}/instance"] if name == "matching" else []
    assert shapeless == files


def test_every_operation_tells_how_it_refuses(told: tuple[str, dict[str, Any]]) -> None:
    for path, verb, operation in operations(told[1]):
        refusals = {status for status in operation["responses"] if status >= "400"}
        wanted = {"400", "401", "403", "404", "422", "503"}
        assert refusals >= wanted | (set() if verb == "get" else {"409", "413", "415"}), path
        for status in refusals:
            shape = operation["responses"][status]["content"]["application/problem+json"]["schema"]
            assert shape == {"$ref": "#/components/schemas/Problem"}, (path, status)


def test_if_match_is_told_where_a_version_is_needed_and_nowhere_else(told: tuple[str, dict[str, Any]]) -> None:
    name, schema = told
    for path, verb, operation in operations(schema):
        needed = verb == "patch" or (name, path) in ON_A_VERSION
        headers = {item["name"] for item in operation.get("parameters", []) if item["in"] == "header"}
        assert ("If-Match" in headers) == needed == ("428" in operation["responses"]), (verb, path)


def test_every_resource_says_what_may_be_done_with_it(told: tuple[str, dict[str, Any]]) -> None:
    shapes = told[1]["components"]["schemas"]
    versioned = {shape for shape, content in shapes.items() if "version" in content.get("properties", {})}
    assert len(versioned) >= 3
    assert {shape for shape in versioned if "actions" not in shapes[shape]["properties"]} == set()

"""What each service's OpenAPI says of every operation, said in the same way by all of them."""

import re
from typing import Any

import pytest

from deploy.documents import services, unconnected_app

Operation = dict[str, Any]
# Acts that begin from what the caller sees, besides every PATCH.
ON_A_VERSION = {
    ("visits", "/v1/cities/{city}/visits/{visit}:void"),
    ("visits", "/v1/cities/{city}/activities/{activity}:void"),
    *(
        ("matching", f"/v1/cities/{{city}}/tandems/{{tandem_id}}:{act}")
        for act in ("try", "activate", "pause", "resume", "end", "reopen")
    ),
}
# Acts that change nothing.
ON_NOTHING = {
    ("matching", "/v1/cities/{city}/policies/{programme}:preview"),
    ("reporting", "/v1/cities/{city}/programmes/{programme}/report:write"),
    ("reporting", "/v1/cities/{city}/reports/{report}:print"),
    ("reporting", "/v1/cities/{city}/reports/{report}:verify"),
}
ACT = re.compile(r"\}:[a-z]+$")


def operations(schema: dict[str, Any]) -> list[tuple[str, str, Operation]]:
    """Path, method and operation of everything that needs a token."""
    every = [(path, verb, told) for path, verbs in schema["paths"].items() for verb, told in verbs.items()]
    return [(path, verb, told) for path, verb, told in every if told["security"]]


@pytest.fixture(scope="module", params=services().values(), ids=lambda service: service.name)
def told(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """A service's name and its document."""
    return request.param.name, unconnected_app(request.param).openapi()


def test_every_answer_has_a_shape(told: tuple[str, dict[str, Any]]) -> None:
    name, schema = told
    shapeless = []
    for path, verb, operation in operations(schema):
        done = [answer for status, answer in operation["responses"].items() if status < "300"]
        shapes = [shape for answer in done for shape in answer.get("content", {}).items()]
        if not any(content.get("schema") or content.get("example") or "json" not in kind for kind, content in shapes):
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


def test_if_match_is_needed_by_changes_and_may_come_with_acts(told: tuple[str, dict[str, Any]]) -> None:
    name, schema = told
    for path, verb, operation in operations(schema):
        needed = verb in ("patch", "put") or (name, path) in ON_A_VERSION
        headers = {item["name"]: item["required"] for item in operation.get("parameters", []) if item["in"] == "header"}
        may = ACT.search(path) is not None and (name, path) not in ON_A_VERSION | ON_NOTHING
        assert headers.get("If-Match") == (True if needed else False if may else None), (verb, path)
        assert ("428" in operation["responses"]) == needed, (verb, path)


def test_every_resource_says_what_may_be_done_with_it(told: tuple[str, dict[str, Any]]) -> None:
    shapes = told[1]["components"]["schemas"]
    versioned = {shape for shape, content in shapes.items() if "version" in content.get("properties", {})}
    assert len(versioned) >= 2
    assert {shape for shape in versioned if "actions" not in shapes[shape]["properties"]} == set()

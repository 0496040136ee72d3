"""The AsyncAPI document keeps to the standard, and says of every topic what the catalogue and the examples say."""

import copy
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contracts.asyncapi import asyncapi
from shared.contracts.catalog import BY_NAME, TOPICS, Topic
from shared.contracts.documents import examples_of

VENDOR = Path(__file__).parent / "vendor"
SCHEMA = VENDOR / "asyncapi-3.0.0.json"
EACH = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


@cache
def document() -> Any:
    return asyncapi("0.0.0")


@cache
def standard() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))


def faults(candidate: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in standard().iter_errors(candidate)]


def payload(name: str) -> jsonschema.Draft7Validator:
    """What checks a message's payload, by the document alone."""
    whole = {**document()["components"]["messages"][name]["payload"], "components": document()["components"]}
    return jsonschema.Draft7Validator(whole)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for item in part:
            yield from references(item)


def test_vendored_schema_is_the_one_that_the_page_names() -> None:
    assert hashlib.sha256(SCHEMA.read_bytes()).hexdigest() in (VENDOR / "README.md").read_text()


def test_document_keeps_to_asyncapi() -> None:
    assert faults(document()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("channels", "registry.sites.v1", "adress"), "x"),
        (("operations", "registry.sends.registry.sites.v1", "action"), "publish"),
        (("channels", "registry.sites.v1", "bindings", "kafka", "partitions"), "six"),
        (("components", "schemas", "de.tueroeffner.registry.site.v1.data", "type"), "thing"),
        (("info", "version"), None),
    ],
)
def test_standard_sees_what_does_not_keep_to_it(path: tuple[str, ...], value: Any) -> None:
    damaged = copy.deepcopy(document())
    part = damaged
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    assert faults(damaged) != []


def test_every_reference_leads_somewhere() -> None:
    found = set(references(document()))
    assert len(found) > 3 * len(TOPICS)
    for reference in found:
        part = document()
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


@EACH
def test_operations_name_the_writer_and_every_reader(topic: Topic) -> None:
    mine = [one for one in document()["operations"].values() if one["channel"]["$ref"] == f"#/channels/{topic.name}"]
    sends = [one["x-service"] for one in mine if one["action"] == "send"]
    receives = [one["x-service"] for one in mine if one["action"] == "receive"]
    assert (sends, receives) == ([topic.owner], list(topic.consumers))


@EACH
def test_examples_fit_the_payload_and_damage_does_not(topic: Topic) -> None:
    check = payload(topic.type)
    examples = document()["components"]["messages"][topic.type]["examples"]
    assert {one["name"] for one in examples} == set(examples_of(topic))
    for one in examples:
        assert [error.message for error in check.iter_errors(one["payload"])] == []
        assert not check.is_valid({**one["payload"], "type": "de.tueroeffner.other.v1"})
        assert not check.is_valid({**one["payload"], "data": {**one["payload"]["data"], topic.key: {"no": "key"}}})
        assert not check.is_valid({name: value for name, value in one["payload"].items() if name != "sequence"})


def test_tombstone_is_null_and_a_beat_is_empty() -> None:
    gone, beat = payload(f"{BY_NAME['registry.persons.v1'].type}.gone"), payload("beat")
    assert (gone.is_valid(None), gone.is_valid({})) == (True, False)
    assert (beat.is_valid({}), beat.is_valid({"data": 1})) == (True, False)

"""The hand-written examples of events: schema and class agree about them, and every reader can read them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from bson import BSON

from deploy.documents import services
from shared.contracts.base import emit
from shared.contracts.catalog import BY_NAME, TOPICS, Topic, topics_for
from shared.contracts.documents import examples_of, schema_of
from shared.kernel.errors import Poison
from shared.messaging.events import Event, decode
from shared.messaging.kafka import ConsumerRecord
from shared.messaging.projection import Mirror
from shared.storage.rows import event_row

EXAMPLES = [(topic, name) for topic in TOPICS for name in examples_of(topic)]
EACH = pytest.mark.parametrize(("topic", "name"), EXAMPLES, ids=lambda value: getattr(value, "name", value))


def violations(topic: Topic, data: Any) -> list[str]:
    checker = jsonschema.Draft202012Validator(schema_of(topic))
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(data)]


def record_of(topic: Topic, data: Any) -> ConsumerRecord:
    """The example as its owner would send it, byte for byte."""
    row = event_row(
        "musterhafen",
        topic.owner,
        topic.contract.model_validate(data),
        sequence=3,
        fact="told",
        moment="2026-01-15T08:30:00.000Z",
        correlation="example",
    )
    headers = {"id": row["_id"], "type": row["type"], "time": row["time"], "city": row["city"]}
    headers |= {"sequence": str(row["sequence"]), "subject": row["subject"]}
    raw = tuple((f"ce_{key}", value.encode()) for key, value in headers.items())
    return ConsumerRecord(topic.name, 0, 0, 0, 0, row["key"].encode(), row["value"], None, -1, -1, raw)


@EACH
def test_example_fits_schema_and_class_and_is_written_back_as_it_was(topic: Topic, name: str) -> None:
    data = examples_of(topic)[name]
    jsonschema.Draft202012Validator.check_schema(schema_of(topic))
    assert violations(topic, data) == []
    state = topic.contract.model_validate(data)
    assert emit(state) == data


@EACH
def test_example_without_what_is_optional_is_the_same_to_a_reader(topic: Topic, name: str) -> None:
    data, schema = examples_of(topic)[name], schema_of(topic)
    lean = {
        key: value
        for key, value in data.items()
        if key in schema["required"] or value != schema["properties"][key].get("default")
    }
    assert violations(topic, lean) == []
    assert topic.contract.model_validate(lean) == topic.contract.model_validate(data)
    assert topic.contract.model_validate({**data, "of_a_later_release": [1]}) == topic.contract.model_validate(data)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_examples_fill_every_field(topic: Topic) -> None:
    properties, examples = schema_of(topic)["properties"], examples_of(topic)
    assert set(examples) >= {"full", "minimal"}
    unused = {
        name
        for name, form in properties.items()
        if "default" in form and all(data[name] == form["default"] for data in examples.values())
    }
    assert unused <= {"status"}, "a field that no example fills is proven by none"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_schema_and_class_refuse_the_same_damage(topic: Topic) -> None:
    full = examples_of(topic)["full"]
    for damaged in damages(full):
        told = violations(topic, damaged)
        try:
            topic.contract.model_validate(damaged)
            taken = True
        except ValueError:
            taken = False
        assert bool(told) != taken, (told, damaged)


def damages(full: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Copies of an example: without a field, or with an object where none may be."""
    for field in full:
        yield {key: value for key, value in full.items() if key != field}
        yield {**copy.deepcopy(full), field: {"$": 1}}


@EACH
def test_example_travels_through_kafka_and_arrives_as_it_was(topic: Topic, name: str) -> None:
    data = examples_of(topic)[name]
    event = decode(topic.name, record_of(topic, data))
    assert isinstance(event, Event)
    assert event.state == topic.contract.model_validate(data)
    assert (event.city, event.key, event.sequence) == ("musterhafen", str(data[topic.key]), 3)


def test_example_under_another_key_is_poison() -> None:
    topic = BY_NAME["registry.sites.v1"]
    record = record_of(topic, examples_of(topic)["full"])
    moved = ConsumerRecord(*[b"elsewhere/laden" if value == record.key else value for value in vars(record).values()])
    with pytest.raises(Poison, match="key-of-another-subject"):
        decode(topic.name, moved)


@pytest.mark.parametrize("service", sorted(services()))
def test_service_has_a_projection_of_each_topic_that_it_is_said_to_read(service: str) -> None:
    read = [projection.topic.name for projection in services()[service].projections]
    assert sorted(read) == sorted(topic.name for topic in topics_for(service))
    assert len(set(read)) == len(read)


@EACH
def test_readers_keep_the_example_as_a_document(topic: Topic, name: str) -> None:
    event = decode(topic.name, record_of(topic, examples_of(topic)[name]))
    assert isinstance(event, Event)
    assert event.state is not None
    for service in services().values():
        for projection in service.projections:
            if projection.topic is topic and isinstance(projection, Mirror):
                kept = projection.keep(event.state)
                assert BSON.encode(kept).decode() == json.loads(json.dumps(kept))

"""The catalogue of topics as an AsyncAPI 3.0 document: who sends and who receives what on which topic, and how."""

import copy
import json
from collections.abc import Callable
from typing import Any, Final

from shared.contracts.base import LARGEST_EVENT
from shared.contracts.catalog import PARTITIONS, TOPICS, Topic
from shared.contracts.documents import examples_of, schema_of
from shared.contracts.envelope import BEAT_KEY, BEAT_TYPE, CONTENT_TYPE, Envelope

PATH: Final = "docs/asyncapi.json"
_KAFKA: Final = "0.5.0"
_ABOUT: Final = (
    "Whole states on compacted topics: the record of a key with the highest `ce_sequence` is what is true now, a null "
    "value says that the aggregate is gone. Gaps, repeats and old records are normal. No event says who somebody is."
)
_HEADERS: Final = {
    "ce_id": "The event's id; a repeat has the same.",
    "ce_type": "The CloudEvents type.",
    "ce_time": "When the state came to be, RFC 3339 in UTC.",
    "ce_city": "The city's slug.",
    "ce_sequence": "The aggregate's version, a whole number from 1.",
    "ce_subject": "The aggregate: its noun, a slash, its id or slug.",
}
_BEAT: Final = {
    "name": "beat",
    "title": "A sign of life",
    "summary": "Rolls a quiet partition, so that compaction reaches what was erased, and vouches for all older states.",
    "contentType": "application/json",
    "headers": {
        "type": "object",
        "required": ["ce_id", "ce_type", "ce_time"],
        "properties": {
            "ce_id": {"type": "string"},
            "ce_type": {"type": "string", "const": BEAT_TYPE},
            "ce_time": {"type": "string", "format": "date-time"},
        },
    },
    "payload": {"type": "object", "maxProperties": 0},
    "bindings": {
        "kafka": {"key": {"type": "string", "pattern": rf"^{BEAT_KEY}[0-9]+$"}, "bindingVersion": _KAFKA},
    },
}


def asyncapi(version: str) -> dict[str, Any]:
    """The document of all topics for a release."""
    schemas: dict[str, Any] = {}
    for topic in TOPICS:
        schemas |= _schemas(topic)
    messages = {topic.type: _state(topic) for topic in TOPICS}
    messages |= {f"{topic.type}.gone": _gone(topic) for topic in TOPICS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Türöffner",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The brokers that `TUEROEFFNER_KAFKA` names.",
                "variables": {"bootstrap": {"default": "127.0.0.1:9092"}},
            }
        },
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {name: one for topic in TOPICS for name, one in _operations(topic).items()},
        "components": {"messages": {**messages, "beat": _BEAT}, "schemas": schemas},
    }


def written(version: str) -> dict[str, str]:
    """The generated file by its path below the project's folder."""
    return {PATH: json.dumps(asyncapi(version), ensure_ascii=False, indent=2) + "\n"}


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "summary": (topic.contract.__doc__ or "").strip(),
        "description": f"Deployments that share a Kafka put a prefix before the name. Key: {_key_in_words(topic)}.",
        "messages": {
            "state": _ref("messages", topic.type),
            "gone": _ref("messages", f"{topic.type}.gone"),
            "beat": _ref("messages", "beat"),
        },
        "tags": [{"name": topic.owner}],
        "bindings": {
            "kafka": {
                "partitions": PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["compact"]},
                "bindingVersion": _KAFKA,
            }
        },
    }


def _operations(topic: Topic) -> dict[str, Any]:
    def operation(action: str, service: str) -> dict[str, Any]:
        verb = "keeps" if action == "receive" else "tells of"
        return {
            "action": action,
            "channel": {"$ref": f"#/channels/{topic.name}"},
            "summary": f"{service} {verb} every state.",
            "tags": [{"name": service}],
            "x-service": service,
        }

    readers = {f"{service}.receives.{topic.name}": operation("receive", service) for service in topic.consumers}
    return {f"{topic.owner}.sends.{topic.name}": operation("send", topic.owner), **readers}


def _state(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.type,
        "title": topic.contract.__name__,
        "summary": f"A {topic.noun}'s whole shareable state, at most {LARGEST_EVENT // 1024} KiB.",
        "contentType": CONTENT_TYPE,
        "headers": _headers(topic),
        "payload": _ref("schemas", topic.type),
        "bindings": _key(topic),
        "examples": [{"name": name, "payload": _event(topic, data)} for name, data in examples_of(topic).items()],
    }


def _gone(topic: Topic) -> dict[str, Any]:
    return {
        "name": f"{topic.type}.gone",
        "title": "A tombstone",
        "summary": f"The {topic.noun} is gone; Kafka forgets its earlier states.",
        "headers": _headers(topic),
        "payload": {"type": "null"},
        "bindings": _key(topic),
    }


def _headers(topic: Topic) -> dict[str, Any]:
    properties: dict[str, Any] = {name: {"type": "string", "description": text} for name, text in _HEADERS.items()}
    properties["ce_type"]["const"] = topic.type
    properties["ce_sequence"]["pattern"] = "^[1-9][0-9]*$"
    return {"type": "object", "required": list(_HEADERS), "properties": properties}


def _key(topic: Topic) -> dict[str, Any]:
    return {
        "kafka": {"key": {"type": "string", "description": f"{_key_in_words(topic)}."}, "bindingVersion": _KAFKA},
    }


def _key_in_words(topic: Topic) -> str:
    return f"`{topic.key}`" if topic.of_cities else f"the city's slug, a slash, `{topic.key}`"


def _schemas(topic: Topic) -> dict[str, Any]:
    """The envelope of a topic, its contract, and the parts of that, each under a name of its own."""
    contract = schema_of(topic)
    parts = {f"{topic.type}.{name}": part for name, part in contract.pop("$defs", {}).items()}
    parts[f"{topic.type}.data"] = {key: value for key, value in contract.items() if key not in ("$schema", "$id")}
    moved = _with_refs(parts, lambda ref: f"#/components/schemas/{topic.type}.{ref.removeprefix('#/$defs/')}")
    return {topic.type: _envelope(topic), **moved}


def _envelope(topic: Topic) -> dict[str, Any]:
    schema = copy.deepcopy(Envelope.model_json_schema())
    for form in schema["properties"].values():
        form.pop("title", None)
    schema["properties"] |= {
        "specversion": {"type": "string", "const": "1.0"},
        "type": {"type": "string", "const": topic.type},
        "dataschema": {"type": "string", "const": topic.schema},
        "data": _ref("schemas", f"{topic.type}.data"),
    }
    return schema


def _event(topic: Topic, data: dict[str, Any]) -> dict[str, Any]:
    """An example of the data as the event that would carry it."""
    return {
        "specversion": "1.0",
        "id": "evt_00000000000000000000000000",
        "source": f"/cities/musterhafen/{topic.owner}",
        "type": topic.type,
        "subject": f"{topic.noun}/{data[topic.key]}",
        "time": "2026-01-15T08:30:00.000Z",
        "datacontenttype": "application/json",
        "dataschema": topic.schema,
        "city": "musterhafen",
        "sequence": 1,
        "fact": "told",
        "correlationid": "example-1",
        "data": data,
    }


def _with_refs(part: Any, move: Callable[[str], str]) -> Any:
    if isinstance(part, dict):
        return {
            name: move(value) if name == "$ref" and isinstance(value, str) else _with_refs(value, move)
            for name, value in part.items()
        }
    return [_with_refs(item, move) for item in part] if isinstance(part, list) else part


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}

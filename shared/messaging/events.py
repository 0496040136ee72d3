"""Records as events: decoding, and what makes a record poison."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import create_model

from shared.contracts.base import Contract
from shared.contracts.catalog import BY_NAME, Topic
from shared.contracts.envelope import BEAT_KEY, BEAT_TYPE, Envelope, Headers, read_headers
from shared.kernel.errors import Poison
from shared.messaging.kafka import ConsumerRecord

_TYPES: Final = {name: topic.type for name, topic in BY_NAME.items()}


@dataclass(frozen=True, slots=True)
class Event:
    """A new state of an aggregate; ``state`` is ``None`` for a tombstone."""

    topic: Topic
    city: str
    key: str
    sequence: int
    id: str
    time: str
    state: Contract | None
    trace: str = ""
    """The ``traceparent`` of whoever sent the record, or the empty text."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A record that says only: the sender is alive, and had nothing older to send."""

    time: str


def decode(topic_name: str, record: ConsumerRecord) -> Event | Beat:
    """The record as an event. Raises ``Poison`` with a reason's code for what can never be read."""
    topic = BY_NAME[topic_name]
    raw = dict(record.headers)
    if record.key is not None and record.key.startswith(BEAT_KEY.encode()):
        return _beat(raw)
    try:
        headers = read_headers(raw)
    except (ValueError, UnicodeDecodeError) as fault:
        raise Poison("headers-unreadable") from fault
    if headers.type != _TYPES[topic_name]:
        raise Poison("type-unknown")
    key = headers.subject.partition("/")[2]
    if record.key is None or record.key.decode(errors="replace") != topic.kafka_key(headers.city, key):
        raise Poison("key-of-another-subject")
    state = None if record.value is None else _state(topic, headers, key, record.value)
    trace = raw.get("traceparent", b"").decode(errors="replace")
    return Event(topic, headers.city, key, headers.sequence, headers.id, headers.time, state, trace)


def _beat(raw: dict[str, bytes]) -> Beat:
    if raw.get("ce_type") != BEAT_TYPE.encode() or "ce_time" not in raw:
        raise Poison("beat-unreadable")
    return Beat(raw["ce_time"].decode(errors="replace"))


def _state(topic: Topic, headers: Headers, key: str, value: bytes) -> Contract:
    try:
        envelope: Any = _whole(topic.contract).model_validate_json(value)
    except ValueError as fault:
        raise Poison("value-unreadable") from fault
    state: Contract = envelope.data
    same = (envelope.city, envelope.sequence, envelope.type) == (headers.city, headers.sequence, headers.type)
    if not same or str(getattr(state, topic.key)) != key:
        raise Poison("value-and-headers-differ")
    return state


@cache
def _whole(contract: type[Contract]) -> type[Envelope]:
    """The envelope with its data as one form: the bytes are walked through once, and no dictionary is made of them."""
    return create_model(f"Envelope of {contract.__name__}", __base__=Envelope, data=(contract, ...))

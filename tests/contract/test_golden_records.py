"""What earlier releases wrote is read as it was meant, by the contract and by every projection."""

import json
from typing import Any

import pytest
from bson import BSON

from deploy.documents import services
from shared.contracts.base import emit
from shared.contracts.catalog import BY_NAME, TOPICS, Topic
from shared.messaging.events import Event, decode
from shared.messaging.projection import Mirror
from tests.contract.golden_records import CITY, FOLDER, as_record, golden_of

EACH = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def held(frozen: Any, read: Any) -> bool:
    """Whether what was written is in what was read; a later release may know more."""
    if isinstance(frozen, dict):
        return isinstance(read, dict) and all(
            name in read and held(value, read[name]) for name, value in frozen.items()
        )
    if isinstance(frozen, list):
        both = zip(frozen, read, strict=True) if isinstance(read, list) and len(frozen) == len(read) else None
        return both is not None and all(held(old, new) for old, new in both)
    return bool(frozen == read)


@EACH
def test_record_of_an_earlier_release_is_read_as_it_was_written(topic: Topic) -> None:
    records = golden_of(topic)
    assert records.keys() >= {"full", "minimal", "gone"}
    for name, golden in records.items():
        event = decode(topic.name, as_record(topic, golden))
        assert isinstance(event, Event)
        assert (event.city, event.sequence) == (event.key if topic.of_cities else CITY, 4 if name == "gone" else 3)
        if golden["value"] is None:
            assert event.state is None
        else:
            assert event.state is not None
            assert held(json.loads(golden["value"])["data"], emit(event.state)), name


@EACH
def test_record_of_an_earlier_release_is_kept_by_every_reader(topic: Topic) -> None:
    readers = [one for service in services().values() for one in service.projections if one.topic is topic]
    for golden in golden_of(topic).values():
        event = decode(topic.name, as_record(topic, golden))
        assert isinstance(event, Event)
        for reader in readers:
            if isinstance(reader, Mirror) and event.state is not None:
                assert BSON.encode(reader.keep(event.state))


def test_every_golden_record_is_of_a_topic_that_is_still_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(BY_NAME)


def test_lost_or_changed_field_is_seen() -> None:
    written = {"a": [{"b": 1}], "c": None}
    assert held(written, {"a": [{"b": 1, "new": 2}], "c": None, "d": 3})
    others: list[Any] = [{"a": [{"b": 1}]}, {"a": [{"b": 2}], "c": None}, {"a": [], "c": None}, {"a": {}, "c": None}]
    assert [read for read in others if held(written, read)] == []

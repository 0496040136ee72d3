"""Records become events in one step, or are set aside with a reason; nothing in them is believed unseen."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.envelope import Headers
from shared.contracts.visits import VisitV1
from shared.kernel.errors import Poison
from shared.kernel.ids import new_id
from shared.messaging.events import Event, decode
from shared.messaging.kafka import ConsumerRecord
from shared.storage.rows import event_row

TOPIC = "visits.visits.v1"
MOMENT = "2026-01-15T12:00:00.000Z"


def record(change: Callable[[dict[str, Any]], object] = lambda event: None) -> ConsumerRecord:
    """A visit as it is sent, after a change of its value."""
    ids = {name: new_id(kind) for name, kind in (("tandem", "tan"), ("engagement", "eng"), ("participation", "ptc"))}
    visit = VisitV1(
        id=new_id("vis"), **ids, date="2026-01-15", programme="paten", kind="meeting", minutes=0, recorded_at=MOMENT
    )
    row = event_row("ort", "visits", visit, sequence=3, fact="logged", moment=MOMENT, correlation="c")
    event = json.loads(row["value"])
    change(event)
    headers = Headers(row["_id"], row["type"], row["time"], "ort", 3, row["subject"]).as_kafka()
    return ConsumerRecord(TOPIC, 0, 0, 0, 0, row["key"].encode(), json.dumps(event).encode(), None, -1, -1, headers)


def recorded_at(value: str) -> Callable[[dict[str, Any]], object]:
    return lambda event: event["data"].update(recorded_at=value)


def test_the_state_is_the_contract_that_was_sent() -> None:
    sent = record()
    event = decode(TOPIC, sent)
    assert isinstance(event, Event)
    assert event.state == VisitV1.model_validate(json.loads(sent.value)["data"])
    assert (event.city, event.sequence, event.time) == ("ort", 3, MOMENT)


@pytest.mark.parametrize(
    "other", ["2026-01-15T13:00:00+01:00", "2026-01-15T12:00:00.000999Z", "2026-01-15 12:00:00.000Z"]
)
def test_an_instant_in_another_form_is_read_as_ours(other: str) -> None:
    event = decode(TOPIC, record(recorded_at(other)))
    assert isinstance(event, Event)
    assert isinstance(event.state, VisitV1)
    assert event.state.recorded_at == MOMENT


@pytest.mark.parametrize(
    "change",
    [
        recorded_at("2026-02-30T12:00:00.000Z"),
        recorded_at("2026-01-15T24:00:00.000Z"),
        recorded_at("٢٠٢٦-01-15T12:00:00.000Z"),
        recorded_at(MOMENT + "\n"),
        lambda event: event.update(data=[]),
        lambda event: event.update(time="soon"),
        lambda event: event.pop("dataschema"),
    ],
)
def test_what_is_wrong_in_envelope_or_data_is_poison(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(Poison, match="value-unreadable"):
        decode(TOPIC, record(change))


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"[" * 100_000, b"\xff\xfe{}", b'{"data": "\xed\xa0\x80"}'])
def test_what_is_no_json_is_poison(value: bytes) -> None:
    sent = record()
    fields = {**vars(sent), "value": value}
    with pytest.raises(Poison, match="value-unreadable"):
        decode(TOPIC, ConsumerRecord(**fields))


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event.update(sequence=4),
        lambda event: event.update(city="anderswo"),
        lambda event: event["data"].update(id=new_id("vis")),
    ],
)
def test_a_value_that_is_another_than_its_headers_say_is_poison(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(Poison, match="value-and-headers-differ"):
        decode(TOPIC, record(change))

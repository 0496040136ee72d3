"""Outbox rows: an event, written in the transaction of the change that it tells of."""

from collections.abc import Sequence

from shared.contracts.base import LARGEST_EVENT, Contract, emit
from shared.contracts.catalog import BY_CONTRACT, Topic
from shared.contracts.envelope import Headers
from shared.kernel.canonical import canonical_json
from shared.kernel.ids import new_id
from shared.storage.mongo import Document


def event_row(
    city: str,
    service: str,
    contract: Contract,
    *,
    sequence: int,
    fact: str,
    moment: str,
    correlation: str,
    erases: bool = False,
    trace: str = "",
) -> Document:
    """The row for one new version of an aggregate. Raises ``ValueError`` where the event would be too large.

    ``erases``: its earlier versions must leave Kafka's files, as they must behind a tombstone.
    """
    topic = BY_CONTRACT[type(contract)]
    aggregate = str(getattr(contract, topic.key))
    headers = _headers(topic, city, aggregate, sequence, moment)
    # As ``Envelope`` reads it; to have the model write it would walk through all of it twice more.
    envelope = {
        "specversion": "1.0",
        "id": headers.id,
        "source": f"/cities/{city}/{service}",
        "type": topic.type,
        "subject": headers.subject,
        "time": moment,
        "datacontenttype": "application/json",
        "dataschema": topic.schema,
        "city": city,
        "sequence": sequence,
        "fact": fact,
        "correlationid": correlation,
        "data": emit(contract),
    }
    value = canonical_json(envelope | {"traceparent": trace} if trace else envelope)
    if len(value) > LARGEST_EVENT:
        raise ValueError(f"an event of {topic.name} has {len(value)} bytes; {LARGEST_EVENT} is the most")
    return _row(topic, city, aggregate, headers, value, erases=erases, trace=trace)


def tombstone_row(
    city: str, contract: type[Contract], aggregate: str, *, sequence: int, moment: str, trace: str = ""
) -> Document:
    """The row that says: this aggregate is gone."""
    topic = BY_CONTRACT[contract]
    headers = _headers(topic, city, aggregate, sequence, moment)
    return _row(topic, city, aggregate, headers, None, erases=True, trace=trace)


def _headers(topic: Topic, city: str, aggregate: str, sequence: int, moment: str) -> Headers:
    subject = f"{topic.noun}/{aggregate}"
    return Headers(id=new_id("evt"), type=topic.type, time=moment, city=city, sequence=sequence, subject=subject)


def _row(
    topic: Topic, city: str, aggregate: str, headers: Headers, value: bytes | None, *, erases: bool, trace: str
) -> Document:
    row: Document = {
        "_id": headers.id,
        "topic": topic.name,
        "key": topic.kafka_key(city, aggregate),
        "sequence": headers.sequence,
        "type": headers.type,
        "time": headers.time,
        "city": city,
        "subject": headers.subject,
        "value": value,
        "erases": erases,
        "tries": 0,
        "stuck": False,
    }
    return {**row, "trace": trace} if trace else row


def mark_last(rows: Sequence[Document]) -> None:
    """Marks the last row of a transaction: what watches outboxes is told of each transaction once."""
    rows[-1]["last"] = True

"""CloudEvents 1.0 in structured JSON, and the headers that every record carries."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import Id, Instant, Slug
from shared.kernel.classified import classified

CONTENT_TYPE: Final = "application/cloudevents+json"
BEAT_TYPE: Final = "de.tueroeffner.beat.v1"
BEAT_KEY: Final = "_beat."


@classified(
    internal="specversion id source type time datacontenttype dataschema city sequence fact correlationid "
    "causationid traceparent data",
    personal="subject",
)
class Envelope(BaseModel):
    """One version of one aggregate. ``fact`` is for people and traces; no consumer branches on it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    specversion: str = "1.0"
    id: Id
    source: str
    type: str
    subject: str
    time: Instant
    datacontenttype: str = "application/json"
    dataschema: str
    city: Slug
    sequence: int = Field(ge=1)
    fact: str
    correlationid: str
    causationid: str | None = None
    traceparent: str | None = None
    data: dict[str, Any]


@classified(internal="id type time city sequence", personal="subject")
@dataclass(frozen=True, slots=True)
class Headers:
    """What stands in the headers of every record, tombstones too."""

    id: str
    type: str
    time: str
    city: str
    sequence: int
    subject: str

    def as_kafka(self) -> list[tuple[str, bytes]]:
        """The headers as Kafka takes them."""
        return [
            ("ce_id", self.id.encode()),
            ("ce_type", self.type.encode()),
            ("ce_time", self.time.encode()),
            ("ce_city", self.city.encode()),
            ("ce_sequence", str(self.sequence).encode()),
            ("ce_subject", self.subject.encode()),
            ("content-type", CONTENT_TYPE.encode()),
        ]


def read_headers(raw: dict[str, bytes]) -> Headers:
    """The headers of a record. Raises ``ValueError`` where one is missing or not readable."""
    try:
        return Headers(
            id=raw["ce_id"].decode(),
            type=raw["ce_type"].decode(),
            time=raw["ce_time"].decode(),
            city=raw["ce_city"].decode(),
            sequence=int(raw["ce_sequence"]),
            subject=raw["ce_subject"].decode(),
        )
    except KeyError as missing:
        raise ValueError(f"header {missing.args[0]} is missing") from missing


def beat_headers(event_id: str, time: str) -> list[tuple[str, bytes]]:
    """The headers of a beat: id, type and time only."""
    return [("ce_id", event_id.encode()), ("ce_type", BEAT_TYPE.encode()), ("ce_time", time.encode())]

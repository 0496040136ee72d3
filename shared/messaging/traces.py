"""The trace of an event on its way: sent, taken out of a poll, written into a projection."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from shared.messaging.events import Event
from shared.observability import tracing
from shared.observability.tracing import Span
from shared.storage.mongo import Document

TRACE_HEADER: Final = "traceparent"


def sending(row: Document) -> Span:
    """The span of one sending of an outbox row; the record carries it on."""
    topic = row["topic"]
    return tracing.start(
        f"send {topic}",
        "producer",
        row.get("trace", ""),
        city=row["city"],
        messaging__system="kafka",
        messaging__operation__type="send",
        messaging__destination__name=topic,
    )


def headers_of(row: Document, traceparent: str) -> list[tuple[str, bytes]]:
    """The headers of a row that has a trace: where the event came to be, and who sent it now."""
    origin = row.get("trace", "")
    if not origin:
        return []
    return [("ce_traceparent", origin.encode()), (TRACE_HEADER, (traceparent or origin).encode())]


@contextmanager
def processing(events: Sequence[Event]) -> Iterator[dict[str, str]]:
    """A span for each event of a poll that has a trace; gives their ``traceparent`` by the events' ids."""
    with _each("process", "consumer", events, messaging__system="kafka", messaging__operation__type="process") as spans:
        yield {event.id: span.traceparent for event, span in zip(events, spans, strict=True) if span.traceparent}


@contextmanager
def projecting(collection: str, events: Sequence[Event], parents: dict[str, str]) -> Iterator[Sequence[Event]]:
    """A span for each of these events while they are applied; what they ask for goes on from it."""
    if not parents:
        yield events
        return
    below = [replace(event, trace=parents.get(event.id, event.trace)) for event in events]
    with _each("project", "internal", below, collection=collection) as spans:
        yield [replace(event, trace=span.traceparent) for event, span in zip(below, spans, strict=True)]


@contextmanager
def _each(verb: str, kind: str, events: Sequence[Event], **attributes: Any) -> Iterator[list[Span]]:
    spans = [
        tracing.start(
            f"{verb} {event.topic.name}",
            kind,
            event.trace,
            city=event.city,
            messaging__destination__name=event.topic.name,
            **attributes,
        )
        for event in events
    ]
    fault: BaseException | None = None
    try:
        yield spans
    except BaseException as raised:
        fault = raised
        raise
    finally:
        for span in spans:
            span.end(fault)

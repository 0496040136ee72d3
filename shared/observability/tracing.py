"""Traces: from a request over the outbox, Kafka and a projection to the command that it led to. Off by default.

While off, nothing of OpenTelemetry is loaded, and every call here is one comparison. Contexts are handed on by
ourselves, as W3C ``traceparent`` texts in outbox rows, headers and reactions: between them lie processes and
transactions that may be repeated. A span begins only where a trace is (or at a request), so that the work of an idle
service makes none. Attributes are a closed list, and what looks like a person's id is cut out of them.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from shared.observability.logs import without_people

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

ALLOWED: Final = frozenset({
    "city", "collection", "error.type", "http.request.method", "http.response.status_code", "http.route",
    "messaging.destination.name", "messaging.operation.type", "messaging.system", "reaction", "service",
})  # fmt: skip
"""What a span may say. Whatever else is given is left out."""
_TRACEPARENT: Final = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")
_NOTHING: Final = ("0" * 32, "0" * 16)
_SAMPLED: Final = 1

_api: Any = None
"""The module of OpenTelemetry's API with our tracer and provider, or ``None`` while tracing is off."""


class _Api:
    """What is loaded when tracing is on."""

    def __init__(self, service: str, processor: "SpanProcessor", percent: int) -> None:
        from opentelemetry import context, trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

        self.trace, self.context = trace, context
        resource = Resource({"service.name": f"tueroeffner-{service}"})
        self.provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(percent / 100)), resource=resource, shutdown_on_exit=False
        )
        self.provider.add_span_processor(processor)
        self.tracer = self.provider.get_tracer("tueroeffner")


def turn_on(service: str, processor: "SpanProcessor", percent: int = 100) -> None:
    """From now on spans are made and given to ``processor``; of new traces so many percent."""
    global _api  # noqa: PLW0603  # one process, one tracer
    _api = _Api(service, processor, percent)


def turn_on_export(service: str, endpoint: str, percent: int) -> None:
    """Sends spans to a collector by OTLP over HTTP, in batches and from a thread of its own."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    turn_on(service, BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=5)), percent)


def turn_off() -> None:
    """Sends what is left, and makes no more."""
    global _api
    if _api is not None:
        api, _api = _api, None
        api.provider.shutdown()


def is_on() -> bool:
    """Whether spans are made."""
    return _api is not None


def current() -> str:
    """The ``traceparent`` of the span that this runs in; the empty text outside of any."""
    return "" if _api is None else _text_of(_api.trace.get_current_span().get_span_context())


class Span:
    """One span that was begun; ``traceparent`` is what others go on from."""

    __slots__ = ("_span", "traceparent")

    def __init__(self, span: Any, traceparent: str) -> None:
        self._span = span
        self.traceparent = traceparent

    def say(self, **attributes: str | int) -> None:
        """Adds attributes, their dots written as ``__``; those that are not on the list are left out."""
        if self._span is not None:
            self._span.set_attributes(_clean(attributes))

    def name(self, name: str) -> None:
        """Gives the span another name."""
        if self._span is not None:
            self._span.update_name(without_people(name))

    def end(self, fault: BaseException | None = None) -> None:
        """Ends the span; of a fault its type is told, never its text."""
        if self._span is None or _api is None:
            return
        if fault is not None:
            self._span.set_attribute("error.type", type(fault).__name__)
            self._span.set_status(_api.trace.Status(_api.trace.StatusCode.ERROR))
        self._span.end()


_NONE: Final = Span(None, "")


def start(name: str, kind: str, parent: str, **attributes: str | int) -> Span:
    """Begins a span below ``parent``, a ``traceparent``; where there is none it makes none.

    ``kind`` is ``server``, ``producer``, ``consumer`` or ``internal``. The span is not the current one.
    """
    if _api is None or not parent:
        return _NONE
    context = _context_of(parent)
    return _NONE if context is None else _begin(name, kind, context, attributes)


@contextmanager
def inside(name: str, kind: str, parent: str, *, root: bool = False, **attributes: str | int) -> Iterator[Span]:
    """Runs the block in a span below ``parent``; where there is none, in a new trace if ``root``, else in no span."""
    if _api is None:
        yield _NONE
        return
    context = _context_of(parent)
    if context is None and not root:
        yield _NONE
        return
    span = _begin(name, kind, context, attributes)
    token = _api.context.attach(_api.trace.set_span_in_context(span._span))
    api, fault = _api, None
    try:
        yield span
    except BaseException as raised:
        fault = raised
        raise
    finally:
        api.context.detach(token)
        span.end(fault)


def _begin(name: str, kind: str, context: Any, attributes: Mapping[str, str | int]) -> Span:
    # An empty context, not the current one: a parent is always named.
    context = _api.context.Context() if context is None else context
    kinds = _api.trace.SpanKind
    span = _api.tracer.start_span(
        without_people(name), context=context, kind=kinds[kind.upper()], attributes=_clean(attributes)
    )
    return Span(span, _text_of(span.get_span_context()))


def _context_of(traceparent: str) -> Any:
    """The context of a ``traceparent``; ``None`` where it is none."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or found[1] == _NOTHING[0] or found[2] == _NOTHING[1]:
        return None
    trace = _api.trace
    parent = trace.SpanContext(
        int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=trace.TraceFlags(int(found[3], 16) & _SAMPLED)
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(parent), _api.context.Context())


def _text_of(context: Any) -> str:
    return (
        f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & _SAMPLED:02x}"
        if context.is_valid
        else ""
    )


def _clean(attributes: Mapping[str, str | int]) -> dict[str, str | int]:
    named = {name.replace("__", "."): value for name, value in attributes.items()}
    return {
        name: without_people(value) if isinstance(value, str) else value
        for name, value in named.items()
        if name in ALLOWED
    }

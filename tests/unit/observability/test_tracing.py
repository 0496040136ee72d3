"""Traces: whose child a span is, what it may say, and that nothing happens while tracing is off."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from shared.observability import tracing
from shared.security.principals import Actor

PERSON = "per_0123456789abcdefghjkmnpqrs"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.turn_on("tests", SimpleSpanProcessor(exporter))
    yield exporter
    tracing.turn_off()


def only(exporter: InMemorySpanExporter) -> ReadableSpan:
    [span] = exporter.get_finished_spans()
    return span


def test_nothing_is_loaded_or_made_while_off() -> None:
    script = (
        "import sys\nfrom shared.observability import tracing\n"
        f"with tracing.inside('a', 'server', {PARENT!r}, root=True) as span:\n"
        "    assert (tracing.is_on(), tracing.current(), span.traceparent) == (False, '', '')\n"
        f"    tracing.start('b', 'producer', {PARENT!r}).end(ValueError())\n"
        "    span.say(city='x')\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_span_goes_on_from_its_parent_and_is_what_runs_inside(exporter: InMemorySpanExporter) -> None:
    with tracing.inside("GET /v1/x", "server", PARENT, city="hafen") as span:
        assert tracing.current() == span.traceparent
        actor = Actor("someone", "city", "correlation")
    assert tracing.current() == ""
    assert actor.trace == span.traceparent
    made = only(exporter)
    assert made.parent is not None
    assert (f"{made.context.trace_id:032x}", f"{made.parent.span_id:016x}") == tuple(PARENT.split("-")[1:3])
    assert (made.name, made.kind, dict(made.attributes or {})) == ("GET /v1/x", SpanKind.SERVER, {"city": "hafen"})


def test_new_trace_begins_only_where_that_is_meant(exporter: InMemorySpanExporter) -> None:
    for parent in ("", "garbage", PARENT.upper(), "00-" + "0" * 32 + "-b7ad6b7169203331-01"):
        with tracing.inside("x", "internal", parent) as span:
            assert (span.traceparent, tracing.current()) == ("", "")
        tracing.start("x", "producer", parent).end()
    assert exporter.get_finished_spans() == ()
    with tracing.inside("x", "server", "garbage", root=True) as span:
        assert span.traceparent != ""
    assert only(exporter).parent is None


def test_caller_who_keeps_no_trace_is_followed_but_not_recorded(exporter: InMemorySpanExporter) -> None:
    with tracing.inside("x", "server", PARENT[:-2] + "00", root=True) as span:
        assert span.traceparent.startswith(PARENT[:35])
        assert span.traceparent.endswith("-00")
    assert exporter.get_finished_spans() == ()


def test_attributes_are_a_closed_list_without_people(exporter: InMemorySpanExporter) -> None:
    with tracing.inside(f"GET {PERSON}", "server", PARENT, person=PERSON, city=f"x {PERSON}") as span:
        span.say(http__route=f"/v1/{PERSON}", note="free text", http__response__status_code=200)
        span.name(f"GET /{PERSON}")
    made = only(exporter)
    attributes = {"city": "x per_…", "http.route": "/v1/per_…", "http.response.status_code": 200}
    assert (made.name, dict(made.attributes or {})) == ("GET /per_…", attributes)


def test_fault_is_told_by_its_type_never_by_its_text(exporter: InMemorySpanExporter) -> None:
    with pytest.raises(LookupError), tracing.inside("x", "internal", PARENT):
        raise LookupError(PERSON)
    made = only(exporter)
    assert dict(made.attributes or {}) == {"error.type": "LookupError"}
    assert (made.status.status_code, made.status.description, made.events) == (StatusCode.ERROR, None, ())


def test_so_many_percent_of_new_traces_are_kept() -> None:
    exporter = InMemorySpanExporter()
    tracing.turn_on("tests", SimpleSpanProcessor(exporter), percent=0)
    try:
        with tracing.inside("x", "server", "", root=True) as span:
            assert span.traceparent.endswith("-00")
    finally:
        tracing.turn_off()
    assert exporter.get_finished_spans() == ()


def test_collector_is_sent_what_is_left_at_the_end() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the standard library's name
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tracing.turn_on_export("registry", f"http://127.0.0.1:{server.server_port}/", 100)
        with tracing.inside("GET /v1/x", "server", "", root=True):
            pass
        tracing.turn_off()
        server.shutdown()
    [(path, body)] = received
    assert path == "/v1/traces"
    assert b"tueroeffner-registry" in body
    assert not tracing.is_on()

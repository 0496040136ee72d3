"""One trace, from a request in registry over Kafka into what visits does about it and tells of; on the real stack."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from deploy.local import Stack
from services.registry.app import SERVICE as REGISTRY
from services.visits.app import SERVICE as VISITS
from shared.contracts.catalog import BY_NAME
from shared.contracts.envelope import Envelope
from shared.messaging.kafka import Kafka
from shared.messaging.reactions import Reactions
from shared.messaging.reading import read_to_end
from shared.observability import tracing
from shared.storage.leases import Leases
from shared.testing.waiting import eventually
from shared.web.traced import Traced
from tests.integration.api_parts import Api, api_for
from tests.integration.messaging_parts import consumer_of, relay_of, running
from tests.integration.servers import QUICK

CITY = "spurstadt"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ERASURES, CONFIRMATIONS = "registry.erasures.v1", "visits.confirmations.v1"
WAY = (
    "POST /v1/cities/{city}/erasures",
    f"send {ERASURES}",
    f"process {ERASURES}",
    f"project {ERASURES}",
    "react forget-subject",
    f"send {CONFIRMATIONS}",
)


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.turn_on("tests", SimpleSpanProcessor(exporter))
    yield exporter
    tracing.turn_off()


@pytest_asyncio.fixture(scope="module")
async def registry(stack: Stack, master_key: bytes, tmp_path_factory: pytest.TempPathFactory) -> Api:
    api = await api_for(REGISTRY, stack.mongo_url, master_key, tmp_path_factory.mktemp("trace-registry"))
    api.app.set_front(Traced)
    district = {"slug": "nordufer", "name": "Nordufer"}
    body = {"slug": CITY, "name": "Spurstadt", "state": "Nirgendland", "licence": "CC0-1.0", "districts": [district]}
    await _ask(api, "association", "/v1/cities", body, expect=201)
    return api


@pytest_asyncio.fixture(scope="module")
async def visits(stack: Stack, master_key: bytes, tmp_path_factory: pytest.TempPathFactory) -> Api:
    return await api_for(VISITS, stack.mongo_url, master_key, tmp_path_factory.mktemp("trace-visits"))


@asynccontextmanager
async def _listening(registry: Api, visits: Api, kafka: Kafka) -> AsyncIterator[None]:
    store = visits.store
    consumer = consumer_of(store, kafka, list(VISITS.projections))
    reactions = Reactions(store, Leases(store.mongo, "traced"), VISITS.reactions)
    task = asyncio.create_task(reactions.run())
    try:
        async with running(relay_of(registry.store, kafka, QUICK), consumer, relay_of(store, kafka, QUICK)):
            yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _ask(api: Api, role: str, path: str, body: Any, *, expect: int, headers: Any = None) -> Any:
    async with api.client(role, CITY) as client:
        answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == expect, answer.text
    return answer.json()


def spans_of_way(exporter: InMemorySpanExporter) -> list[ReadableSpan]:
    """The spans of the caller's trace from the request to the last sending, each the child of the one before."""
    trace, caller = (int(part, 16) for part in CALLER.split("-")[1:3])
    mine = [span for span in exporter.get_finished_spans() if span.context.trace_id == trace]

    def below(parent: int, names: tuple[str, ...]) -> list[ReadableSpan]:
        here = [one for one in mine if one.name == names[0] and one.parent and one.parent.span_id == parent]
        ways = [[one, *(below(one.context.span_id, names[1:]) if names[1:] else [])] for one in here]
        return max(ways, key=len, default=[])

    return below(caller, WAY)


async def test_erasure_is_one_trace_through_both_services(
    registry: Api, visits: Api, kafka: Kafka, exporter: InMemorySpanExporter
) -> None:
    headers = {"traceparent": CALLER}
    async with _listening(registry, visits, kafka):
        person = await _ask(
            registry, "coordinator", f"/v1/cities/{CITY}/people", {"as_documented": "Ida Muster"}, expect=201
        )
        body = {"subject": person["id"]}
        erasure = await _ask(registry, "coordinator", f"/v1/cities/{CITY}/erasures", body, expect=202, headers=headers)
        way = await eventually(
            lambda: spans_of_way(exporter), until=lambda found: len(found) == len(WAY), within=20, every=0.1
        )
    told = json.dumps([json.loads(span.to_json()) for span in exporter.get_finished_spans()])
    assert person["id"] not in told
    assert erasure["id"] not in told
    assert not re.search(r"\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b", told)
    request = dict(way[0].attributes or {})
    assert (request["http.response.status_code"], request["city"]) == (202, CITY)
    assert {(span.attributes or {})["city"] for span in way} == {CITY}
    [event] = [one for one in await read_to_end(kafka, ERASURES) if one.key == erasure["id"] and one.sequence == 1]
    sent = [f"{one.context.span_id:016x}" for one in exporter.get_finished_spans() if one.name == WAY[1]]
    assert event.trace in [f"{CALLER[:35]}-{one}-01" for one in sent]


async def test_event_carries_the_trace_of_its_origin_and_reads_as_ever(
    registry: Api, exporter: InMemorySpanExporter
) -> None:
    path, headers = f"/v1/cities/{CITY}/people", {"traceparent": CALLER}
    person = await _ask(registry, "coordinator", path, {"as_documented": "Ute Muster"}, expect=201, headers=headers)
    [row] = [one for one in await registry.events(CITY, "registry.persons.v1") if one["key"].endswith(person["id"])]
    [span] = exporter.get_finished_spans()
    origin = f"00-{CALLER.split('-')[1]}-{span.context.span_id:016x}-01"
    envelope = Envelope.model_validate_json(row["value"])
    assert (row["trace"], envelope.traceparent) == (origin, origin)
    BY_NAME["registry.persons.v1"].contract.model_validate(envelope.data)


async def test_without_tracing_rows_and_records_are_as_they_were(registry: Api) -> None:
    path, headers = f"/v1/cities/{CITY}/people", {"traceparent": CALLER}
    person = await _ask(registry, "coordinator", path, {"as_documented": "Eva Muster"}, expect=201, headers=headers)
    [row] = [one for one in await registry.events(CITY, "registry.persons.v1") if one["key"].endswith(person["id"])]
    assert "trace" not in row
    assert b"traceparent" not in row["value"]

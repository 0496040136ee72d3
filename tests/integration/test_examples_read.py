"""The hand-written examples of events reach every reader's collections and come out again as the reader's own facts."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.documents import services
from deploy.local import Stack
from services.matching.store import known as matching
from services.reporting.store import facts as reporting
from services.visits.store.known import Known, erased_among
from shared.contracts.catalog import BY_NAME
from shared.contracts.documents import examples_of
from shared.kernel.ids import new_id
from shared.messaging.events import Event
from shared.messaging.projection import Mirror, Poll, Projection
from shared.runtime.service import Service
from shared.storage.mongo import Mongo, Session
from shared.storage.store import Store
from tests.architecture.source import SERVICES

CITY = "leserstadt"
MARKED = {"engagement", "recorded_at"}
"""What is left of an erased tandem where a phone has to be told to forget it: whose phone, and since when."""
TOLD = "2026-01-15T08:30:00.000Z"


def events(projection: Projection, sequence: int, *, gone: bool = False) -> Iterator[Event]:
    """All examples of a projection's topic, as if they had just arrived."""
    topic = projection.topic
    for data in examples_of(topic).values():
        state = None if gone else topic.contract.model_validate(data)
        yield Event(topic, CITY, str(data[topic.key]), sequence, new_id("evt"), TOLD, state)


async def arrive(service: Service, store: Store, sequence: int, *, gone: bool = False) -> None:
    """Every example in one transaction, as a poll applies them."""

    async def poll(session: Session) -> None:
        under_way = Poll(store.mongo, session, store.clock())
        for projection in service.projections:
            await projection.apply(under_way, list(events(projection, sequence, gone=gone)))

    await store.mongo.transaction(poll)


@pytest.fixture(scope="module")
async def stores(stack: Stack, master_key: bytes) -> AsyncIterator[dict[str, Store]]:
    made = {
        name: Store(Mongo(stack.mongo_url, name), master_key, service.layout) for name, service in services().items()
    }
    for name, store in made.items():
        await store.serve_city(CITY)
        await arrive(services()[name], store, 3)
    yield made
    for store in made.values():
        store.mongo.close()


@pytest.mark.parametrize("name", SERVICES)
async def test_every_example_is_kept_by_every_reader_once_and_older_ones_change_nothing(
    name: str, stores: dict[str, Store]
) -> None:
    service, store = services()[name], stores[name]
    for sequence in (3, 2):
        await arrive(service, store, sequence)
    for projection in service.projections:
        for data in examples_of(projection.topic).values():
            key = data[projection.topic.key]
            stored = await store.reader(CITY).one(projection.collection, {"_id": key})
            assert stored is not None, (projection.topic.name, key)
            assert (stored["sequence"], stored["erased"]) == (3, False)


async def test_matching_reads_its_facts_out_of_the_examples(stores: dict[str, Store]) -> None:
    reader = stores["matching"].reader(CITY)
    programme = await matching.programme(reader, "tuer-zu-tuer")
    assert programme.module_topics
    mentors = await matching.engagements_of(reader, "tuer-zu-tuer")
    families = await matching.participations_of(reader, "tuer-zu-tuer")
    assert [len(mentors), len(families)] == [3, 3]
    assert {mentor.capacity for mentor in mentors} == {0, 2}
    carriers = await matching.carriers(reader)
    assert matching.carrier_on(carriers, "haus-am-hafen", "2024-06-30") == "hafenverein"
    assert matching.carrier_on(carriers, "haus-am-hafen", "2024-07-01") == "uferverein"


async def test_visits_read_a_tandems_setting_out_of_the_examples(stores: dict[str, Store]) -> None:
    reader = stores["visits"].reader(CITY)
    tandem = examples_of(BY_NAME["matching.tandems.v1"])["full"]
    setting = await Known(reader).setting(tandem["id"], "2025-10-01")
    assert (setting.engagement, setting.participation) == (tandem["engagement"], tandem["participation"])
    assert (setting.place.site, setting.place.carrier, setting.place.district) == (
        "haus-am-hafen",
        "uferverein",
        "suedufer",
    )
    erased = examples_of(BY_NAME["registry.erasures.v1"])["full"]["also"][1]
    assert await erased_among(reader, [erased, tandem["id"]]) == {erased}


async def test_reporting_counts_the_examples_as_of_the_day_they_were_told(stores: dict[str, Store]) -> None:
    reader = stores["reporting"].reader(CITY)
    now = await reporting.facts_of(reader, {"programme": "tuer-zu-tuer"}, "2026-12-31T00:00:00.000Z", present=True)
    kinds = {fact.kind for fact in now.counted}
    assert kinds >= {"visit", "activity", "request", "tandem", "engagement", "participation", "attendance", "waiting"}
    visit = examples_of(BY_NAME["visits.visits.v1"])["full"]
    [after] = [fact for fact in now.counted if fact.id == visit["id"]]
    early = await reporting.facts_of(reader, {"programme": "tuer-zu-tuer"}, "2025-05-07T20:00:00.000Z", present=False)
    [before] = [fact for fact in early.counted if fact.id == visit["id"]]
    assert (before.fields["minutes"], after.fields["minutes"]) == (60, 90)


@pytest.mark.parametrize("name", SERVICES)
async def test_tombstones_leave_marks_only(name: str, stores: dict[str, Store]) -> None:
    service, store = services()[name], stores[name]
    await arrive(service, store, 4, gone=True)
    await arrive(service, store, 3)
    for projection in service.projections:
        for data in examples_of(projection.topic).values():
            stored = await store.reader(CITY).one(projection.collection, {"_id": data[projection.topic.key]})
            kept = MARKED if isinstance(projection, Mirror) and projection.mark is not None else set()
            assert stored is not None
            assert stored.keys() == {"_id", "sequence", "erased", *kept}
            assert (stored["sequence"], stored["erased"]) == (4, True)

"""A rebuild writes one batch while it reads the next: the last write belongs to it, however it ends."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from shared.messaging.beside import rebuild_beside
from shared.messaging.events import Event
from shared.messaging.kafka import Kafka
from shared.messaging.projection import Mirror, Poll
from shared.storage.mongo import Mongo
from shared.storage.store import Layout, Store
from shared.testing.waiting import eventually
from tests.integration.messaging_parts import PERSONS, consumer_of, open_city, relay_of, running, visits_store
from tests.integration.rebuild_parts import Town, projections
from tests.integration.servers import QUICK

CITY = "schreibstadt"


@pytest.fixture(scope="module")
def visits(visits_mongo: Mongo, master_key: bytes) -> Store:
    return visits_store(visits_mongo, master_key)


@pytest.fixture
async def town(registry_mongo: Mongo, master_key: bytes, visits: Store, kafka: Kafka) -> AsyncIterator[Town]:
    """Persons that have arrived at a running consumer, in a city of their own."""
    town = Town(Store(registry_mongo, master_key, Layout()), CITY)
    await open_city(town.registry, CITY)
    async with running(relay_of(town.registry, kafka, QUICK), consumer_of(visits, kafka, projections())):
        await town.settle(200)
        await eventually(lambda: town.stored(visits), until=lambda rows: rows == town.truth, within=30)
        yield town


async def test_slow_write_is_waited_for_before_the_swap(town: Town, visits: Store, kafka: Kafka) -> None:
    class Slow(Mirror):
        async def apply(self, poll: Poll, events: Sequence[Event]) -> None:
            # Longer than all that a rebuild does between its last batch and the swap.
            await asyncio.sleep(2)
            await Mirror.apply(self, poll, events)

    await town.damage(visits)
    await rebuild_beside(visits, kafka, Slow(PERSONS, "persons"))
    assert await town.stored(visits) == town.truth


async def test_rebuild_that_is_given_up_leaves_no_write_under_way(town: Town, visits: Store, kafka: Kafka) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    class Endless(Mirror):
        async def apply(self, poll: Poll, events: Sequence[Event]) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

    task = asyncio.create_task(rebuild_beside(visits, kafka, Endless(PERSONS, "persons")))
    await asyncio.wait_for(begun.wait(), 30)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert ended.is_set()
    await rebuild_beside(visits, kafka, projections()[1])
    assert await town.stored(visits) == town.truth

"""A registry that publishes and a service that listens, made of the real floors, without HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.contracts.catalog import BY_NAME
from shared.contracts.places import CityV1, District
from shared.contracts.registry import PersonV1
from shared.messaging.beats import Beats
from shared.messaging.cities import CityCatalogue
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.kafka import Kafka, TopicSettings
from shared.messaging.projection import Mirror, Projection
from shared.messaging.relay import Relay
from shared.security.principals import Actor
from shared.storage.leases import Leases
from shared.storage.mongo import Mongo
from shared.storage.store import Layout, Store
from shared.storage.work import Work

ACTOR = Actor("tester", "coordinator", "correlation-1")
PERSONS = BY_NAME["registry.persons.v1"]
CITIES = BY_NAME["registry.cities.v1"]


def mirrors() -> list[Projection]:
    """Cities and persons, as they come."""
    return [Mirror(CITIES, "cities"), Mirror(PERSONS, "persons")]


def relay_of(store: Store, kafka: Kafka, topics: TopicSettings, fresh: tuple[str, ...] = ()) -> Relay:
    """A relay with its own name."""
    return Relay(store, kafka, Leases(store.mongo, f"relay-{id(store)}"), Beats(store, kafka, topics, fresh))


def consumer_of(store: Store, kafka: Kafka, projections: list[Projection]) -> ConsumerLoop:
    """A consumer of the store's service."""
    return ConsumerLoop(store, kafka, CityCatalogue(store, kafka), projections, "0", DeadLetters(store.mongo))


@asynccontextmanager
async def running(*loops: Relay | ConsumerLoop) -> AsyncIterator[None]:
    """Runs loops, and the watchers of relays, until the block ends; fails with the first that failed."""
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    tasks += [asyncio.create_task(loop.watch()) for loop in loops if isinstance(loop, Relay)]
    try:
        yield
        for task in tasks:
            if task.done():
                await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def open_city(store: Store, city: str) -> None:
    """A city as registry opens one."""
    await store.serve_city(city)

    async def body(work: Work) -> None:
        district = District(slug=city, name=city.title())
        state = CityV1(slug=city, name=city.title(), state="Nirgendland", districts=(district,), licence="none")
        work.tell(state, sequence=1, fact="city-opened")

    await store.transact(city, ACTOR, body)


async def tell_person(store: Store, city: str, person: str, sequence: int, since: str = "2026") -> None:
    """A person's state with that sequence."""

    async def body(work: Work) -> None:
        work.tell(PersonV1(id=person, since=since), sequence=sequence, fact="person-changed")

    await store.transact(city, ACTOR, body)


def visits_store(mongo: Mongo, master_key: bytes) -> Store:
    """A listening service's store."""
    return Store(mongo, master_key, Layout({"cities": (), "persons": ()}))

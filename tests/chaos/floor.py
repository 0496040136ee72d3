"""One service that tells and one that listens, made of the real floors, without HTTP: quick to break in one place."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Self

from shared.contracts.catalog import BY_NAME
from shared.contracts.places import CityV1, District
from shared.contracts.registry import PersonV1
from shared.kernel.ids import new_id
from shared.messaging.beats import Beats
from shared.messaging.cities import CityCatalogue
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.dead_letters import DeadLetters
from shared.messaging.events import Event
from shared.messaging.kafka import Kafka, TopicSettings
from shared.messaging.projection import Mirror, Poll, Projection
from shared.messaging.relay import Relay
from shared.security.principals import Actor
from shared.storage.leases import Leases
from shared.storage.mongo import Mongo, MongoFault, ReplaceOne
from shared.storage.store import Layout, Store
from shared.storage.work import Work

PERSONS: Final = BY_NAME["registry.persons.v1"]
CITIES: Final = BY_NAME["registry.cities.v1"]
ACTOR: Final = Actor("laboratory", "coordinator", "correlation-1")
KEY: Final = bytes(96)
TELLERS: Final = 8
PERSONS_EACH: Final = 5
_AGAIN = 0.05


class FewTopics(Kafka):
    """Kafka with a topic of cities and one of persons, under a prefix of this laboratory's own."""

    def _names(self) -> list[str]:
        return [self.named(CITIES.name), self.named(PERSONS.name)]


class Tally(Mirror):
    """Mirrors, and counts beside it how often each key changed: what is applied twice counts twice."""

    async def apply(self, poll: Poll, events: Sequence[Event]) -> None:
        """See ``Projection.apply``."""
        await super().apply(poll, events)
        for city in {event.city for event in events}:
            here = [event for event in events if event.city == city]
            effects = poll.collection(city, "effects")
            query = {"_id": {"$in": [event.key for event in here]}}
            rows: dict[str, Any] = {row["_id"]: row async for row in effects.find(query, session=poll.session)}
            for event in here:
                row = rows.setdefault(event.key, {"_id": event.key, "sequence": 0, "effects": 0})
                if event.sequence > row["sequence"]:
                    row |= {"sequence": event.sequence, "effects": row["effects"] + 1}
            changes = [ReplaceOne({"_id": key}, row, upsert=True) for key, row in rows.items()]
            await effects.bulk_write(changes, ordered=False, session=poll.session)


def tallies() -> list[Projection]:
    """What the listener keeps."""
    return [Mirror(CITIES, "cities"), Tally(PERSONS, "persons")]


def store_of(mongo_url: str, service: str, process: str = "") -> Store:
    """The store of a service of the laboratory, in a process of that name."""
    return Store(Mongo(mongo_url, service, process=process), KEY, Layout({"cities": (), "persons": (), "effects": ()}))


def relay_of(store: Store, kafka: Kafka, topics: TopicSettings, owner: str) -> Relay:
    """A relay under that name."""
    return Relay(store, kafka, Leases(store.mongo, owner), Beats(store, kafka, topics))


def consumer_of(store: Store, kafka: Kafka, projections: Sequence[Projection], ordinal: str = "0") -> ConsumerLoop:
    """A consumer of the store's service."""
    return ConsumerLoop(store, kafka, CityCatalogue(store, kafka), projections, ordinal, DeadLetters(store.mongo))


@dataclass(slots=True)
class Floor:
    """``ledger`` has the highest acknowledged version of each person; ``moments`` when each was acknowledged."""

    mongo_url: str
    kafka: Kafka
    topics: TopicSettings
    city: str
    teller: Store
    listener: Store
    ledger: dict[str, int] = field(default_factory=dict)
    moments: list[float] = field(default_factory=list)

    @classmethod
    async def build(cls, mongo_url: str, bootstrap: str, name: str, topics: TopicSettings) -> Self:
        """Topics, databases and one city, all under this name."""
        kafka = FewTopics(bootstrap, name, f"{name}.")
        await kafka.apply_topics(topics)
        teller, listener = store_of(mongo_url, f"{name}t"), store_of(mongo_url, f"{name}l")
        floor = cls(mongo_url, kafka, topics, f"ort-{name}", teller, listener)
        await teller.serve_city(floor.city)

        async def body(work: Work) -> None:
            district = District(slug="ost", name="Ost")
            city = CityV1(slug=work.city, name="Ort", state="Nirgendland", districts=(district,), licence="none")
            work.tell(city, sequence=1, fact="city-opened")

        await teller.transact(floor.city, ACTOR, body)
        return floor

    async def say(self, person: str, version: int) -> None:
        """One change of one person, told; asks again until the store took it, and notes it as acknowledged."""

        async def body(work: Work) -> None:
            found = await work.one("persons", {"_id": person})
            if found is not None and found["version"] >= version:
                # The attempt before was committed, and its answer was lost.
                return
            document = {"_id": person, "version": version}
            if found is None:
                await work.insert("persons", document)
            else:
                await work.put("persons", document, version - 1)
            work.note("person.changed", person)
            work.tell(PersonV1(id=person, since="2026"), sequence=version, fact="person-changed")

        while True:
            try:
                await self.teller.transact(self.city, ACTOR, body)
                break
            except MongoFault:
                await asyncio.sleep(_AGAIN)
        self.ledger[person] = version
        self.moments.append(monotonic())

    async def forget(self, person: str) -> int:
        """A tombstone of one person; its version."""
        version = self.ledger.pop(person) + 1

        async def body(work: Work) -> None:
            await work.remove("persons", {"_id": person})
            work.tell_gone(PersonV1, person, sequence=version)

        await self.teller.transact(self.city, ACTOR, body)
        return version

    @asynccontextmanager
    async def telling(self, writes: int, seed: int, pause: float = 0.0) -> AsyncIterator[None]:
        """Changes stream in while the block runs, and after it until so many are acknowledged."""
        wanted, over = len(self.moments) + writes, asyncio.Event()

        async def tell(rng: random.Random) -> None:
            mine = [new_id("per", rng.randbytes) for _ in range(PERSONS_EACH)]
            while not over.is_set() or len(self.moments) < wanted:
                person = rng.choice(mine)
                await self.say(person, self.ledger.get(person, 0) + 1)
                await asyncio.sleep(rng.uniform(0, 2 * pause))

        seeds = [random.Random(f"{self.city}/{seed}/{number}") for number in range(TELLERS)]
        tasks = [asyncio.create_task(tell(rng)) for rng in seeds]
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(*tasks)

    def close(self) -> None:
        """Closes the connections."""
        self.teller.mongo.close()
        self.listener.mongo.close()

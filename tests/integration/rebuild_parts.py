"""A projection of persons that asks for something with each new state, and what it must look like in the end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.contracts.registry import PersonV1
from shared.kernel.ids import new_id
from shared.messaging.batch import FENCE
from shared.messaging.projection import Mirror, Projection, Reaction
from shared.storage.mongo import Document
from shared.storage.store import Store
from shared.storage.work import Work
from tests.integration.messaging_parts import ACTOR, CITIES, PERSONS, tell_person


def _each(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    known = new or old
    if known is None:
        # She came and went within one poll.
        return ()
    return (Reaction("tell", {"person": known["_id"], "old": _sequence(old), "new": _sequence(new)}),)


def _sequence(document: Document | None) -> int | None:
    return None if document is None else int(document["sequence"])


def projections() -> list[Projection]:
    """Cities and persons; each state of a person asks for a reaction."""
    return [Mirror(CITIES, "cities"), Mirror(PERSONS, "persons", react=_each)]


class Town:
    """Persons of one city as registry tells of them; ``truth`` is the newest of each."""

    def __init__(self, registry: Store, city: str) -> None:
        self.registry = registry
        self.city = city
        self.truth: dict[str, dict[str, Any]] = {}
        self.told = 0
        self.resting: set[str] = set()

    async def settle(self, count: int) -> list[str]:
        """So many new persons, told at once."""
        persons = [new_id("per") for _ in range(count)]

        async def body(work: Work) -> None:
            for person in persons:
                work.tell(PersonV1(id=person, since="2026"), sequence=1, fact="person-changed")

        await self.registry.transact(self.city, ACTOR, body)
        self.truth |= {one: {"sequence": 1, "erased": False, "since": "2026"} for one in persons}
        self.told += count
        return persons

    async def change(self, person: str) -> None:
        """The next state of a person."""
        sequence = self.truth[person]["sequence"] + 1
        await tell_person(self.registry, self.city, person, sequence, str(2026 + sequence))
        self.truth[person] = {"sequence": sequence, "erased": False, "since": str(2026 + sequence)}
        self.told += 1

    async def leave(self, person: str) -> None:
        """A person is gone."""
        sequence = self.truth[person]["sequence"] + 1

        async def gone(work: Work) -> None:
            work.tell_gone(PersonV1, person, sequence=sequence)

        await self.registry.transact(self.city, ACTOR, gone)
        self.truth[person] = {"sequence": sequence, "erased": True}
        self.told += 1

    async def stored(self, store: Store) -> dict[str, dict[str, Any]]:
        """What a listening service keeps of this town's persons."""
        rows = await store.reader(self.city).find("persons", {"_id": {"$in": list(self.truth)}})
        names = ("sequence", "erased", "since")
        return {row["_id"]: {name: row[name] for name in names if name in row} for row in rows}

    async def damage(self, store: Store) -> int:
        """Takes half of what the live projection holds away, as by a mistake; those persons do not change any more."""
        gone = [person for person, state in self.truth.items() if not state["erased"]][::2]
        self.resting.update(gone)
        await store.mongo.city(self.city)["persons"].delete_many({"_id": {"$in": gone}})
        return len(gone)

    async def faults_of_reactions(self, store: Store) -> list[str]:
        """What is wrong with the reactions: each must go on where the last one of its person ended."""
        steps: dict[str, dict[int | None, int | None]] = {person: {} for person in self.truth}
        faults: list[str] = []
        for row in await store.mongo.runtime()["reactions"].find({"city": self.city}).to_list(None):
            old, new = row["payload"]["old"], row["payload"]["new"]
            mine = steps[row["payload"]["person"]]
            faults += [f"twice from {old}"] if old in mine else []
            mine[old] = new
        for person, mine in steps.items():
            state: int | None = None
            for _ in mine:
                state = mine.get(state, -1)
            truth = self.truth[person]
            if state != (None if truth["erased"] else truth["sequence"]):
                faults.append(f"{mine} ends at {state}, the truth is {truth}")
        return faults

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Meanwhile somebody comes, changes or goes every few milliseconds."""
        over = asyncio.Event()

        async def live() -> None:
            while not over.is_set():
                [new] = await self.settle(1)
                await self.change(new)
                there = [one for one in self.truth if not self.truth[one]["erased"] and one not in self.resting]
                await self.change(there[self.told % len(there)])
                await self.leave(there[self.told * 7 % len(there)])
                await asyncio.sleep(0.01)

        task = asyncio.create_task(live())
        try:
            yield
        finally:
            over.set()
            await task


async def generations(visits: Store, city: str) -> list[str]:
    """The collections of persons: the live one, and what rebuilds have left."""
    return await visits.mongo.city(city).list_collection_names(filter={"name": {"$regex": "^persons"}})


async def fences(visits: Store) -> int:
    """How many partitions are fenced."""
    return await visits.mongo.runtime()["offsets"].count_documents({FENCE: {"$exists": True}})

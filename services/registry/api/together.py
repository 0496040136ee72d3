"""People who are registered at the same moment are committed together, as one group."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from services.registry.commands.people import register_people
from services.registry.domain.people import Person
from shared.storage.blocking import in_thread
from shared.storage.group import Change, Gatherer, commit_together
from shared.storage.store import Store

REGISTRAR: Final = "person-registrar"
"""Where an endpoint's desk has it."""


@dataclass(frozen=True, slots=True)
class PersonRegistrar:
    """Registers people, city by city; one for each process."""

    store: Store
    _cities: dict[str, Gatherer[Change[Person], Person]] = field(default_factory=dict)

    async def register(self, city: str, change: Change[Person]) -> Person:
        """The person, once she is committed. Raises ``Conflict``, ``Replayed``, and the store's faults."""
        if city not in self._cities:
            self._cities[city] = Gatherer(partial(self._register_all, city))
        return await self._cities[city].submit(change)

    async def _register_all(self, city: str, group: Sequence[Change[Person]]) -> list[Person | Exception]:
        async def commit(store: Store) -> list[Person | Exception]:
            return await commit_together(store, city, group, register_people)

        return await in_thread(self.store, commit)

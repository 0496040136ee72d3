"""People who are registered at the same moment are compared, sealed and committed together, as one group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from services.registry.commands.people import register_people
from services.registry.domain.duplicates import Entered
from services.registry.domain.people import Person
from services.registry.queries.search import Candidate, candidates_of_each
from shared.kernel.sealed import Sealed
from shared.security.principals import Actor
from shared.storage.blocking import in_thread
from shared.storage.group import Change, Gatherer, commit_together
from shared.storage.store import Store
from shared.storage.work import Once

REGISTRAR: Final = "person-registrar"
"""Where an endpoint's desk has it."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is registered: what is sealed of her, and what stays open."""

    id: str
    identity: Mapping[str, Any]
    month: str
    tokens: tuple[bytes, ...]
    form: int
    actor: Actor
    once: Once | None = None

    def sealed(self, identity: Sealed) -> Change[Person]:
        """What is stored."""
        person = Person(self.id, identity, self.month, self.actor.subject, self.tokens, self.form)
        return Change(person, self.actor, self.once)


@dataclass(frozen=True, slots=True)
class PersonRegistrar:
    """Compares and registers people, city by city; one for each process."""

    store: Store
    _compared: dict[str, Gatherer[Entered, list[Candidate]]] = field(default_factory=dict)
    _registered: dict[str, Gatherer[NewPerson, Person]] = field(default_factory=dict)

    async def compare(self, city: str, entered: Entered) -> list[Candidate]:
        """Who is there already and may be the same person."""
        if city not in self._compared:
            self._compared[city] = Gatherer(partial(self._compare_all, city), gathering=0)
        return await self._compared[city].submit(entered)

    async def register(self, city: str, person: NewPerson) -> Person:
        """The person, once she is committed. Raises ``Conflict``, ``Replayed``, and the store's faults."""
        if city not in self._registered:
            self._registered[city] = Gatherer(partial(self._register_all, city))
        return await self._registered[city].submit(person)

    async def _compare_all(self, city: str, group: Sequence[Entered]) -> list[list[Candidate] | Exception]:
        async def read(store: Store) -> list[list[Candidate] | Exception]:
            return [*await candidates_of_each(store.reader(city), group)]

        return await in_thread(self.store, read)

    async def _register_all(self, city: str, group: Sequence[NewPerson]) -> list[Person | Exception]:
        async def commit(store: Store) -> list[Person | Exception]:
            sealed = store.vault.seal_new_here(city, [(person.id, person.identity) for person in group])
            changes = [
                person.sealed(identity)
                for person, identity in zip(group, sealed, strict=True)
                if isinstance(identity, Sealed)
            ]
            outcomes = iter(await commit_together(store, city, changes, register_people))
            return [next(outcomes) if isinstance(identity, Sealed) else identity for identity in sealed]

        return await in_thread(self.store, commit)

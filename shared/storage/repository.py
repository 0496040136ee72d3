"""Aggregates of one kind: document to aggregate and back; saving writes state, outbox row and audit row."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from shared.contracts.base import Contract
from shared.kernel.errors import NotFound
from shared.storage.documents import from_document, to_document
from shared.storage.mongo import Document
from shared.storage.work import Reader, Sort, Work


class Aggregate(Protocol):
    """What a repository needs to know of an aggregate: a frozen dataclass with these two fields."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True, slots=True)
class Repository(Generic[A]):
    """Aggregates of ``kind`` in ``collection``; ``contract`` turns one into its event, ``None`` for unpublished ones.

    ``version`` is the stored version, 0 for what was never saved; methods of aggregates leave it alone.
    """

    kind: type[A]
    collection: str
    noun: str
    contract: Callable[[A], Contract] | None = None

    async def get(self, reader: Reader, key: str) -> A:
        """The aggregate. Raises ``NotFound("<noun>-not-found")``."""
        found = await self.find_one(reader, {"_id": key})
        if found is None:
            raise NotFound(f"{self.noun}-not-found")
        return found

    async def find_one(self, reader: Reader, query: Document) -> A | None:
        """The first that fits."""
        document = await reader.one(self.collection, query)
        return None if document is None else from_document(self.kind, document)

    async def find(self, reader: Reader, query: Document, *, sort: Sort = (), limit: int = 0) -> list[A]:
        """All that fit."""
        documents = await reader.find(self.collection, query, sort=sort, limit=limit)
        return [from_document(self.kind, document) for document in documents]

    async def save(
        self, work: Work, aggregate: A, fact: str, fields: tuple[str, ...] = (), *, erases: bool = False
    ) -> A:
        """Stores the next version, tells it and notes it; ``fact`` (kebab-case) says what happened.

        ``erases``: what was told of it before is to be forgotten everywhere.
        Raises ``Conflict("already-exists")`` for a new one whose id is taken, ``VersionLost`` for a stale one.
        """
        saved = _next_version(aggregate)
        document = to_document(saved)
        if aggregate.version == 0:
            await work.insert(self.collection, document)
        else:
            await work.put(self.collection, document, aggregate.version)
        if self.contract is not None:
            work.tell(self.contract(saved), sequence=saved.version, fact=fact, erases=erases)
        work.note(f"{self.noun}.{fact}", saved.id, fields)
        return saved

    async def erase(self, work: Work, aggregate: A, contract: type[Contract], fact: str) -> None:
        """Deletes the document and publishes a tombstone."""
        await work.remove(self.collection, {"_id": aggregate.id, "version": aggregate.version})
        work.tell_gone(contract, aggregate.id, sequence=aggregate.version + 1)
        work.note(f"{self.noun}.{fact}", aggregate.id)


def _next_version(aggregate: A) -> A:
    changed: Any = replace(aggregate, version=aggregate.version + 1)  # type: ignore[type-var]
    return changed  # type: ignore[no-any-return]

"""Lists, newest first by a field of the aggregates, then by id; a page begins behind a place."""

from typing import TypeVar

from shared.storage.mongo import Document
from shared.storage.repository import Aggregate, Repository
from shared.storage.work import Reader

A = TypeVar("A", bound=Aggregate)


async def newest(
    reader: Reader, repository: Repository[A], field: str, *queries: Document, after: str | None = None, limit: int
) -> list[A]:
    """``limit`` aggregates that fit all queries, behind the place ``after`` (see ``place_of``)."""
    query: Document = {"$and": [*queries, *([_behind(field, after)] if after is not None else [])] or [{}]}
    return await repository.find(reader, query, sort=[(field, -1), ("_id", -1)], limit=limit)


def place_of(value: str, key: str) -> str:
    """The place of an aggregate in such a list: the value of its field, and its id."""
    return f"{value}|{key}"


def _behind(field: str, place: str) -> Document:
    value, _, key = place.partition("|")
    return {"$or": [{field: {"$lt": value}}, {field: value, "_id": {"$lt": key}}]}

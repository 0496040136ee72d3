"""Lists of facts, newest first by their own date."""

from typing import Final, TypeVar

from shared.storage.mongo import Document
from shared.storage.repository import Aggregate, Repository
from shared.storage.work import Reader

NEWEST_FIRST: Final = (("date", -1), ("_id", -1))

A = TypeVar("A", bound=Aggregate)


async def newest(
    reader: Reader, repository: Repository[A], *queries: Document, after: str | None = None, limit: int
) -> list[A]:
    """``limit`` facts that fit all queries, behind the place ``after`` (see ``place_of``)."""
    query: Document = {"$and": [*queries, *([_behind(after)] if after is not None else [])] or [{}]}
    return await repository.find(reader, query, sort=NEWEST_FIRST, limit=limit)


def place_of(date: str, key: str) -> str:
    """The place of a fact in such a list."""
    return f"{date}|{key}"


def between(since: str | None, until: str | None) -> Document:
    """Facts from ``since`` up to, but without, ``until``."""
    bounds = {name: day for name, day in (("$gte", since), ("$lt", until)) if day is not None}
    return {"date": bounds} if bounds else {}


def equal(**fields: str | None) -> Document:
    """Facts with these values, where they are asked for."""
    return {name: value for name, value in fields.items() if value is not None}


def _behind(place: str) -> Document:
    date, _, key = place.partition("|")
    return {"$or": [{"date": {"$lt": date}}, {"date": date, "_id": {"$lt": key}}]}

"""What registry knows of others, from their events."""

from collections.abc import Sequence
from typing import Any

from shared.storage.mongo import ASCENDING, Document
from shared.storage.work import Reader


async def open_tandems(reader: Reader, programme: str) -> frozenset[str]:
    """The ids of a programme's tandems that have not ended."""
    query = {"programme": programme, "ended_on": None, "erased": False}
    return frozenset(row["_id"] for row in await reader.find("known_tandems", query))


async def running_tandems(reader: Reader, engagements: Sequence[str], after: str | None, limit: int) -> list[Document]:
    """The first ``limit`` running tandems of these engagements behind the id ``after``, by id."""
    query: dict[str, Any] = {"engagement": {"$in": list(engagements)}, "ended_on": None, "erased": False}
    if after is not None:
        query["_id"] = {"$gt": after}
    return await reader.find("known_tandems", query, sort=[("_id", ASCENDING)], limit=limit)

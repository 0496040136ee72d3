"""What registry knows of others, from their events."""

from collections.abc import Sequence
from typing import Any

from shared.storage.mongo import ASCENDING, Document
from shared.storage.work import Reader, Work


async def open_tandems(work: Work, programme: str) -> frozenset[str]:
    """The ids of a programme's tandems that have not ended, for who ends the programme by them.

    No other transaction does so beside this one: the last tandem seen open here, and the programme not yet seen ending
    where that tandem ends, would leave it ending for ever.
    """
    await work.hold(f"ending/{programme}")
    query = {"programme": programme, "ended_on": None, "erased": False}
    return frozenset(row["_id"] for row in await work.find("known_tandems", query))


async def running_tandems(reader: Reader, engagements: Sequence[str], after: str | None, limit: int) -> list[Document]:
    """The first ``limit`` running tandems of these engagements behind the id ``after``, by id."""
    query: dict[str, Any] = {"engagement": {"$in": list(engagements)}, "ended_on": None, "erased": False}
    if after is not None:
        query["_id"] = {"$gt": after}
    return await reader.find("known_tandems", query, sort=[("_id", ASCENDING)], limit=limit)

"""What registry knows of others, from their events."""

from collections.abc import Sequence

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


async def running_tandems(reader: Reader, engagements: Sequence[str]) -> list[Document]:
    """The running tandems of these engagements, by id."""
    query: Document = {"engagement": {"$in": list(engagements)}, "ended_on": None, "erased": False}
    return await reader.find("known_tandems", query, sort=[("_id", ASCENDING)])


async def gone_tandems(reader: Reader, engagements: Sequence[str], recorded_since: str) -> list[Document]:
    """Those of these engagements' tandems that were recorded as ended, or erased, at that instant or later, by id.

    Erased ones of which nothing else is known may have been anybody's, and are among them; ``engagement`` is ``None``.
    """
    gone: Document = {"$or": [{"ended_on": {"$ne": None}}, {"erased": True}], "recorded_at": {"$gte": recorded_since}}
    query: Document = {"engagement": {"$in": [*engagements, None]}, **gone}
    return await reader.find("known_tandems", query, sort=[("_id", ASCENDING)])

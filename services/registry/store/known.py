"""What registry knows of others, from their events."""

from shared.storage.work import Reader


async def open_tandems(reader: Reader, programme: str) -> frozenset[str]:
    """The ids of a programme's tandems that have not ended."""
    query = {"programme": programme, "ended_on": None, "erased": False}
    return frozenset(row["_id"] for row in await reader.find("known_tandems", query))

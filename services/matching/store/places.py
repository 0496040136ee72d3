"""Places in the store: changed in the transaction of each accept and end, so that two at once meet on the document."""

from collections.abc import Collection

from services.matching.domain.places import Places
from services.matching.store.repositories import PLACES
from shared.storage.documents import from_document, to_document
from shared.storage.mongo import Document
from shared.storage.work import Reader, Work


async def take(work: Work, tandem: str, engagement: str, participation: str, capacity: int) -> None:
    """One place of each side. Raises ``Conflict``: ``places-full`` or ``already-in-a-tandem``."""
    mentor, family = await _places(work, engagement), await _places(work, participation)
    await _save(work, mentor.with_family(tandem, capacity))
    await _save(work, family.with_mentor(tandem))


async def require_free(reader: Reader, engagement: str, participation: str, capacity: int) -> None:
    """Raises as ``take`` does, and writes nothing: of many for the last place all but one are done with it at once."""
    (await _places(reader, engagement)).with_family("", capacity)
    (await _places(reader, participation)).with_mentor("")


async def give_back(work: Work, tandem: str, engagement: str, participation: str) -> None:
    """Both sides' places, free again."""
    for side in (engagement, participation):
        await _save(work, (await _places(work, side)).without(tandem))


async def meet(work: Work, side: str) -> None:
    """Makes a transaction that only looked at a side's places meet any other that takes one."""
    await _save(work, await _places(work, side))


async def running(reader: Reader, side: str) -> tuple[str, ...]:
    """The running tandems of an engagement or a participation."""
    return (await _places(reader, side)).running


async def settled(reader: Reader, sides: Collection[str]) -> set[str]:
    """Those of the sides that have a running tandem."""
    rows = await reader.find(PLACES, {"_id": {"$in": list(sides)}, "running": {"$ne": []}})
    return {row["_id"] for row in rows}


async def _places(reader: Reader, side: str) -> Places:
    found = await reader.one(PLACES, {"_id": side})
    return Places(side) if found is None else from_document(Places, found)


async def _save(work: Work, places: Places) -> None:
    document: Document = to_document(places) | {"version": places.version + 1}
    if places.version == 0:
        await work.insert(PLACES, document)
    else:
        await work.put(PLACES, document, places.version)

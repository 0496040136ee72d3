"""Who waits, in the store. A tombstone here is no erasure: the version counts on and a later round revives it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.matching import publishing
from services.matching.domain.waiting import Waiter
from services.matching.store.repositories import WAITING
from shared.contracts.matching import WaitingV1
from shared.kernel.errors import NotFound
from shared.storage.documents import from_document, to_document
from shared.storage.mongo import Document
from shared.storage.work import Reader, Sort, Work


async def find(reader: Reader, query: Document, *, sort: Sort = (), limit: int = 0) -> list[Waiter]:
    """Those who fit and wait."""
    rows = await reader.find(WAITING, {**query, "waits": True}, sort=sort, limit=limit)
    return [from_document(Waiter, row) for row in rows]


async def get(reader: Reader, participation: str) -> Waiter:
    """The record of one who waits. Raises ``NotFound("waiting-not-found")``."""
    found = await find(reader, {"_id": participation}, limit=1)
    if not found:
        raise NotFound("waiting-not-found")
    return found[0]


async def no_longer(work: Work, participation: str) -> None:
    """Tombstones the participation's record, where there is one."""
    for waiter in await find(work, {"_id": participation}):
        await _store(work, [waiter.served()])


async def after_round(work: Work, programmes: Sequence[str], waiting: Iterable[Waiter]) -> None:
    """Writes and tells those who wait after a round; tombstones those of the programmes who no longer do."""
    now = {waiter.id: waiter for waiter in waiting}
    theirs: Document = {"programme": {"$in": list(programmes)}, "waits": True}
    rows = await work.find(WAITING, {"$or": [{"_id": {"$in": list(now)}}, theirs]})
    before = {row["_id"]: from_document(Waiter, row) for row in rows}
    gone = [waiter.served() for key, waiter in before.items() if key not in now and waiter.waits]
    versions = {key: waiter.version for key, waiter in before.items()}
    await _store(work, [*gone, *(replace(one, version=versions.get(key, 0)) for key, one in now.items())])


async def _store(work: Work, waiters: Iterable[Waiter]) -> None:
    saved = [replace(waiter, version=waiter.version + 1) for waiter in waiters]
    await work.put_all(WAITING, [to_document(waiter) for waiter in saved])
    for waiter in saved:
        if waiter.waits:
            work.tell(publishing.waiting_v1(waiter), sequence=waiter.version, fact="waits-after-round")
        else:
            work.tell_gone(WaitingV1, waiter.id, sequence=waiter.version)

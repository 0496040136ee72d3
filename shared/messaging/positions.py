"""How far a service has read: the evidence beside what was counted at that moment."""

from shared.storage.store import Store


async def positions(store: Store) -> dict[str, int]:
    """For each partition, ``<topic>:<number>``, the offset that is read next; partitions never read are not there."""
    rows = await store.mongo.runtime()["offsets"].find({}, {"next": 1}).to_list(None)
    return {row["_id"]: row["next"] for row in rows}

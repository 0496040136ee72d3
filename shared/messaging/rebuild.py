"""Rebuilding all projections of a stopped service: drop what was kept, forget the offsets, read all topics anew."""

from collections.abc import Sequence

from shared.messaging.generations import drop_unfinished
from shared.messaging.projection import Projection
from shared.storage.store import Store


async def drop_projections(store: Store, projections: Sequence[Projection]) -> None:
    """Drops all that the projections keep, in every city, and the offsets. The service must not be running.

    When it runs again it reads from the start: whole states, highest sequence first come, so the end is the same.
    """
    runtime = store.mongo.runtime()
    cities = await store.cities()
    for projection in projections:
        for city in cities:
            await store.mongo.city(city)[projection.collection].delete_many({})
        await drop_unfinished(store.mongo, cities, projection.collection)
    await runtime["offsets"].delete_many({})
    await runtime["reactions"].delete_many({})
    await runtime["jobs"].delete_many({"_id": {"$regex": "^rebuild:"}})

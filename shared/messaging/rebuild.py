"""Rebuilding projections: drop what was kept, forget the offsets, read every topic from its start again."""

from collections.abc import Sequence

from shared.messaging.projection import Projection
from shared.storage.store import Store


async def drop_projections(store: Store, projections: Sequence[Projection]) -> None:
    """Drops all that the projections keep, in every city, and the offsets. The service must not be running.

    When it runs again it reads from the start: whole states, highest sequence first come, so the end is the same.
    """
    runtime = store.mongo.runtime()
    for city in await store.cities():
        for projection in projections:
            await store.mongo.city(city)[projection.collection].delete_many({})
    await runtime["offsets"].delete_many({})
    await runtime["reactions"].delete_many({})

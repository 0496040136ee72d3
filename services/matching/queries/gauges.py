"""How many families wait, for whoever watches the service: figures of a programme, nobody named."""

from services.matching.store.repositories import WAITING
from shared.observability import metrics as names
from shared.storage.store import Store


async def measure_waiting(store: Store) -> None:
    """Sets the gauge for every programme in which somebody waits or has waited since its first round."""
    by_programme = [{"$group": {"_id": "$programme", "waiting": {"$sum": {"$cond": ["$waits", 1, 0]}}}}]
    for city in await store.cities():
        for row in await store.reader(city).aggregate(WAITING, by_programme):
            store.metrics.set(names.FAMILIES_WAITING, row["waiting"], city=city, programme=row["_id"])

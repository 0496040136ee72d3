"""How fresh a projection is whose age matters: the oldest beat of the topic's partitions."""

from datetime import datetime, timedelta
from typing import Final

from shared.contracts.catalog import PARTITIONS
from shared.kernel.clock import read_instant
from shared.kernel.errors import Unavailable
from shared.messaging.batch import offset_id
from shared.storage.store import Store

OLDEST: Final = timedelta(seconds=30)
AHEAD: Final = timedelta(seconds=5)


async def require_fresh(store: Store, topic: str, code: str) -> datetime:
    """The moment up to which everything of the topic is known here: that of the oldest beat.

    Raises ``Unavailable(code)`` where a beat is missing, older than 30 s, or more than 5 s in the future.
    """
    query = {"_id": {"$in": [offset_id(topic, number) for number in range(PARTITIONS)]}, "beat": {"$exists": True}}
    rows = await store.mongo.runtime()["offsets"].find(query, {"beat": 1}).to_list(None)
    now = store.clock()
    beats = [read_instant(row["beat"]) for row in rows]
    if len(beats) < PARTITIONS or min(beats) < now - OLDEST or max(beats) > now + AHEAD:
        raise Unavailable(code)
    return min(beats)

"""A process of its own that does what rebuilds are asked for, so that it can be killed: ``<mongo url> <kafka>``."""

import asyncio
import sys

from shared.messaging.kafka import Kafka
from shared.messaging.rebuilds import Rebuilds
from shared.storage.leases import Leases
from shared.storage.mongo import Mongo
from tests.integration.messaging_parts import visits_store
from tests.integration.rebuild_parts import projections


async def main(mongo_url: str, bootstrap: str) -> None:
    """Works until killed."""
    mongo = Mongo(mongo_url, "visits")
    leases = Leases(mongo, "rebuild-process")
    await Rebuilds(visits_store(mongo, bytes(96)), Kafka(bootstrap, "rebuild-process"), leases, projections()).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""The service's rebuilds: done where they are asked for, by the one process that holds the lease.

A rebuild that a killed process left is found by the next holder: begun again, or, once the renaming had begun, ended.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from shared.messaging.beside import abandon, rebuild_beside
from shared.messaging.kafka import Kafka, KafkaFault
from shared.messaging.projection import Projection
from shared.messaging.rebuild_rows import Superseded, rebuilds_under_way
from shared.storage.leases import LeaseLost, Leases, while_holding
from shared.storage.mongo import MongoFault
from shared.storage.store import Store

LEASE: Final = "rebuild"
ROUND_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Rebuilds:
    """Does what ``ask_for_rebuild`` asked for."""

    store: Store
    kafka: Kafka
    leases: Leases
    projections: Sequence[Projection]

    async def run(self) -> None:
        """Works until cancelled; gives the lease up at the end."""
        try:
            while True:
                try:
                    await self._round()
                except (MongoFault, KafkaFault, LeaseLost, Superseded, OSError, TimeoutError) as fault:
                    log.warning("rebuild-interrupted", error=type(fault).__name__)
                await asyncio.sleep(ROUND_SECONDS)
        finally:
            await self.leases.release(LEASE)

    async def _round(self) -> None:
        asked = await rebuilds_under_way(self.store.mongo)
        if not asked or await self.leases.take(LEASE) is None:
            return
        for projection in self.projections:
            if projection.collection in asked:
                await while_holding(self.leases, LEASE, self._rebuild(projection))
        await self.leases.release(LEASE)

    async def _rebuild(self, projection: Projection) -> None:
        log.info("rebuild-begun", collection=projection.collection)
        try:
            await rebuild_beside(self.store, self.kafka, projection)
        except (MongoFault, KafkaFault, Superseded, OSError, TimeoutError):
            raise
        except Exception as fault:  # noqa: BLE001  # a loop that must go on; whoever asked is told why it failed
            log.error("rebuild-failed", collection=projection.collection, error=type(fault).__name__)
            await abandon(self.store, projection, type(fault).__name__)
            return
        log.info("rebuild-done", collection=projection.collection)

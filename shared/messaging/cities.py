"""The catalogue of cities: read to its end before anything else, and again before a city is called unknown."""

from dataclasses import dataclass, field
from typing import Final

from shared.contracts.places import CityV1
from shared.messaging.kafka import Kafka
from shared.messaging.reading import read_to_end
from shared.storage.store import Store

TOPIC: Final = "registry.cities.v1"


@dataclass(slots=True)
class CityCatalogue:
    """Which cities are served, as this process knows it."""

    store: Store
    kafka: Kafka
    _known: set[str] = field(default_factory=set)

    async def knows(self, city: str) -> bool:
        """Whether the city is served; reads the topic again before it says no."""
        if city not in self._known:
            await self.refresh()
        return city in self._known

    async def refresh(self) -> None:
        """Reads the topic to its present end and serves every city in it."""
        for event in await read_to_end(self.kafka, TOPIC):
            if isinstance(event.state, CityV1):
                await self.serve(event.key)
        self._known.update(await self.store.cities())

    async def serve(self, city: str) -> None:
        """Serves the city from now on; may be repeated."""
        if city not in self._known:
            await self.store.serve_city(city)
            self._known.add(city)

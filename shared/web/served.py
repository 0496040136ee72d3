"""Which cities are served, as the gates ask it: remembered for a short while, so that what is served can change."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

REMEMBERED: Final = 5.0


class ServedCities:
    """A yes is remembered for ``REMEMBERED`` seconds, a no never: a city that is opened is there at once."""

    def __init__(self, ask: Callable[[str], Awaitable[bool]], seconds: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._seconds = seconds
        self._until: dict[str, float] = {}

    async def serves(self, city: str) -> bool:
        """Whether the city is served; a yes may be ``REMEMBERED`` seconds old."""
        now = self._seconds()
        if self._until.get(city, now) > now:
            return True
        self._until.pop(city, None)
        served = await self._ask(city)
        if served:
            self._until[city] = now + REMEMBERED
        return served

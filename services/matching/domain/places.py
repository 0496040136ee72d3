"""Places: one own document per engagement and per participation. It holds capacity and "at most one", not a count."""

from dataclasses import dataclass, replace

from shared.kernel.classified import classified
from shared.kernel.errors import Conflict


@classified(internal="running capacity version", personal="id")
@dataclass(frozen=True, slots=True)
class Places:
    """The running tandems of one side, and the places it had when the last one was given."""

    id: str
    running: tuple[str, ...] = ()
    capacity: int = 1
    version: int = 0

    def with_family(self, tandem: str, capacity: int) -> "Places":
        """An engagement's places with one more tandem. Raises ``Conflict("places-full")``."""
        if len(self.running) >= capacity:
            raise Conflict("places-full", params={"places": capacity, "running": len(self.running)})
        return replace(self, running=(*self.running, tandem), capacity=capacity)

    def with_mentor(self, tandem: str) -> "Places":
        """A participation's one place, taken. Raises ``Conflict("already-in-a-tandem")``."""
        if self.running:
            raise Conflict("already-in-a-tandem")
        return replace(self, running=(tandem,), capacity=1)

    def without(self, tandem: str) -> "Places":
        """The places with that tandem's free again."""
        return replace(self, running=tuple(one for one in self.running if one != tandem))

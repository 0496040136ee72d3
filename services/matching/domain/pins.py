"""Pins: two whom a person wants together, said before the round. The round keeps them; she still decides afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.matching.domain.instance import Pair
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict


@classified(
    internal="id programme because pinned_at until sites carriers lifted_at lifted_because version",
    personal="engagement participation",
)
@dataclass(frozen=True, slots=True)
class Pin:
    """Stands until it is lifted, or until the day ``until``; a tandem, a no or an end lifts it."""

    id: str
    programme: str
    engagement: str
    participation: str
    because: str
    pinned_at: str
    until: str | None = None
    sites: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    lifted_at: str | None = None
    lifted_because: str | None = None
    version: int = 0

    def stands(self, day: str) -> bool:
        """Whether a round of that day keeps the two together."""
        return self.lifted_at is None and (self.until is None or day < self.until)

    def lifted(self, now: str, because: str) -> "Pin":
        """No longer. Raises ``Conflict("already-lifted")``."""
        if self.lifted_at is not None:
            raise Conflict("already-lifted")
        return replace(self, lifted_at=now, lifted_because=because)


def held_pairs(told: Iterable[Pair], pinned: Iterable[Pair]) -> frozenset[Pair]:
    """Pairs that a round does not move: both were told, or are pinned; who was told of one is not held for another."""
    known = frozenset(told)
    families = {family for _, family in known}
    return known | {pair for pair in pinned if pair[1] not in families}

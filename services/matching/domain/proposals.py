"""Proposals: what a round suggests and a person decides. Nothing here accepts by itself."""

from dataclasses import dataclass, replace

from services.matching.domain.explanation import Reason
from shared.kernel.classified import classified
from shared.kernel.errors import Conflict

DRAFT, ACCEPTED, REJECTED, EXPIRED = "draft", "accepted", "rejected", "expired"


@classified(
    internal="id round programme date fit why sites carriers state because until tandem decided_at version",
    personal="engagement participation",
)
@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair of a round. ``fit`` is points by reason with their total, ``until`` the day from which it may return.

    ``sites`` and ``carriers`` are those of both sides on the round's date: who may see it.
    """

    id: str
    round: str
    programme: str
    date: str
    engagement: str
    participation: str
    fit: dict[str, int]
    why: tuple[Reason, ...]
    sites: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    state: str = DRAFT
    because: str | None = None
    until: str | None = None
    tandem: str | None = None
    decided_at: str | None = None
    version: int = 0

    def accepted(self, tandem: str, now: str) -> "Proposal":
        """Accepted. Raises ``Conflict("already-decided")``."""
        return replace(self._decided(ACCEPTED, now), tandem=tandem)

    def rejected(self, reason: str, until: str | None, now: str) -> "Proposal":
        """Rejected: the pair is excluded, until that day where there is one. Raises ``Conflict("already-decided")``."""
        return replace(self._decided(REJECTED, now), because=reason, until=until)

    def expired(self, reason: str, now: str) -> "Proposal":
        """Overtaken by another round, a tandem or an end. Raises ``Conflict("already-decided")``."""
        return replace(self._decided(EXPIRED, now), because=reason)

    def _decided(self, state: str, now: str) -> "Proposal":
        if self.state != DRAFT:
            raise Conflict("already-decided", params={"state": self.state})
        return replace(self, state=state, decided_at=now)

"""Consents: given, perhaps withdrawn, never edited."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.kernel.classified import classified
from shared.kernel.errors import Conflict

MATCHING = "matching"
SPECIAL_CATEGORY = "special_category"


@classified(
    internal="id purpose capacity text text_version text_language how given_on receiver scope expires_on withdrawn_at "
    "expiry_told version",
    personal="subject given_by",
)
@dataclass(frozen=True, slots=True)
class Consent:
    """A consent of a subject for a purpose; ``given_by`` is a person and stays in registry."""

    id: str
    subject: str
    purpose: str
    capacity: str
    text: str
    text_version: int
    text_language: str
    how: str
    given_on: str
    receiver: str | None = None
    scope: str | None = None
    """What of her data or work it is about, where it is not all that the purpose needs."""
    given_by: str | None = None
    expires_on: str | None = None
    withdrawn_at: str | None = None
    expiry_told: bool = False
    """Whether everybody has been told that it has expired; by the day it has done so before."""
    version: int = 0

    def stands(self, day: str) -> bool:
        """Whether it holds on that day: given, not withdrawn, and its day of expiry has not come."""
        in_time = self.given_on <= day and (self.expires_on is None or day < self.expires_on)
        return in_time and self.withdrawn_at is None

    def state(self, day: str) -> str:
        """``given``, ``withdrawn`` or ``expired`` on that day."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "expired" if self.expires_on is not None and self.expires_on <= day else "given"

    def withdrawn(self, at: str) -> "Consent":
        """Withdrawn at an instant."""
        if self.withdrawn_at is not None:
            raise Conflict("already-withdrawn")
        return replace(self, withdrawn_at=at)


def allows_special(consents: Iterable[Consent], day: str) -> bool:
    """Whether tokens of special topics may be told: standing consents to matching and to special categories."""
    purposes = {consent.purpose for consent in consents if consent.stands(day)}
    return {MATCHING, SPECIAL_CATEGORY} <= purposes

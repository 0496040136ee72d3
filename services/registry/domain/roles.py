"""Roles in a programme: who has which from when to when, and who stands in for whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.kernel.classified import classified
from shared.kernel.dates import Period
from shared.kernel.errors import Finding, Refused


@classified(internal="role since until deputy", personal="person")
@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A person in a role of a programme; ``until`` is the day after the last; ``deputy``: she stands in for others."""

    role: str
    person: str
    since: str
    until: str | None = None
    deputy: bool = False

    def held_on(self, day: str) -> bool:
        """Whether she has the role on that day."""
        return day in Period(self.since, self.until)


def require_roles(roles: Iterable[RoleHeld]) -> None:
    """Raises ``Refused`` for a role without a day."""
    for number, held in enumerate(roles):
        if held.until is not None and held.since >= held.until:
            raise Refused("invalid", (Finding(f"/roles/{number}/until", "too-early", f"> {held.since}"),))

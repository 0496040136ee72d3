"""Requests of the neighbourhood (Anfragen), and activities with head counts."""

from dataclasses import dataclass, replace
from typing import Any

from shared.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for: open, brokered (by the house, a volunteer, a partner), fulfilled or closed."""

    id: str
    programme: str
    service: str
    date: str
    how_often: str
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    state: str = "open"
    by: str | None = None
    engagement: str | None = None
    fulfilled_on: str | None = None
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0

    def brokered(self, by: str, engagement: str | None) -> "Request":
        """Given to somebody."""
        if self.state != "open":
            raise Conflict("not-open")
        return replace(self, state="brokered", by=by, engagement=engagement)

    def fulfilled(self, on: str) -> "Request":
        """Done on a day."""
        if self.state != "brokered":
            raise Conflict("not-brokered")
        return replace(self, state="fulfilled", fulfilled_on=on)


@dataclass(frozen=True, slots=True)
class Activity:
    """An event, a meeting, an offer: how many came, nobody named."""

    id: str
    programme: str
    kind: str
    date: str
    participants: int
    about: bool = False
    sessions: int = 1
    minutes: int = 0
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0

"""Participations: a family, or a person helped, in one programme."""

from dataclasses import dataclass, replace
from typing import Any

from services.registry.domain.places import NOWHERE, Place
from shared.kernel.classified import classified
from shared.kernel.dates import Dated
from shared.kernel.errors import Conflict, Finding, Refused


@classified(
    internal="programme date first sites place districts languages not_wished topics wishes slots gender_wish "
    "urgent interpreter waiting_since tells_special ended_on ended_because erased_languages recorded_at "
    "versions version",
    personal="id family person excluded",
    special="special",
)
@dataclass(frozen=True, slots=True)
class Participation:
    """See the module; ``date`` is the day it began, ``topics`` the needs."""

    id: str
    family: str | None
    person: str | None
    programme: str
    date: str
    first: bool
    sites: tuple[Dated[str], ...] = ()
    place: Place = NOWHERE
    districts: tuple[Dated[str], ...] = ()
    languages: dict[str, str] | None = None
    not_wished: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    gender_wish: str | None = None
    urgent: bool = False
    interpreter: bool = False
    waiting_since: str | None = None
    excluded: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    """Tokens of special topics needed."""
    tells_special: bool = False
    ended_on: str | None = None
    ended_because: str | None = None
    erased_languages: tuple[str, ...] = ()
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0

    def require_running(self) -> None:
        """Raises ``Conflict``: ``erased``, or ``already-ended``."""
        if self.family is None and self.person is None:
            raise Conflict("erased")
        if self.ended_on is not None:
            raise Conflict("already-ended")

    def ended(self, on: str, because: str) -> "Participation":
        """Ended on a day, for a reason."""
        self.require_running()
        if on < self.date:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {self.date}"),))
        return replace(self, ended_on=on, ended_because=because, waiting_since=None)

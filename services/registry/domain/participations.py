"""Participations: a family, or a person helped, in one programme."""

from dataclasses import dataclass, replace
from typing import Any

from services.registry.domain.places import NOWHERE, Place
from shared.kernel.classified import classified
from shared.kernel.dates import Dated
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.sealed import Sealed


@classified(internal="until", personal="by", special="reason sealed")
@dataclass(frozen=True, slots=True)
class Urgency:
    """Why somebody cannot wait, who said so, and until when it holds.

    Why is sealed under the key of the family or person; ``reason`` has it only where it was kept before it was sealed.
    """

    by: str
    until: str
    sealed: Sealed | None = None
    reason: str | None = None


@classified(
    internal="programme date first sites place counted districts languages not_wished topics wishes slots gender "
    "gender_wish urgent interpreter waiting_since tells_special ended_on ended_because erased_languages "
    "not_wished_at_home access_route recorded_at versions version",
    personal="id family person excluded urgency guardians",
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
    """Where it is now: whose coordinators reach it."""
    districts: tuple[Dated[str], ...] = ()
    languages: dict[str, str] | None = None
    not_wished: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    gender: str | None = None
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
    not_wished_at_home: tuple[str, ...] = ()
    """Those that the family does not wish in any of its programmes."""
    urgency: Urgency | None = None
    access_route: str | None = None
    """How they came: Kita, school, a recommendation."""
    guardians: tuple[str, ...] = ()
    """The persons who may speak for a minor."""
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0
    counted: Place | None = None
    """Where it began and is counted, of one that has moved."""

    @property
    def counted_at(self) -> Place:
        """Where it began, as of that day: what it is counted by."""
        return self.counted or self.place

    def require_running(self) -> None:
        """Raises ``Conflict``: ``erased``, or ``already-ended``."""
        if self.family is None and self.person is None:
            raise Conflict("erased")
        if self.ended_on is not None:
            raise Conflict("already-ended")

    @property
    def unwished(self) -> tuple[str, ...]:
        """All languages that must not be used with them."""
        return tuple(sorted({*self.not_wished, *self.not_wished_at_home}))

    def without_districts(self) -> "Participation":
        """Nobody can tell from it where they live, or lived; what was counted by district no longer is."""
        versions = tuple({**entry, "district": None} for entry in self.versions)
        return replace(self, districts=(), versions=versions)

    def ended(self, on: str, because: str) -> "Participation":
        """Ended on a day, for a reason."""
        self.require_running()
        if on < self.date:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {self.date}"),))
        return replace(self, ended_on=on, ended_because=because, waiting_since=None, urgency=None)

    def reopened(self, waiting_since: str, today: str) -> "Participation":
        """Running again, and waiting since a day. Raises ``Conflict`` ``erased`` or ``not-ended``, and ``Refused``."""
        if self.family is None and self.person is None:
            raise Conflict("erased")
        if self.ended_on is None:
            raise Conflict("not-ended")
        if waiting_since < self.date:
            raise Refused("invalid", (Finding("/waiting_since", "too-early", f">= {self.date}"),))
        if waiting_since > today:
            raise Refused("invalid", (Finding("/waiting_since", "too-late", f"<= {today}"),))
        return replace(self, ended_on=None, ended_because=None, waiting_since=waiting_since, urgent=False)

"""What the story has entered so far, and what the reports must therefore say; ids only, no names."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

Body = dict[str, Any]
FORMER: Final = "offizielle-nachbarin"
COUNTED: Final = (
    "visits",
    "tandems",
    "activities",
    "attendance",
    "volunteers_won",
    "mentors_certified",
    "requests_fulfilled",
    "outcomes",
)
"""The figures that the demo counts itself and expects again in each report."""


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who helps in one programme; ``body`` is her engagement's. ``ready``: may be matched."""

    city: str
    body: Body
    ready: bool

    @property
    def id(self) -> str:
        """The engagement's id."""
        return str(self.body["id"])

    @property
    def person(self) -> str:
        """Her own id, for her token."""
        return str(self.body["person"])

    @property
    def programme(self) -> str:
        """The programme's slug."""
        return str(self.body["programme"])


@dataclass(frozen=True, slots=True)
class Guest:
    """A family, or a pupil, that takes part; ``body`` is the participation's, ``language`` the first one spoken."""

    city: str
    body: Body
    language: str
    consent: bool

    @property
    def id(self) -> str:
        """The participation's id."""
        return str(self.body["id"])

    @property
    def subject(self) -> str:
        """The family's or the pupil's id."""
        return str(self.body.get("family") or self.body["person"])

    @property
    def programme(self) -> str:
        """The programme's slug."""
        return str(self.body["programme"])


@dataclass(frozen=True, slots=True)
class Tandem:
    """A pair that a coordinator accepted."""

    id: str
    helper: Helper
    guest: Guest
    date: str


@dataclass(slots=True)
class Logged:
    """Entries of visits: how many were sent, and how they were answered."""

    sent: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def unique(self) -> int:
        """Those accepted, each once."""
        return self.answers["stored"]


@dataclass(slots=True)
class World:
    """Everything entered; ``expected`` has, per programme, the figures that its report must show.

    ``carriers`` has, per year, whom the report of a site that changed its carrier names.
    """

    cohort: list[Helper] = field(default_factory=list)
    certified: int = 0
    former: list[Helper] = field(default_factory=list)
    helpers: list[Helper] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    tandems: list[Tandem] = field(default_factory=list)
    waiting: list[Body] = field(default_factory=list)
    visits: Logged = field(default_factory=Logged)
    refusals: list[str] = field(default_factory=list)
    expected: dict[str, Counter[str]] = field(default_factory=dict)
    carriers: dict[str, list[str]] = field(default_factory=dict)
    expired: list[str] = field(default_factory=list)
    """What her coordinator is told of a mother whose certificate of good conduct has expired."""
    newcomer: dict[str, int] = field(default_factory=dict)
    """How many records one person has who was accompanied and now helps; how many tandems her mentor's phone forgot."""
    rounds: dict[str, Body] = field(default_factory=dict)
    """Per programme, the first round as it was answered."""
    explained: Body = field(default_factory=dict)
    """How fair one round was, why it did not propose a certain mother, and which round came out the same again."""
    certificate: str = ""
    """The number of the certificate that was written."""

    def count(self, programme: str, code: str, number: int = 1) -> None:
        """``number`` more of a figure in the programme's report."""
        self.expected.setdefault(programme, Counter())[code] += number

    @property
    def families(self) -> int:
        """Families; pupils take part as themselves."""
        return sum(guest.body.get("family") is not None for guest in self.guests)

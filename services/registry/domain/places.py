"""Cities, organisations, sites and programmes: where the work happens, who carries it and for how long."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from services.registry.domain.proofs import ProofRules
from shared.kernel.dates import Dated, Period, with_value
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.sealed import Sealed


@dataclass(frozen=True, slots=True)
class District:
    """A district (Stadtteil); the position in millionths of a degree."""

    slug: str
    name: str
    latitude: int | None = None
    longitude: int | None = None
    neighbours: tuple[str, ...] = ()
    population: int | None = None


@dataclass(frozen=True, slots=True)
class City:
    """A city; one without districts is one district, itself."""

    id: str
    name: str
    state: str
    licence: str
    districts: tuple[District, ...] = ()
    model_regions: tuple[str, ...] = ()
    version: int = 0

    @property
    def places(self) -> tuple[District, ...]:
        """The districts, at least one."""
        return self.districts or (District(self.id, self.name),)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A carrier (Träger), partner, funder or institution."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """A place of work and its carrier by date."""

    id: str
    name: str
    district: str
    carriers: tuple[Dated[str], ...]
    since: str | None = None
    version: int = 0

    def carried_by(self, carrier: str, since: str) -> "Site":
        """The site with another carrier from a day on."""
        return replace(self, carriers=with_value(self.carriers, since, carrier))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact happened, as of its own day: what it is counted by."""

    site: str | None = None
    carrier: str | None = None
    district: str | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a qualification, and the topics that passing it qualifies for."""

    code: str
    title: str
    partner: str | None = None
    required: bool = True
    topics: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    """Tokens of special topics."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the funder expects of an indicator."""

    indicator: str
    at_least: int | None = None
    at_most: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """Why a case stays open though its programme ends: its id and a reason's code."""

    case: str
    reason: str


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme with its period (``until`` is the day after the last), catalogue, modules and targets.

    ``special_topics`` are tokens; their codes, and the telling name of a programme of special kind, are in ``sealed``.
    ``closed`` says that it has ended on a day that nobody knows.
    """

    id: str
    name: str
    begin: str | None = None
    until: str | None = None
    begin_as_stated: str | None = None
    origin: str | None = None
    framework: str | None = None
    funders: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    modules: tuple[Module, ...] = ()
    certification: str = "by_decision"
    targets: tuple[Target, ...] = ()
    sites: tuple[str, ...] = ()
    closed: bool = False
    special: bool = False
    special_topics: tuple[str, ...] = ()
    sealed: Sealed | None = None
    ending_since: str | None = None
    ended_on: str | None = None
    decided: tuple[CaseDecision, ...] = ()
    proofs: ProofRules = field(default_factory=ProofRules)
    version: int = 0

    def state(self, day: str) -> str:
        """``planned``, ``running``, ``ending`` (nothing new, cases are open) or ``ended`` on a day."""
        if self.ending_since is not None:
            return "ending" if self.ended_on is None else "ended"
        if self.closed or (self.until is not None and self.until <= day):
            return "ended"
        return "planned" if self.begin is not None and day < self.begin else "running"

    def over_since(self, day: str, unknown: str) -> str | None:
        """The day from which it had ended by ``day``; ``unknown`` where nobody knows; ``None`` where it has not."""
        return (self.ended_on or self.until or unknown) if self.state(day) == "ended" else None

    @property
    def period_in_words(self) -> str:
        """The period with its last day: half-open in data, inclusive in words."""
        last = "" if self.until is None else (date.fromisoformat(self.until) - timedelta(days=1)).isoformat()
        return f"{self.begin or ''} … {last}".strip()

    def require_open(self, day: str, pointer: str = "/date") -> None:
        """Raises ``Refused("outside-programme")`` with the period where nothing may begin on that day."""
        if self.closed or day not in Period(self.begin, self.until):
            raise Refused("outside-programme", (Finding(pointer, "outside-programme", self.period_in_words),))

    def require_topics(self, codes: tuple[str, ...], pointer: str) -> None:
        """Raises ``Refused`` for what the programme, where it lists topics, does not have."""
        findings = tuple(
            Finding(f"{pointer}/{number}", "not-one-of", ", ".join(self.topics))
            for number, code in enumerate(codes)
            if self.topics and code not in self.topics
        )
        if findings:
            raise Refused("invalid", findings)

    def ending(self, until: str, today: str, decided: tuple[CaseDecision, ...], open_cases: int) -> "Programme":
        """Nothing new from ``until`` on; ended at once where no case is open that nobody decided about.

        Raises ``Conflict("already-ended")``, and ``Refused`` for an end before the beginning.
        """
        if self.closed or self.ended_on is not None:
            raise Conflict("already-ended")
        require_period(self.begin, until)
        changed = replace(self, until=until, ending_since=self.ending_since or today, decided=decided)
        return changed.settled(today, open_cases)

    def settled(self, today: str, open_cases: int) -> "Programme":
        """Ended, where it was ending and no case is open any more."""
        if self.ending_since is None or self.ended_on is not None or open_cases:
            return self
        return replace(self, ended_on=today)

    def qualifying_special(self, passed: frozenset[str]) -> frozenset[str]:
        """The tokens of special topics that the passed modules qualify for."""
        return frozenset(token for module in self.modules if module.code in passed for token in module.special)

    def qualifying(self, passed: frozenset[str]) -> tuple[str, ...]:
        """The topics that the passed modules qualify for."""
        return tuple(dict.fromkeys(t for module in self.modules if module.code in passed for t in module.topics))

    def missing(self, passed: frozenset[str]) -> tuple[str, ...]:
        """The required modules that are not passed."""
        return tuple(module.code for module in self.modules if module.required and module.code not in passed)


def require_period(begin: str | None, until: str | None) -> None:
    """Raises ``Refused`` for a period without a day."""
    if begin is not None and until is not None and begin >= until:
        raise Refused("invalid", (Finding("/until", "too-early", f"> {begin}"),))

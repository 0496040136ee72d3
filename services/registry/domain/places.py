"""Cities, organisations, sites and programmes: where the work happens, who carries it and for how long."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from services.registry.domain.kinds import NEUTRAL
from services.registry.domain.modules import Module
from services.registry.domain.proofs import ProofRules
from services.registry.domain.roles import RoleHeld
from services.registry.domain.terms import EVER, FIELDS, Target, Terms, require_room, stated_from, terms_on
from shared.kernel.classified import classified
from shared.kernel.dates import Period
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.recorded import Recorded, valid, with_recorded
from shared.kernel.sealed import Sealed


@classified(public="slug name latitude longitude neighbours population population_year part_of")
@dataclass(frozen=True, slots=True)
class District:
    """A district (Stadtteil); the position in millionths of a degree. One that is part of another counts there too."""

    slug: str
    name: str
    latitude: int | None = None
    longitude: int | None = None
    neighbours: tuple[str, ...] = ()
    population: int | None = None
    population_year: int | None = None
    part_of: str | None = None


@classified(public="slug name districts model_region")
@dataclass(frozen=True, slots=True)
class SocialSpace:
    """A social space (Sozialraum): the districts that are planned for together."""

    slug: str
    name: str
    districts: tuple[str, ...]
    model_region: bool = False


@classified(public="id name state licence districts model_regions social_spaces", internal="version")
@dataclass(frozen=True, slots=True)
class City:
    """A city; one without districts is one district, itself."""

    id: str
    name: str
    state: str
    licence: str
    districts: tuple[District, ...] = ()
    model_regions: tuple[str, ...] = ()
    social_spaces: tuple[SocialSpace, ...] = ()
    version: int = 0

    @property
    def places(self) -> tuple[District, ...]:
        """The districts, at least one."""
        return self.districts or (District(self.id, self.name),)


@classified(public="id name roles services legal_regime supervisory_authority", internal="version")
@dataclass(frozen=True, slots=True)
class Organisation:
    """A carrier (Träger), partner, funder or institution; the data protection law that binds it, and its authority."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    legal_regime: str | None = None
    supervisory_authority: str | None = None
    version: int = 0


@classified(public="id name district carriers since", internal="version")
@dataclass(frozen=True, slots=True)
class Site:
    """A place of work; ``carriers`` are all entries of its carrier, as they were recorded."""

    id: str
    name: str
    district: str
    carriers: tuple[Recorded[str], ...]
    since: str | None = None
    version: int = 0

    def carried_by(self, carrier: str, since: str, now: str) -> "Site":
        """The site with another carrier from a day on, recorded now. Raises ``Conflict("too-many-versions")``."""
        require_room(self.carriers)
        entries = with_recorded(self.carriers, since, carrier, at=now, version=self.version + 1)
        return replace(self, carriers=entries)

    def carrier_on(self, day: str, known_at: str | None = None) -> str | None:
        """Who carries it on a day, as known at an instant."""
        return valid(self.carriers, day, known_at)


@classified(internal="site carrier district")
@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact happened, as of its own day: what it is counted by."""

    site: str | None = None
    carrier: str | None = None
    district: str | None = None


NOWHERE = Place()


@classified(internal="case reason")
@dataclass(frozen=True, slots=True)
class CaseDecision:
    """Why a case stays open though its programme ends: its id and a reason's code."""

    case: str
    reason: str


@classified(
    public="id name begin until begin_as_stated origin framework funders topics services activities modules "
    "certification targets sites closed special kind aims districts terms",
    internal="ending_since ended_on decided proofs version",
    personal="roles",
    special="special_topics sealed",
)
@dataclass(frozen=True, slots=True)
class Programme:
    """A programme with its period (``until`` is the day after the last), catalogue, modules and targets.

    ``terms`` are all entries of what changes by date, as they were recorded; the fields of the same names hold what
    was valid on the day it was last saved: what is judged by a day asks ``on`` that day.
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
    kind: str | None = None
    aims: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    """Where it works; none means all of the city."""
    roles: tuple[RoleHeld, ...] = ()
    terms: tuple[Recorded[Terms], ...] = ()
    proofs: ProofRules = field(default_factory=ProofRules)
    version: int = 0

    def on(self, day: str, known_at: str | None = None) -> "Programme":
        """The programme with the terms that hold on a day, as known at an instant."""
        return replace(self, **terms_on(self.terms, day, known_at))

    def teaching(self, day: str, version: int | None = None) -> "Programme":
        """The programme with the modules that hold on a day; as recorded up to its ``version``, where one is named.

        The modules that it was provided with are known in every version.
        """
        entries = self.terms if version is None else tuple(one for one in self.terms if one.version <= version)
        return replace(self, modules=terms_on(entries or self.terms[:1], day).get("modules", self.modules))

    def funders_between(self, first: str, last: str) -> tuple[str, ...]:
        """Everybody who funded it on one of the days from the first to the last, in the order of those days."""
        changes = sorted({entry.since for entry in self.terms if first < entry.since <= last})
        return tuple(dict.fromkeys(funder for day in (first, *changes) for funder in self.on(day).funders))

    def provided(self, now: str) -> "Programme":
        """A new programme whose terms hold from its beginning, recorded now."""
        return replace(self, terms=(Recorded(EVER, self._present_terms, now, self.version + 1),))

    def agreed(self, terms: Terms, since: str, now: str) -> "Programme":
        """The programme with other terms from a day on, recorded now. Raises ``Conflict("too-many-versions")``.

        Where it was stored before its terms had days, those that it has then count as known ever since.
        """
        require_room(self.terms)
        entries = stated_from(self.terms, self._present_terms) or (Recorded(EVER, self._present_terms),)
        return replace(self, terms=with_recorded(entries, since, terms, at=now, version=self.version + 1))

    @property
    def _present_terms(self) -> Terms:
        return Terms(**{name: getattr(self, name) for name in FIELDS})

    def without(self, person: str) -> "Programme":
        """The programme without the roles of a person."""
        return replace(self, roles=tuple(held for held in self.roles if held.person != person))

    def latest_day(self, day: str) -> str:
        """The day, or the last one of a programme that is over by then."""
        if self.until is None or day < self.until:
            return day
        return (date.fromisoformat(self.until) - timedelta(days=1)).isoformat()

    def require_neutral(self) -> None:
        """Raises ``Refused`` where a programme of special kind would tell what it is about."""
        if self.special and self.kind is not None and self.kind not in NEUTRAL:
            raise Refused("invalid", (Finding("/kind", "not-one-of", ", ".join(NEUTRAL)),))
        if self.special and self.aims:
            raise Refused("invalid", (Finding("/aims", "not-one-of", "nothing, in a programme of special kind"),))

    def state(self, day: str) -> str:
        """``planned``, ``running``, ``ending`` (nothing new, cases are open) or ``ended`` on a day."""
        if self.ended_on is not None and self.ended_on <= day:
            return "ended"
        if self.ending_since is not None and self.ending_since <= day:
            return "ending"
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

"""What matching knows of registry's people and programmes, as typed facts; nothing of names."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.kernel.dates import Dated, Period, value_on
from shared.kernel.languages import SUFFICIENT, level_at_least


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a programme's qualification and the topics that it qualifies for."""

    code: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme: its period (half-open), its places of work and its modules."""

    slug: str
    period: Period = field(default_factory=Period)
    state: str = "running"
    sites: tuple[str, ...] = ()
    modules: tuple[Module, ...] = ()

    @property
    def period_in_words(self) -> str:
        """The period with its last day: half-open in data, inclusive in words."""
        until = self.period.until
        last = "" if until is None else (date.fromisoformat(until) - timedelta(days=1)).isoformat()
        return f"{self.period.begin or ''} … {last}".strip()

    def begins_on(self, day: str) -> bool:
        """Whether something new may begin on that day; what is ending, or has ended without a last day, takes none."""
        closed = self.state == "ending" or (self.state == "ended" and self.period.until is None)
        return not closed and day in self.period

    @property
    def module_topics(self) -> frozenset[str]:
        """Everything that the whole qualification qualifies for."""
        return frozenset(topic for module in self.modules for topic in module.topics)

    def modules_for(self, topics: Collection[str]) -> list[str]:
        """The modules that teach at least one of the topics, in the programme's order."""
        return [module.code for module in self.modules if set(module.topics) & set(topics)]


@dataclass(frozen=True, slots=True)
class Engagement:
    """A person as mentor in one programme; ``person`` is gone after an erasure."""

    id: str
    programme: str
    person: str | None
    stage: str
    sites: tuple[Dated[str], ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)
    reach: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    qualified: tuple[str, ...] = ()
    modules_missing: tuple[str, ...] = ()
    needs_certificate: bool = False
    certified_on: str | None = None
    slots: tuple[str, ...] = ()
    capacity: int = 0
    gender: str | None = None
    gender_wish: str | None = None
    clearance_until: str | None = None
    left_on: str | None = None
    excluded: tuple[str, ...] = ()
    special: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids under which a consent may speak for this side."""
        return tuple(one for one in (self.id, self.person) if one is not None)

    @property
    def has_gone(self) -> bool:
        """Whether it has ended or was erased."""
        return self.person is None or self.stage == "left" or self.left_on is not None


@dataclass(frozen=True, slots=True)
class Participation:
    """A family, or a person helped, in one programme; both ids are gone after an erasure."""

    id: str
    programme: str
    date: str
    family: str | None = None
    person: str | None = None
    sites: tuple[Dated[str], ...] = ()
    districts: tuple[Dated[str], ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)
    not_wished: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    gender: str | None = None
    gender_wish: str | None = None
    urgent: bool = False
    interpreter: bool = False
    waiting_since: str | None = None
    ended_on: str | None = None
    ended_because: str | None = None
    excluded: tuple[str, ...] = ()
    special: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids under which a consent may speak for this side."""
        return tuple(one for one in (self.id, self.family, self.person) if one is not None)

    @property
    def has_gone(self) -> bool:
        """Whether it has ended or was erased."""
        return self.ended_on is not None or (self.family is None and self.person is None)

    @property
    def helpful_languages(self) -> tuple[str, ...]:
        """The languages that a mentor for it must speak: known well enough and not unwished; all, where none is.

        A little German makes nobody who waits for Persian one who waits for German.
        """
        helpful = {
            tag
            for tag, level in self.levels.items()
            if level_at_least(level, SUFFICIENT) and tag not in self.not_wished
        }
        return tuple(sorted(helpful or self.levels))

    @property
    def waits_since(self) -> str:
        """The day from which it has waited: the one stated, else the day it began."""
        return self.waiting_since or self.date


@dataclass(frozen=True, slots=True)
class Consents:
    """The subjects whose consents stand on the day that is looked at, and those who had one and have it no more."""

    matching: frozenset[str] = frozenset()
    special: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    def allows_matching(self, side: Engagement | Participation) -> bool:
        """Whether a consent to matching speaks for this side."""
        return not self.matching.isdisjoint(side.subjects)

    def has_lost(self, side: Engagement | Participation) -> bool:
        """Whether a consent to matching spoke for this side once and none does now."""
        return not self.allows_matching(side) and not self.lost.isdisjoint(side.subjects)

    def allows_special(self, side: Engagement | Participation) -> bool:
        """Whether tokens of special topics may be used: only with both consents of that side."""
        return self.allows_matching(side) and not self.special.isdisjoint(side.subjects)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a fact belongs, as of its own date."""

    site: str | None = None
    carrier: str | None = None
    district: str | None = None


def exclude_each_other(engagement: Engagement, participation: Participation) -> bool:
    """Whether either side excludes the other, or both are the same person."""
    return (
        not set(engagement.excluded).isdisjoint(participation.subjects)
        or not set(participation.excluded).isdisjoint(engagement.subjects)
        or (engagement.person is not None and engagement.person == participation.person)
    )


def site_on(day: str, participation: Participation, engagement: Engagement) -> str | None:
    """The pair's site on a day: the participation's, else the engagement's."""
    return value_on(participation.sites, day) or value_on(engagement.sites, day)

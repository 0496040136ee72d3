"""Engagements: a person as mentor or volunteer in one programme. Facts are kept; stage and qualification are computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.registry.domain.counting import Version, month_of, month_or_none, superseded
from services.registry.domain.programmes import Programme
from shared.kernel.dates import Dated
from shared.kernel.errors import Conflict, Finding, Refused

ATTENDED = frozenset({"present", "made_up"})


@dataclass(frozen=True, slots=True)
class Session:
    """One attendance as the engagement sees it."""

    attendance: str
    module: str
    state: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of an engagement; ``date`` is the day it began."""

    date: str
    programme: str
    role: str
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    languages: tuple[str, ...] = ()
    certified_on: str | None = None
    left_on: str | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """The facts. ``special`` are tokens of special topics offered; ``person`` is gone after an erasure."""

    id: str
    person: str | None
    programme: str
    role: str
    since: str
    first: bool
    recorded_at: str
    sites: tuple[Dated[str], ...] = ()
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    languages: Mapping[str, str] = field(default_factory=dict)
    spoken: tuple[str, ...] = ()
    reach: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    capacity: int = 0
    gender: str | None = None
    excluded: tuple[str, ...] = ()
    cohort: str | None = None
    sessions: tuple[Session, ...] = ()
    certified_on: str | None = None
    clearance_until: str | None = None
    paused_since: str | None = None
    left_on: str | None = None
    left_because: str | None = None
    versions: tuple[Version[Counted], ...] = ()
    version: int = 0

    @property
    def counted(self) -> Counted:
        """What is counted of it now."""
        return Counted(
            date=self.since,
            programme=self.programme,
            role=self.role,
            site=self.site,
            carrier=self.carrier,
            district=self.district,
            languages=self.spoken,
            certified_on=self.certified_on,
            left_on=self.left_on,
        )

    def require_running(self) -> None:
        """Raises ``Conflict("already-left")`` for an engagement that has ended."""
        if self.left_on is not None:
            raise Conflict("already-left")

    def attended(self, session: Session) -> "Engagement":
        """The engagement with one attendance, new or corrected."""
        others = tuple(other for other in self.sessions if other.attendance != session.attendance)
        return replace(self, sessions=(*others, session))

    def paused(self, today: str) -> "Engagement":
        """No new families for a while. Raises ``Conflict`` where it is paused or has ended."""
        self.require_running()
        if self.paused_since is not None:
            raise Conflict("already-paused")
        return replace(self, paused_since=today)

    def resumed(self) -> "Engagement":
        """There again. Raises ``Conflict`` where it is not paused, or has ended."""
        self.require_running()
        if self.paused_since is None:
            raise Conflict("not-paused")
        return replace(self, paused_since=None)

    def left(self, on: str, reason: str) -> "Engagement":
        """Ended for good. Raises ``Conflict`` where it has ended, ``Refused`` for a day before its beginning."""
        self.require_running()
        require_not_before(self.since, on)
        return replace(self, left_on=on, left_because=reason, paused_since=None)

    def anonymous(self) -> "Engagement":
        """What stays after an erasure: the counted fields with the month only, and nothing that leads to a person."""
        return Engagement(
            id=self.id,
            person=None,
            programme=self.programme,
            role=self.role,
            since=month_of(self.since),
            first=self.first,
            recorded_at=self.recorded_at,
            site=self.site,
            carrier=self.carrier,
            district=self.district,
            spoken=self.spoken,
            certified_on=month_or_none(self.certified_on),
            left_on=month_or_none(self.left_on),
            left_because=self.left_because,
            sites=tuple(Dated(month_of(entry.since), entry.value) for entry in self.sites[:1]),
            versions=tuple(replace(version, counted=_by_month(version.counted)) for version in self.versions),
            version=self.version,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """An engagement seen with its programme: from both follows what its bearer may do."""

    engagement: Engagement
    programme: Programme

    @property
    def id(self) -> str:
        """The engagement's id."""
        return self.engagement.id

    @property
    def version(self) -> int:
        """The engagement's version."""
        return self.engagement.version

    @property
    def needs_certificate(self) -> bool:
        """Whether the programme qualifies its people."""
        return bool(self.programme.modules)

    @property
    def passed(self) -> frozenset[str]:
        """The modules passed: attended at least once, and every absence made up."""
        return frozenset(module.code for module in self.programme.modules if self._has_passed(module.code))

    @property
    def missing(self) -> tuple[str, ...]:
        """The required modules that are not passed, in the programme's order."""
        passed = self.passed
        return tuple(m.code for m in self.programme.modules if m.required and m.code not in passed)

    @property
    def qualified(self) -> tuple[str, ...]:
        """The topics that may be worked on: of the modules passed, and none before the certification."""
        if not self.needs_certificate:
            return self.engagement.topics
        found = {topic for m in self.programme.modules if m.code in self._certified for topic in m.topics}
        return tuple(sorted(found))

    @property
    def qualified_special(self) -> tuple[str, ...]:
        """The tokens of special topics that are offered and may be worked on."""
        if not self.needs_certificate:
            return self.engagement.special
        found = {token for m in self.programme.modules if m.code in self._certified for token in m.special}
        return tuple(token for token in self.engagement.special if token in found)

    @property
    def due(self) -> bool:
        """Whether somebody must decide about the certification."""
        engagement = self.engagement
        done = engagement.certified_on is not None or engagement.left_on is not None
        return self.needs_certificate and not done and engagement.person is not None and not self.missing

    def stage(self, day: str) -> str:
        """How far it has come on that day."""
        engagement = self.engagement
        if engagement.left_on is not None:
            return "left"
        if engagement.paused_since is not None:
            return "paused"
        ready = engagement.certified_on is not None or not self.needs_certificate
        if ready and engagement.clearance_until is not None and day < engagement.clearance_until:
            return "active"
        if engagement.certified_on is not None:
            return "certified"
        if self.needs_certificate and not self.missing:
            return "qualified"
        return "in_qualification" if engagement.cohort is not None or engagement.sessions else "interested"

    def certified(self, on: str) -> Engagement:
        """The engagement, certified. Raises ``Refused("qualification")`` naming the modules that are missing."""
        engagement = self.engagement
        engagement.require_running()
        if not self.needs_certificate:
            raise Conflict("no-certificate-needed")
        if engagement.certified_on is not None:
            raise Conflict("already-certified")
        require_not_before(engagement.since, on)
        if self.missing:
            raise Refused("qualification", params={"modules": list(self.missing)})
        return replace(engagement, certified_on=on)

    @property
    def _certified(self) -> frozenset[str]:
        return self.passed if self.engagement.certified_on is not None else frozenset()

    def _has_passed(self, module: str) -> bool:
        states = [session.state for session in self.engagement.sessions if session.module == module]
        absences = sum(state not in ATTENDED for state in states)
        return any(state in ATTENDED for state in states) and states.count("made_up") >= absences


def amended(before: Engagement, after: Engagement, now: str, reason: str) -> Engagement:
    """``after`` with the version before, where anything counted differs."""
    if before.counted == after.counted:
        return after
    versions = superseded(before.versions, before.counted, before.recorded_at, reason)
    return replace(after, versions=versions, recorded_at=now)


def require_not_before(begin: str, day: str, pointer: str = "/on") -> None:
    """Raises ``Refused("before-beginning")`` for a day before the beginning."""
    if day < begin:
        raise Refused("before-beginning", (Finding(pointer, "before-beginning", f">= {begin}"),))


def _by_month(counted: Counted) -> Counted:
    return replace(
        counted,
        date=month_of(counted.date),
        certified_on=month_or_none(counted.certified_on),
        left_on=month_or_none(counted.left_on),
    )

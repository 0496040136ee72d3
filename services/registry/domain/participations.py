"""Participations: a family, or a person helped, in one programme."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.registry.domain.counting import Version, month_of, month_or_none, superseded
from shared.kernel.dates import Dated, value_on
from shared.kernel.errors import Conflict, Finding, Refused


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of a participation; ``date`` is the day it began."""

    date: str
    programme: str
    site: str | None = None
    carrier: str | None = None
    district: str | None = None
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    ended_on: str | None = None
    ended_because: str | None = None


@dataclass(frozen=True, slots=True)
class Participation:
    """The facts. District and languages are copied from the family; ``special`` are tokens of special topics."""

    id: str
    programme: str
    since: str
    first: bool
    recorded_at: str
    family: str | None = None
    person: str | None = None
    sites: tuple[Dated[str], ...] = ()
    site: str | None = None
    carrier: str | None = None
    districts: tuple[Dated[str], ...] = ()
    languages: Mapping[str, str] = field(default_factory=dict)
    spoken: tuple[str, ...] = ()
    not_wished: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    gender_wish: str | None = None
    urgent: bool = False
    interpreter: bool = False
    waiting_since: str | None = None
    excluded: tuple[str, ...] = ()
    ended_on: str | None = None
    ended_because: str | None = None
    versions: tuple[Version[Counted], ...] = ()
    version: int = 0

    @property
    def counted(self) -> Counted:
        """What is counted of it now; the district is the one of its own date."""
        return Counted(
            date=self.since,
            programme=self.programme,
            site=self.site,
            carrier=self.carrier,
            district=value_on(self.districts, self.since),
            languages=self.spoken,
            topics=self.topics,
            ended_on=self.ended_on,
            ended_because=self.ended_because,
        )

    def require_running(self) -> None:
        """Raises ``Conflict("already-ended")`` for one that has ended."""
        if self.ended_on is not None:
            raise Conflict("already-ended")

    def ended(self, on: str, reason: str) -> "Participation":
        """Ended. Raises ``Conflict`` where it has ended, ``Refused`` for a day before its beginning."""
        self.require_running()
        if on < self.since:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {self.since}"),))
        return replace(self, ended_on=on, ended_because=reason)

    def anonymous(self) -> "Participation":
        """What stays after an erasure: the counted fields with the month only."""
        district = value_on(self.districts, self.since)
        return Participation(
            id=self.id,
            programme=self.programme,
            since=month_of(self.since),
            first=self.first,
            recorded_at=self.recorded_at,
            site=self.site,
            carrier=self.carrier,
            sites=tuple(Dated(month_of(entry.since), entry.value) for entry in self.sites[:1]),
            districts=() if district is None else (Dated(month_of(self.since), district),),
            spoken=self.spoken,
            topics=self.topics,
            ended_on=month_or_none(self.ended_on),
            ended_because=self.ended_because,
            versions=tuple(replace(version, counted=_by_month(version.counted)) for version in self.versions),
            version=self.version,
        )


def amended(before: Participation, after: Participation, now: str, reason: str) -> Participation:
    """``after`` with the version before, where anything counted differs."""
    if before.counted == after.counted:
        return after
    versions = superseded(before.versions, before.counted, before.recorded_at, reason)
    return replace(after, versions=versions, recorded_at=now)


def _by_month(counted: Counted) -> Counted:
    return replace(counted, date=month_of(counted.date), ended_on=month_or_none(counted.ended_on))

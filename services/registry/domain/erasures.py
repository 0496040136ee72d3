"""Erasures (Löschungen): whose keys are destroyed, and what of the facts stays."""

from dataclasses import dataclass, replace
from typing import Any

from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation
from shared.kernel.classified import classified
from shared.kernel.dates import Dated, value_on

_DAYS = frozenset({"date", "certified_on", "left_on", "ended_on"})


@classified(internal="id requested_at keys_gone_at completed_at version", personal="subject also requested_by")
@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure of a person or a family; ``also`` are the random ids of what belonged to it."""

    id: str
    subject: str
    also: tuple[str, ...]
    requested_at: str
    keys_gone_at: str | None = None
    completed_at: str | None = None
    requested_by: str = ""
    """The subject of the token that asked."""
    version: int = 0

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everyone whose key is to be destroyed."""
        return (self.subject, *self.also)

    def keys_gone(self, now: str) -> "Erasure":
        """Registry's own keys are destroyed; said once."""
        return self if self.keys_gone_at is not None else replace(self, keys_gone_at=now)

    def confirmed(self, by_all: bool, now: str) -> "Erasure":
        """Complete where all others have confirmed and registry's own keys are gone; said once."""
        if not by_all or self.keys_gone_at is None or self.completed_at is not None:
            return self
        return replace(self, completed_at=now)


def without_person(engagement: Engagement) -> Engagement:
    """The engagement as a fact of work done: nobody in it, and the month only."""
    return Engagement(
        id=engagement.id,
        person=None,
        programme=engagement.programme,
        role=engagement.role,
        date=month_of(engagement.date),
        first=engagement.first,
        sites=_first_by_month(engagement.sites, engagement.date),
        place=engagement.place,
        counted=engagement.counted,
        erased_languages=tuple(engagement.languages or engagement.erased_languages),
        capacity=0,
        certified_on=_month_or_none(engagement.certified_on),
        left_on=_month_or_none(engagement.left_on),
        left_because=engagement.left_because,
        recorded_at=engagement.recorded_at,
        versions=tuple(_version_by_month(entry) for entry in engagement.versions),
        version=engagement.version,
    )


def without_family(participation: Participation) -> Participation:
    """The participation as a fact of work done: nobody in it, and the month only."""
    return Participation(
        id=participation.id,
        family=None,
        person=None,
        programme=participation.programme,
        date=month_of(participation.date),
        first=participation.first,
        sites=_first_by_month(participation.sites, participation.date),
        place=participation.place,
        counted=participation.counted,
        districts=_first_by_month(participation.districts, participation.date),
        erased_languages=tuple(participation.languages or participation.erased_languages),
        topics=participation.topics,
        access_route=participation.access_route,
        ended_on=_month_or_none(participation.ended_on),
        ended_because=participation.ended_because,
        recorded_at=participation.recorded_at,
        versions=tuple(_version_by_month(entry) for entry in participation.versions),
        version=participation.version,
    )


def month_of(day: str) -> str:
    """The first day of the month: all that stays of a date."""
    return f"{day[:7]}-01"


def _month_or_none(day: str | None) -> str | None:
    return None if day is None else month_of(day)


def _first_by_month(history: tuple[Dated[str], ...], day: str) -> tuple[Dated[str], ...]:
    """The value of the fact's own day, and none of the moves around it."""
    value = value_on(history, day)
    return () if value is None else (Dated(month_of(day), value),)


def _version_by_month(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: _month_or_none(value) if name in _DAYS else value for name, value in entry.items()}

"""Erasures (Löschungen): whose keys are destroyed, and what of the facts stays."""

from dataclasses import dataclass, replace

from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure of a person or a family; ``also`` are the random ids of what belonged to it."""

    id: str
    subject: str
    also: tuple[str, ...]
    requested_at: str
    completed_at: str | None = None
    version: int = 0


def without_person(engagement: Engagement) -> Engagement:
    """The engagement as a fact of work done: nobody in it, and the month only."""
    month = engagement.date[:7] + "-01"
    return replace(
        engagement,
        person=None,
        date=month,
        languages=None,
        reach=(),
        slots=(),
        capacity=0,
        gender=None,
        clearance=None,
        left_on=engagement.left_on or month,
        left_because=engagement.left_because or "erased",
    )


def without_family(participation: Participation, on: str) -> Participation:
    """The participation as a fact of work done: nobody in it, and the month only."""
    return replace(
        participation,
        family=None,
        person=None,
        date=participation.date[:7] + "-01",
        not_wished=(),
        wishes=(),
        slots=(),
        gender_wish=None,
        urgent=False,
        interpreter=False,
        waiting_since=None,
        ended_on=participation.ended_on or on,
        ended_because=participation.ended_because or "erased",
    )

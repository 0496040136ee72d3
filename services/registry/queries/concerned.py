"""Which programmes a subject of consents is in: those whose coordinators something about it waits for."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from services.registry.store.repositories import ENGAGEMENTS, FAMILIES, PARTICIPATIONS
from shared.storage.work import Reader

Stay = tuple[bool, str, str]
"""Whether it is over, the day on which it began, its programme: in this order they are sorted."""


async def programmes_concerned(
    reader: Reader, subjects: Iterable[str], visible: dict[str, Any]
) -> dict[str, tuple[str, ...]]:
    """By subject, the programmes in reach where it takes part, the longest first; those that are over if all are.

    In three reads, however many subjects; one that is in no programme is not there. ``visible`` is the filter of
    engagements and participations.
    """
    asked = sorted(set(subjects))
    members: defaultdict[str, list[str]] = defaultdict(list)
    for family in await FAMILIES.find(reader, {"persons": {"$in": asked}}):
        members[family.id] = list(family.persons)
    stays: defaultdict[str, list[Stay]] = defaultdict(list)
    own = [{"_id": {"$in": asked}}, {"person": {"$in": asked}}]
    for engaged in await ENGAGEMENTS.find(reader, {"$and": [visible, {"$or": own}]}):
        for key in (engaged.id, engaged.person or ""):
            stays[key].append((engaged.left_on is not None, engaged.date, engaged.programme))
    ways = [*own, {"family": {"$in": sorted({*asked, *members})}}]
    for one in await PARTICIPATIONS.find(reader, {"$and": [visible, {"$or": ways}]}):
        for key in (one.id, one.person or "", one.family or "", *members.get(one.family or "", ())):
            stays[key].append((one.ended_on is not None, one.date, one.programme))
    return {key: _programmes(stays[key]) for key in asked if key in stays}


def _programmes(stays: list[Stay]) -> tuple[str, ...]:
    ordered = sorted(stays)
    over = ordered[0][0]
    return tuple(dict.fromkeys(programme for ended, _, programme in ordered if ended == over))

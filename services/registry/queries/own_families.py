"""Whom a mentor is in a tandem with."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.registry.domain.people import Person
from services.registry.store.known import running_tandems
from services.registry.store.repositories import FAMILIES, PARTICIPATIONS, PEOPLE
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class OwnFamily:
    """A running tandem and who is on the other side: a family's persons, or a person alone; nobody once erased."""

    tandem: str
    since: str
    programme: str
    engagement: str
    participation: str
    family: str | None
    people: tuple[Person, ...]


async def own_families(reader: Reader, engagements: Sequence[str], after: str | None, limit: int) -> list[OwnFamily]:
    """The first ``limit`` running tandems of these engagements behind the tandem ``after``, by tandem."""
    tandems = await running_tandems(reader, engagements, after, limit)
    taking_part = await PARTICIPATIONS.find(reader, {"_id": {"$in": [row["participation"] for row in tandems]}})
    participations = {one.id: one for one in taking_part}
    families = await FAMILIES.find(reader, {"_id": {"$in": [one.family for one in taking_part if one.family]}})
    members = {family.id: family.persons for family in families}
    for one in taking_part:
        if one.person is not None:
            members[one.person] = (one.person,)
    found = await PEOPLE.find(reader, {"_id": {"$in": sorted({key for keys in members.values() for key in keys})}})
    people = {person.id: person for person in found}

    def own(row: dict[str, str]) -> OwnFamily:
        one = participations.get(row["participation"])
        side = (one.family or one.person or "") if one is not None else ""
        return OwnFamily(
            tandem=row["_id"],
            since=row["date"],
            programme=row["programme"],
            engagement=row["engagement"],
            participation=row["participation"],
            family=one.family if one is not None else None,
            people=tuple(people[key] for key in members.get(side, ()) if key in people),
        )

    return [own(row) for row in tandems]

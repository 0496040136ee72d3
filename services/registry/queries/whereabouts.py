"""Where persons and families belong: the programmes, sites and carriers of what they take part in."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.registry.domain.engagements import Engagement
from services.registry.domain.participations import Participation
from services.registry.store.repositories import ENGAGEMENTS, FAMILIES, PARTICIPATIONS
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Where:
    """One engagement's or participation's place."""

    programme: str
    site: str | None
    carrier: str | None


async def places_of_people(reader: Reader, people: Sequence[str]) -> dict[str, list[Where]]:
    """By person, the places of her engagements and participations, and of those of her families; in three reads."""
    asked = list(people)
    places: dict[str, list[Where]] = {person: [] for person in asked}
    members: dict[str, list[str]] = {}
    for family in await FAMILIES.find(reader, {"persons": {"$in": asked}}):
        members[family.id] = [person for person in family.persons if person in places]
    for engaged in await ENGAGEMENTS.find(reader, {"person": {"$in": asked}}):
        places[engaged.person or ""].append(_where(engaged))
    query = {"$or": [{"person": {"$in": asked}}, {"family": {"$in": sorted(members)}}]}
    for taking_part in await PARTICIPATIONS.find(reader, query):
        for person in [taking_part.person] if taking_part.person in places else members[taking_part.family or ""]:
            places[person or ""].append(_where(taking_part))
    return places


async def places_of_families(reader: Reader, families: Sequence[str]) -> dict[str, list[Where]]:
    """By family, the places of its participations; in one read."""
    places: dict[str, list[Where]] = {family: [] for family in families}
    for taking_part in await PARTICIPATIONS.find(reader, {"family": {"$in": list(places)}}):
        places[taking_part.family or ""].append(_where(taking_part))
    return places


def _where(entry: Engagement | Participation) -> Where:
    return Where(entry.programme, entry.place.site, entry.place.carrier)

"""Where persons and families belong: the programmes, sites and carriers of what they take part in."""

from dataclasses import dataclass
from typing import Any

from services.registry.store.repositories import ENGAGEMENTS, FAMILIES, PARTICIPATIONS
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class Where:
    """One engagement's or participation's place."""

    programme: str
    site: str | None
    carrier: str | None


async def places_of_person(reader: Reader, person: str) -> list[Where]:
    """The places of a person's engagements and participations, and of those of her families."""
    families = [family.id for family in await FAMILIES.find(reader, {"persons": person})]
    engaged = await ENGAGEMENTS.find(reader, {"person": person})
    places = [Where(entry.programme, entry.place.site, entry.place.carrier) for entry in engaged]
    return places + await _participations(reader, {"$or": [{"person": person}, {"family": {"$in": families}}]})


async def places_of_family(reader: Reader, family: str) -> list[Where]:
    """The places of a family's participations."""
    return await _participations(reader, {"family": family})


async def _participations(reader: Reader, query: dict[str, Any]) -> list[Where]:
    found = await PARTICIPATIONS.find(reader, query)
    return [Where(entry.programme, entry.place.site, entry.place.carrier) for entry in found]

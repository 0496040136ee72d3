"""Registering people and families; a family's move reaches its participations in the same transaction."""

from dataclasses import replace

from services.registry.commands.places import require_district
from services.registry.commands.versions import require_version
from services.registry.domain.people import Family, Person
from services.registry.store.erasures import require_unused
from services.registry.store.repositories import FAMILIES, PARTICIPATIONS, PEOPLE, save_participation
from shared.kernel.errors import Finding, Refused
from shared.kernel.sealed import Sealed
from shared.storage.work import Work


async def register_person(work: Work, person: Person) -> Person:
    """A person with her sealed identity."""
    await require_unused(work, person.id)
    return await PEOPLE.save(work, person, "person-registered", ("identity",))


async def register_family(work: Work, family: Family) -> Family:
    """A family of known persons, in a district of the city."""
    await require_district(work, family.districts[0].value, "/district")
    await require_unused(work, family.id)
    for number, person in enumerate(family.persons):
        if await PEOPLE.find_one(work, {"_id": person}) is None:
            raise Refused("invalid", (Finding(f"/persons/{number}", "not-found", "a person of this city"),))
    return await FAMILIES.save(work, family, "family-registered", ("contact",))


async def move_family(work: Work, key: str, district: str, since: str) -> Family:
    """Another district from a day on, in the family and in all its participations."""
    await require_district(work, district, "/district")
    family = await FAMILIES.get(work, key)
    moved = await FAMILIES.save(work, family.moved(district, since), "family-moved", ("districts",))
    for participation in await PARTICIPATIONS.find(work, {"family": key}):
        changed = replace(participation, districts=moved.districts)
        await save_participation(work, changed, "family-moved")
    return moved


async def change_identity(work: Work, key: str, expected: int, identity: Sealed, fields: tuple[str, ...]) -> Person:
    """Another sealed identity. Raises ``VersionLost``, ``NotFound``."""
    person = await PEOPLE.get(work, key)
    require_version(person.version, expected)
    return await PEOPLE.save(work, replace(person, identity=identity), "identity-changed", fields)

"""Registering people and families; a family's move reaches its participations in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.registry.commands.places import require_district
from services.registry.commands.versions import require_version
from services.registry.domain.contacts import Contact
from services.registry.domain.people import Family, Person
from services.registry.domain.search import FORM
from services.registry.store.contacts import CONTACTS, PROTECTED
from services.registry.store.erasures import require_unused, used_among
from services.registry.store.repositories import FAMILIES, PARTICIPATIONS, PEOPLE, save_participation
from shared.kernel.errors import Conflict, DomainError, Finding, Refused
from shared.kernel.sealed import Sealed
from shared.storage.work import Work


async def register_people(works: Sequence[Work], people: Sequence[Person]) -> list[Person | DomainError]:
    """People with their sealed identities, each in a unit of work of her own, all in one transaction.

    Gives each as she is stored, or why not: ids that an erasure names never come back.
    """
    used = await used_among(works[0], [person.id for person in people])
    results: list[Person | DomainError] = []
    for work, person in zip(works, people, strict=True):
        if person.id in used:
            results.append(Conflict("already-exists"))
        else:
            results.append(await PEOPLE.save(work, person, "person-registered", ("identity",)))
    return results


async def register_family(work: Work, family: Family, district: str, contact: Contact | None = None) -> Family:
    """A family of known persons, in a district of the city.

    That of a protected one is in none of its fields: it is sealed in the ``contact`` that comes with it.
    """
    await require_district(work, district, "/district")
    await require_unused(work, family.id)
    await _require_people(work, family.persons)
    saved = await FAMILIES.save(work, family, "family-registered", ("household",))
    if contact is not None:
        await CONTACTS.save(work, contact, PROTECTED, ("named",))
    return saved


async def change_family(work: Work, key: str, expected: int, values: Mapping[str, Any]) -> Family:
    """Other values of some fields; what it speaks, and does not wish to be spoken to in, reaches its running
    participations in the same transaction.

    In ``languages`` each entry changes by itself. Raises ``VersionLost``, ``NotFound``, ``Refused``.
    """
    family = await FAMILIES.get(work, key)
    require_version(family.version, expected)
    await _require_people(work, values.get("persons", ()))
    changed = await FAMILIES.save(work, family.changed(values), "family-changed", tuple(sorted(values)))
    if (changed.languages, changed.not_wished) != (family.languages, family.not_wished):
        for participation in await PARTICIPATIONS.find(work, {"family": key, "ended_on": None}):
            spoken = replace(participation, languages=changed.languages, not_wished_at_home=changed.not_wished)
            await save_participation(work, spoken, "family-changed")
    return changed


async def move_family(work: Work, key: str, district: str, since: str) -> Family:
    """Another district from a day on, in the family and in all its participations.

    Raises ``Conflict("address-protected")`` for a family whose districts are not to be told.
    """
    await require_district(work, district, "/district")
    family = await FAMILIES.get(work, key)
    if family.protected:
        raise Conflict("address-protected")
    moved = await FAMILIES.save(work, family.moved(district, since), "family-moved", ("districts",))
    for participation in await PARTICIPATIONS.find(work, {"family": key}):
        changed = replace(participation, districts=moved.districts)
        await save_participation(work, changed, "family-moved")
    return moved


async def change_identity(
    work: Work, key: str, expected: int, identity: Sealed, *, tokens: tuple[bytes, ...], fields: tuple[str, ...]
) -> Person:
    """Another sealed identity with its search tokens. Raises ``VersionLost``, ``NotFound``."""
    person = await PEOPLE.get(work, key)
    require_version(person.version, expected)
    return await PEOPLE.save(work, person.identified(identity, tokens, FORM), "identity-changed", fields)


async def _require_people(work: Work, people: Sequence[str]) -> None:
    for number, person in enumerate(people):
        if await PEOPLE.find_one(work, {"_id": person}) is None:
            raise Refused("invalid", (Finding(f"/persons/{number}", "not-found", "a person of this city"),))

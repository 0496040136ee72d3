"""Contact data: kept, changed, and protected: then nobody but those named learns where somebody lives."""

from dataclasses import dataclass, replace

from services.registry.commands.places import require_district
from services.registry.commands.versions import require_version
from services.registry.domain.contacts import Contact, Histories
from services.registry.domain.people import Family
from services.registry.store.contacts import (
    CONTACTS,
    LIFTED,
    PROTECTED,
    contact_of,
    hide_districts,
    hold_address,
    open_districts,
    show_districts,
)
from services.registry.store.repositories import FAMILIES, PEOPLE, require_known
from shared.kernel.errors import VersionLost
from shared.kernel.ids import FAMILY, is_id
from shared.kernel.sealed import Sealed
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read before something was sealed, and must be the same still: a version, the districts in the open."""

    version: int
    districts: Histories


async def keep_contact(work: Work, contact: Contact) -> Contact:
    """Contact data of a family or person that is there. Raises ``Conflict`` where there are some already."""
    await _require_subject(work, contact.id)
    return await CONTACTS.save(work, contact, "contact-kept", ("flats", "ways"))


async def change_contact(work: Work, contact: Contact, expected: int, fields: tuple[str, ...]) -> Contact:
    """Other values; ``contact`` is what was read, changed. Raises ``VersionLost``."""
    require_version((await CONTACTS.get(work, contact.id)).version, expected)
    return await CONTACTS.save(work, contact, "contact-changed", fields)


async def protect_contact(work: Work, contact: Contact, seen: Seen) -> Contact:
    """``contact`` names those who may know; in ``where`` are the districts that now leave everything in the open.

    Raises ``VersionLost`` where something has changed since it was read.
    """
    await _require_subject(work, contact.id)
    await hold_address(work, contact.id)
    await _require_seen(work, contact.id, seen)
    saved = await CONTACTS.save(work, contact, PROTECTED, ("named",))
    await hide_districts(work, contact.id)
    return saved


async def lift_protection(work: Work, key: str, where: Sealed, histories: Histories, expected: int) -> Contact:
    """No secret any more; ``where`` is sealed without the districts, which are told again."""
    contact = await CONTACTS.get(work, key)
    require_version(contact.version, expected)
    await hold_address(work, key)
    saved = await CONTACTS.save(work, replace(contact, named=None, where=where), LIFTED, ("named",))
    await show_districts(work, key, histories)
    return saved


async def move_protected(work: Work, family: str, district: str, where: Sealed, expected: int) -> Family:
    """A protected family's move: nothing of it is told. Raises ``VersionLost`` for another contact's version."""
    await require_district(work, district, "/district")
    contact = await CONTACTS.get(work, family)
    require_version(contact.version, expected)
    await CONTACTS.save(work, replace(contact, where=where), "contact-changed", ("districts",))
    return await FAMILIES.get(work, family)


async def _require_subject(work: Work, key: str) -> None:
    kept = FAMILIES.collection if is_id(key, FAMILY) else PEOPLE.collection
    await require_known(work, kept, key, "/subject")


async def _require_seen(work: Work, key: str, seen: Seen) -> None:
    contact = await contact_of(work, key)
    require_version(contact.version if contact else 0, seen.version)
    if await open_districts(work, key) != seen.districts:
        raise VersionLost("version-lost", params={"version": seen.version})

"""Contact data, and what of it stands in the open elsewhere: the districts of families and of participations."""

from dataclasses import replace
from typing import Final

from services.registry.domain.contacts import Contact, Histories
from services.registry.store.repositories import (
    FAMILIES,
    PARTICIPATIONS,
    forget_in_participation,
    save_participation,
)
from shared.kernel.ids import FAMILY, is_id
from shared.storage.repository import Repository
from shared.storage.work import Reader, Work

CONTACTS = Repository(Contact, "contacts", "contact")
PROTECTED: Final = "address-protected"
LIFTED: Final = "protection-lifted"


async def contact_of(reader: Reader, subject: str) -> Contact | None:
    """The contact data of a family or person, ``None`` where none are kept."""
    return await CONTACTS.find_one(reader, {"_id": subject})


async def is_protected(reader: Reader, subject: str) -> bool:
    """Whether only some may know where the family or person lives."""
    contact = await contact_of(reader, subject)
    return contact is not None and contact.protected


async def open_districts(reader: Reader, subject: str) -> Histories:
    """The districts that stand in the open: the family's, or those of a person's own participations."""
    if is_id(subject, FAMILY):
        family = await FAMILIES.get(reader, subject)
        return {family.id: family.districts} if family.districts else {}
    found = await PARTICIPATIONS.find(reader, {"person": subject})
    return {one.id: one.districts for one in found if one.districts}


async def hold_address(work: Work, subject: str) -> None:
    """Holds the question whether it may be told where the family or person lives."""
    await work.hold(f"address/{subject}")


async def hide_districts(work: Work, subject: str) -> None:
    """Takes them out of the family and its participations, and out of what was told of these."""
    if is_id(subject, FAMILY):
        family = await FAMILIES.get(work, subject)
        hidden = replace(family, districts=(), protected=True)
        await FAMILIES.save(work, hidden, PROTECTED, ("districts",), erases=True)
    for one in await PARTICIPATIONS.find(work, _of(subject)):
        await forget_in_participation(work, one.without_districts(), PROTECTED)


async def show_districts(work: Work, subject: str, histories: Histories) -> None:
    """Puts them back, and tells them again."""
    if is_id(subject, FAMILY):
        family = await FAMILIES.get(work, subject)
        shown = replace(family, districts=histories.get(subject, ()), protected=False)
        await FAMILIES.save(work, shown, LIFTED, ("districts",))
    for one in await PARTICIPATIONS.find(work, _of(subject)):
        history = histories.get(one.family or one.id, ())
        if history:
            await save_participation(work, replace(one, districts=history), LIFTED)


async def forget_contact(work: Work, subject: str) -> None:
    """Deletes it; and the subject is named in nobody else's any more."""
    for named in await CONTACTS.find(work, {"named": subject}):
        await CONTACTS.save(work, named.without_name(subject), "person-erased", ("named",))
    if await work.remove(CONTACTS.collection, {"_id": subject}):
        work.note("contact.erased", subject)


def _of(subject: str) -> dict[str, str]:
    return {"family" if is_id(subject, FAMILY) else "person": subject}

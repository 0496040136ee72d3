"""Persons and organisations that a sealed part names: they are there, and in the caller's reach."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.registry.api.reach import require_visible, sees_person
from services.registry.store.repositories import ORGANISATIONS, PEOPLE
from shared.kernel.errors import Finding, Refused
from shared.web.desk import RequestDesk

Named = tuple[str, Mapping[str, Any]]
"""A pointer, and what stands there: perhaps with a ``person``, perhaps with an ``organisation``."""


def in_household(household: Mapping[str, Any]) -> Iterator[Named]:
    """Everybody of a household, and the guardians of its children."""
    for kind in ("adults", "children"):
        for number, member in enumerate(household.get(kind, ())):
            yield f"/household/{kind}/{number}", member
            for place, guardian in enumerate(member.get("guardians", ())):
                yield f"/household/{kind}/{number}/guardians/{place}", guardian


def in_contact(contact: Mapping[str, Any]) -> Iterator[Named]:
    """Everybody who may be called."""
    for number, channel in enumerate(contact.get("channels", ())):
        yield f"/channels/{number}", channel


async def require_referred(desk: RequestDesk, named: Iterator[Named]) -> None:
    """Raises ``Refused`` with the pointer of what is not there, ``Invisible`` for a person out of reach."""
    for pointer, entry in named:
        if entry.get("person") is not None:
            person = await PEOPLE.find_one(desk.reader, {"_id": entry["person"]})
            if person is None:
                raise Refused("invalid", (Finding(f"{pointer}/person", "not-found", "a person of this city"),))
            require_visible(await sees_person(desk, person))
        if entry.get("organisation") is not None:
            organisation = await ORGANISATIONS.find_one(desk.reader, {"_id": entry["organisation"]})
            if organisation is None:
                expected = "an organisation of this city"
                raise Refused("invalid", (Finding(f"{pointer}/organisation", "not-found", expected),))

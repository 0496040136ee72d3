"""What a body names by its id: it is there, and in the caller's reach; who is not in reach is as if not there."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from services.registry.api.reach import found_subjects
from services.registry.store.repositories import ORGANISATIONS
from shared.kernel.errors import Finding, Refused
from shared.security.grants import InvisibleReference
from shared.web.desk import RequestDesk

Named = tuple[str, Mapping[str, Any]]
"""A pointer, and what stands there: perhaps with a ``person``, perhaps with an ``organisation``."""
Reference = tuple[str, str | None]
"""A pointer, and the id that stands there, if any."""

_WHAT: Final = {"per_": "a person", "fam_": "a family", "eng_": "an engagement", "ptc_": "a participation"}


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


def persons_of(named: Iterable[Named]) -> frozenset[str]:
    """The persons among those named."""
    return frozenset(entry["person"] for _, entry in named if entry.get("person") is not None)


def each(pointer: str, keys: Iterable[str]) -> Iterator[Reference]:
    """References of a list, each with its own pointer."""
    for number, key in enumerate(keys):
        yield f"{pointer}/{number}", key


async def require_named(desk: RequestDesk, *named: Reference, known: Collection[str] = ()) -> None:
    """Raises ``Refused`` with the pointers of those that are not there, or out of the caller's reach.

    The answer does not tell which of the two it is; the audit does. ``known`` are ids that the caller is shown where
    they stand now: to leave them there is nobody's secret.
    """
    asked = {key for _, key in named if key is not None and key not in known}
    if not asked:
        return
    found, seen = await found_subjects(desk, asked)
    absent = asked - seen
    findings = tuple(Finding(pointer, "not-found", _expected(key)) for pointer, key in named if key in absent)
    if findings:
        raise (InvisibleReference if found & absent else Refused)("invalid", findings)


async def require_organisation(desk: RequestDesk, pointer: str, slug: str | None) -> None:
    """Raises ``Refused`` for an organisation that is not there."""
    if slug is not None and await ORGANISATIONS.find_one(desk.reader, {"_id": slug}) is None:
        raise Refused("invalid", (Finding(pointer, "not-found", "an organisation of this city"),))


async def require_referred(desk: RequestDesk, named: Iterable[Named], *, known: Collection[str] = ()) -> None:
    """As ``require_named`` for the persons of a sealed part, and as ``require_organisation`` for its organisations."""
    entries = list(named)
    await require_named(desk, *((f"{pointer}/person", entry.get("person")) for pointer, entry in entries), known=known)
    for pointer, entry in entries:
        await require_organisation(desk, f"{pointer}/organisation", entry.get("organisation"))


def _expected(key: str | None) -> str:
    return f"{_WHAT.get((key or '')[:4], 'something')} in your reach"

"""Names to be shown: opened for the page that shows them, and audited once for it."""

from collections.abc import Sequence
from dataclasses import replace

from services.registry.domain.people import Person
from shared.kernel.people import PersonName, display
from shared.storage.audit import AuditEntry
from shared.web.desk import RequestDesk


async def display_names(desk: RequestDesk, people: Sequence[Person]) -> dict[str, str]:
    """The names by id; that they were opened is in the audit before this returns."""
    return {person: display(name) for person, name in (await opened_names(desk, people, "display")).items()}


async def opened_names(desk: RequestDesk, people: Sequence[Person], purpose: str) -> dict[str, PersonName]:
    """As documented and as called, by id, opened for a purpose; it is in the audit before this returns."""
    reads = [AuditEntry("sealed.read", person.id, fields=("name",)) for person in people]
    if reads:
        await desk.store.note(desk.city, replace(desk.actor, purpose=purpose), *reads)
    plains = await desk.store.vault.open_all(desk.city, [person.identity for person in people])
    return {
        person.id: PersonName(plain["as_documented"], plain.get("call_name"))
        for person, plain in zip(people, plains, strict=True)
    }

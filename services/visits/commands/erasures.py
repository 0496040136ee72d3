"""Visits' part of an erasure: keys destroyed, notes gone, confirmed by an event of its own."""

from typing import Final

from services.visits.store.repositories import blank_notes
from shared.contracts.visits import VisitsConfirmationV1
from shared.messaging.reactions import Ask
from shared.storage.work import Work

NOTES_AT_ONCE: Final = 100


async def forget_subject(ask: Ask) -> None:
    """May be run again: the keys and notes are gone already then, and the confirmation happens once.

    The facts of the work keep their random ids, which nothing links to a person any more.
    """
    also = [str(subject) for subject in ask.payload["also"]]
    erasure = str(ask.payload["erasure"])
    for subject in (str(ask.payload["subject"]), *also):
        await ask.store.vault.destroy(ask.city, subject)

    async def some_notes(work: Work) -> int:
        return await blank_notes(work, also, NOTES_AT_ONCE)

    async def confirm(work: Work) -> None:
        work.tell(VisitsConfirmationV1(erasure=erasure, confirmed_at=work.now), sequence=1, fact="erasure-confirmed")
        work.note("erasure.confirmed", erasure)
        work.remember(200, erasure, 1)

    while await ask.store.transact(ask.city, ask.actor, some_notes):
        # A transaction must end within seconds, however many visits there were.
        continue
    await ask.store.transact(ask.city, ask.actor, confirm, ask.once)

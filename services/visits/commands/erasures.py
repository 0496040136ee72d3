"""Visits' part of an erasure: keys destroyed, notes gone, confirmed by an event of its own."""

from typing import Final

from services.visits.store.repositories import blank_notes
from shared.contracts.visits import VisitsConfirmationV1
from shared.messaging.forgetting import confirm, destroy_keys, subjects_of
from shared.messaging.reactions import Ask
from shared.storage.work import Work

NOTES_AT_ONCE: Final = 100


async def forget_subject(ask: Ask) -> None:
    """May be run again: the keys and notes are gone already then, and the confirmation happens once.

    The facts of the work keep their random ids, which nothing links to a person any more.
    """
    also = subjects_of(ask)[1:]
    await destroy_keys(ask)

    async def some_notes(work: Work) -> int:
        return await blank_notes(work, also, NOTES_AT_ONCE)

    async def ended(work: Work) -> None:
        confirm(work, ask, VisitsConfirmationV1)

    while await ask.store.transact(ask.city, ask.actor, some_notes):
        # A transaction must end within seconds, however many visits there were.
        continue
    await ask.store.transact(ask.city, ask.actor, ended, ask.once)

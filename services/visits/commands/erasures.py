"""Visits' part of an erasure: keys destroyed, notes gone, confirmed by an event of its own."""

from services.visits.commands.visits import forget_notes
from shared.contracts.visits import VisitsConfirmationV1
from shared.messaging.reactions import Ask
from shared.storage.work import Work


async def forget_subject(ask: Ask) -> None:
    """May be run again: the keys are gone already then, and the confirmation happens once."""
    also = list(ask.payload["also"])
    for subject in (ask.payload["subject"], *also):
        await ask.store.vault.destroy(ask.city, subject)

    async def body(work: Work) -> None:
        await forget_notes(work, also)
        work.tell(
            VisitsConfirmationV1(erasure=ask.payload["erasure"], confirmed_at=work.now),
            sequence=1,
            fact="erasure-confirmed",
        )
        work.note("erasure.confirmed", ask.payload["erasure"])
        work.remember(200, ask.payload["erasure"], 1)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)

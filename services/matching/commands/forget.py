"""Matching's part of an erasure. It holds random ids only: what runs ends, the keys go, and that is confirmed."""

from services.matching.commands.end_tandem import leave
from services.matching.store import rejections
from shared.contracts.matching import MatchingConfirmationV1
from shared.messaging.forgetting import confirm, destroy_keys, subjects_of
from shared.messaging.reactions import Ask
from shared.storage.work import Work


async def forget_subject(ask: Ask) -> None:
    """May be run again: nothing runs then, the keys are gone already, and the confirmation happens once.

    Rounds and tandems keep their random ids, which nothing links to a person any more: past totals stay.
    """
    await destroy_keys(ask)

    async def body(work: Work) -> None:
        for subject in subjects_of(ask):
            await leave(work, subject, None, "erased")
            await rejections.forget(work, subject)
        confirm(work, ask, MatchingConfirmationV1)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)

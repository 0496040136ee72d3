"""Reporting's part of an erasure. It holds random ids only: its keys, if any, go, and that is confirmed."""

from shared.contracts.reporting import ReportingConfirmationV1
from shared.messaging.forgetting import confirm, destroy_keys
from shared.messaging.reactions import Ask
from shared.storage.work import Work


async def forget_subject(ask: Ask) -> None:
    """May be run again: the keys are gone already then, and the confirmation happens once.

    Facts and sealed rows keep their random ids, which nothing links to a person any more: past totals stay.
    """
    await destroy_keys(ask)

    async def body(work: Work) -> None:
        confirm(work, ask, ReportingConfirmationV1)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)

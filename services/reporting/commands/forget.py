"""Reporting's part of an erasure. It holds random ids only: its keys, if any, go, and that is confirmed."""

from shared.contracts.reporting import ReportingConfirmationV1
from shared.messaging.reactions import Ask
from shared.storage.work import Work


async def forget_subject(ask: Ask) -> None:
    """May be run again: the keys are gone already then, and the confirmation happens once.

    Facts and sealed rows keep their random ids, which nothing links to a person any more: past totals stay.
    """
    erasure = str(ask.payload["erasure"])
    for subject in (str(ask.payload["subject"]), *map(str, ask.payload["also"])):
        await ask.store.vault.destroy(ask.city, subject)

    async def confirm(work: Work) -> None:
        work.tell(ReportingConfirmationV1(erasure=erasure, confirmed_at=work.now), sequence=1, fact="erasure-confirmed")
        work.note("erasure.confirmed", erasure)
        work.remember(200, erasure, 1)

    await ask.store.transact(ask.city, ask.actor, confirm, ask.once)

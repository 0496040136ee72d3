"""Matching's part of an erasure. It holds random ids only: what runs ends, the keys go, and that is confirmed."""

from services.matching.commands.end_tandem import leave
from shared.contracts.matching import MatchingConfirmationV1
from shared.messaging.reactions import Ask
from shared.storage.work import Work


async def forget_subject(ask: Ask) -> None:
    """May be run again: nothing runs then, the keys are gone already, and the confirmation happens once.

    Rounds and tandems keep their random ids, which nothing links to a person any more: past totals stay.
    """
    subjects = [str(ask.payload["subject"]), *map(str, ask.payload["also"])]
    erasure = str(ask.payload["erasure"])
    for subject in subjects:
        await ask.store.vault.destroy(ask.city, subject)

    async def body(work: Work) -> None:
        for subject in subjects:
            await leave(work, subject, None, "erased")
        work.tell(MatchingConfirmationV1(erasure=erasure, confirmed_at=work.now), sequence=1, fact="erasure-confirmed")
        work.note("erasure.confirmed", erasure)
        work.remember(200, erasure, 1)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)

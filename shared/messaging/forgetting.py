"""A service's part of an erasure: asked for by registry's event, ended by a confirmation of its own."""

from collections.abc import Sequence
from typing import Final

from shared.contracts.base import Contract
from shared.messaging.projection import Reaction
from shared.messaging.reactions import Ask
from shared.storage.mongo import Document
from shared.storage.work import Work

FORGET: Final = "forget-subject"


def reactions_of(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    """Asks for the subject to be forgotten, once per erasure."""
    if new is None or old is not None:
        return ()
    payload = {"erasure": new["_id"], "subject": new["subject"], "also": new["also"]}
    return (Reaction(FORGET, payload),)


def subjects_of(ask: Ask) -> list[str]:
    """Everyone whom the erasure names."""
    return [str(ask.payload["subject"]), *map(str, ask.payload["also"])]


async def destroy_keys(ask: Ask) -> None:
    """Destroys this service's keys of all of them; may be repeated."""
    for subject in subjects_of(ask):
        await ask.store.vault.destroy(ask.city, subject)


def confirm(work: Work, ask: Ask, confirmation: type[Contract]) -> None:
    """Tells, in the reaction's last transaction, that this service has forgotten; repeated, it happens once."""
    erasure = str(ask.payload["erasure"])
    told = confirmation.model_validate({"erasure": erasure, "confirmed_at": work.now})
    work.tell(told, sequence=1, fact="erasure-confirmed")
    work.note("erasure.confirmed", erasure)
    work.remember(200, erasure, 1)

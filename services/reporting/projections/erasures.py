"""An erasure arrives: time to forget."""

from collections.abc import Sequence
from typing import Final

from shared.messaging.projection import Reaction
from shared.storage.mongo import Document

FORGET: Final = "forget-subject"


def reactions_of(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    """Asks for the subject to be forgotten, once per erasure."""
    if new is None or old is not None:
        return ()
    payload = {"erasure": new["_id"], "subject": new["subject"], "also": new["also"]}
    return (Reaction(FORGET, payload),)

"""Withdrawals that arrive: a command is asked for that takes back what rested on the consent."""

from collections.abc import Sequence
from typing import Final

from shared.messaging.projection import Reaction
from shared.storage.mongo import Document

WITHDRAWN: Final = "consent-withdrawn"
_PURPOSES: Final = frozenset({"matching", "special_category"})


def of_consent(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    """A consent to matching or to special topics, withdrawn now and not before; what was erased is the erasure's."""
    if new is None or new["purpose"] not in _PURPOSES or new["withdrawn_at"] is None:
        return ()
    if old is not None and old["withdrawn_at"] is not None:
        return ()
    return (Reaction(WITHDRAWN, {"subject": new["subject"]}),)

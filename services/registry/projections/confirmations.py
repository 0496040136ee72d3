"""A service confirms that it has carried out an erasure: time to see whether all have."""

from collections.abc import Sequence

from shared.messaging.projection import Reaction
from shared.storage.mongo import Document


def reactions_of(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    """Asks for the erasure to be completed, once per confirmation."""
    if new is None or old is not None:
        return ()
    return (Reaction("complete-erasure", {"erasure": new["_id"]}),)

"""A tandem ends: a programme that is ending may now have no open case any more."""

from collections.abc import Sequence

from shared.messaging.projection import Reaction
from shared.storage.mongo import Document


def settles(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    """Asks for the programme to be settled when one of its open tandems is open no longer."""
    if old is None or old.get("ended_on") is not None:
        return ()
    if new is not None and new.get("ended_on") is None:
        return ()
    return (Reaction("settle-programme", {"programme": old["programme"]}),)

"""A tandem ends: a programme that is ending may now have no open case any more. It is erased: phones must forget it."""

from collections.abc import Sequence

from shared.messaging.events import Event
from shared.messaging.projection import Reaction
from shared.storage.mongo import Document


def settles(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    """Asks for the programme to be settled when one of its open tandems is open no longer."""
    if old is None or old.get("ended_on") is not None:
        return ()
    if new is not None and new.get("ended_on") is None:
        return ()
    return (Reaction("settle-programme", {"programme": old["programme"]}),)


def marked(old: Document | None, event: Event) -> Document:
    """Whose tandem it was, by a random id, and when it was erased; what came before it may have been compacted away."""
    return {"engagement": None if old is None else old.get("engagement"), "recorded_at": event.time}

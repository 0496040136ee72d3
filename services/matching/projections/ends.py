"""Ends that arrive: what was there is compared with what is there now, and a command is asked for."""

from collections.abc import Sequence
from typing import Final

from shared.messaging.projection import Reaction
from shared.storage.mongo import Document

END: Final = "end-tandem"


def of_engagement(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    """An engagement that has left or was erased."""
    if _engagement_runs(new) or (old is not None and not _engagement_runs(old)):
        return ()
    if new is None or new["person"] is None:
        return _end(old, new, None, "erased")
    return _end(old, new, new["left_on"], "mentor_left")


def of_participation(old: Document | None, new: Document | None) -> Sequence[Reaction]:
    """A participation that has ended or was erased; the reason is the one on record."""
    if _participation_runs(new) or (old is not None and not _participation_runs(old)):
        return ()
    if new is None or (new["family"] is None and new["person"] is None):
        return _end(old, new, None, "erased")
    return _end(old, new, new["ended_on"], new["ended_because"] or "participation_ended")


def _end(old: Document | None, new: Document | None, on: str | None, reason: str) -> Sequence[Reaction]:
    known = new or old
    if known is None:
        return ()
    return (Reaction(END, {"side": known["_id"], "on": on, "reason": reason}),)


def _engagement_runs(document: Document | None) -> bool:
    return (
        document is not None
        and document["person"] is not None
        and document["left_on"] is None
        and document["stage"] != "left"
    )


def _participation_runs(document: Document | None) -> bool:
    there = document is not None and (document["family"] is not None or document["person"] is not None)
    return there and document is not None and document["ended_on"] is None

"""What changed since an instant, in reach; the pool's comings and goings by what registry last said."""

from collections.abc import Callable

from services.matching.domain.changes import Change, of_proposal, of_tandem
from services.matching.domain.known import Engagement, Participation
from services.matching.store import PROPOSALS, TANDEMS, known
from shared.storage.mongo import Document
from shared.storage.work import Reader

Sees = Callable[[Engagement | Participation], bool]


async def changes_since(reader: Reader, sides: Document, tandems: Document, sees: Sees, since: str) -> list[Change]:
    """Oldest first. ``sides`` filters proposals, ``tandems`` tandems, ``sees`` whoever joined or left."""
    later = {"$gte": since}
    moments = ("drafted_at", "told_at", "decided_at", "undone_at", "answers.mentor.at", "answers.family.at")
    proposals = await PROPOSALS.find(reader, {"$and": [{"$or": [{name: later} for name in moments]}, sides]})
    moved = await TANDEMS.find(reader, {"$and": [{"$or": [{"recorded_at": later}, {"steps.at": later}]}, tandems]})
    found = [change for one in proposals for change in of_proposal(one)]
    found += [change for one in moved for change in of_tandem(one)]
    found += await _pool(reader, sees, since)
    return sorted((one for one in found if one.at >= since), key=lambda one: one.place)


async def _pool(reader: Reader, sees: Sees, since: str) -> list[Change]:
    """A state that registry told since then: of whoever has gone, or of whoever has no earlier version."""
    found: list[Change] = []
    for at, is_first, side in await known.told_since(reader, since):
        if not sees(side) or not (side.has_gone or is_first):
            continue
        noun = "mentor" if isinstance(side, Engagement) else "family"
        verb = "left" if side.has_gone else "joined"
        about = f"tandems?{'engagement' if noun == 'mentor' else 'participation'}={side.id}"
        found.append(Change(at, f"{noun}-{verb}", side.id, about, side.programme))
    return found

"""Visits' collections and the repositories over them."""

from typing import Final

from services.visits import publishing
from services.visits.domain.activities import Activity
from services.visits.domain.requests import Request
from services.visits.domain.visits import Visit
from services.visits.store import known
from shared.storage.repository import Repository
from shared.storage.store import Index, Layout
from shared.storage.work import Work

VISITS: Final = Repository(Visit, "visits", "visit", publishing.visit)
REQUESTS: Final = Repository(Request, "requests", "request", publishing.request)
ACTIVITIES: Final = Repository(Activity, "activities", "activity", publishing.activity)

_LISTED = (Index(("programme", "-date", "-_id")), Index(("-date", "-_id")))

LAYOUT: Final = Layout(
    {
        VISITS.collection: (
            *_LISTED,
            Index(("engagement", "-date", "-_id")),
            Index(("tandem", "-date")),
            Index(("participation",)),
        ),
        REQUESTS.collection: _LISTED,
        ACTIVITIES.collection: _LISTED,
        known.CITIES: (),
        known.PROGRAMMES: (),
        known.SITES: (),
        known.ENGAGEMENTS: (Index(("person",)),),
        known.PARTICIPATIONS: (),
        known.TANDEMS: (Index(("ended_on", "engagement")),),
        known.ERASURES: (Index(("also",)),),
        known.PERIODS: (Index(("programme",)),),
    }
)


async def blank_notes(work: Work, participations: list[str], limit: int) -> int:
    """Forgets the notes, and the marks of what was sent, of at most ``limit`` visits; says of how many.

    Nothing that is told changes, so nothing is told; the version moves on, so that no writer brings a note back.
    """
    query = {"participation": {"$in": participations}, "$or": [{"note": {"$ne": None}}, {"contents": {"$ne": []}}]}
    found = await work.find(VISITS.collection, query, limit=limit)
    for row in found:
        wanted = {"_id": row["_id"], "version": row["version"]}
        await work.change(VISITS.collection, wanted, {"$set": {"note": None, "contents": []}, "$inc": {"version": 1}})
        work.note("visit.note-erased", row["_id"], ("note",))
    return len(found)

"""Tandems that nobody has heard of for a while: a visit puts the reminder off."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.visits.store import VISITS, known
from shared.storage.mongo import Document
from shared.storage.work import Reader

QUIET_DAYS: Final = 21
"""A tandem meets about weekly; after three weeks without an entry somebody should ask."""


@dataclass(frozen=True, slots=True)
class QuietTandem:
    """A running tandem, the day from which an entry is due, and since when there has been none."""

    tandem: str
    programme: str
    site: str | None
    carrier: str | None
    engagement: str
    due_on: str
    since: str


async def quiet_tandems(reader: Reader, today: str, reach: Document) -> list[QuietTandem]:
    """Running tandems in reach without a valid visit in the last three weeks, longest due first."""
    running = await reader.find(known.TANDEMS, {"$and": [{"ended_on": None, "erased": False}, reach]})
    last = await _last_visits(reader, [row["_id"] for row in running])
    found = [_quiet(row, max(last.get(row["_id"], row["date"]), row["date"])) for row in running]
    return sorted((one for one in found if one.due_on <= today), key=place_of)


def place_of(one: QuietTandem) -> str:
    """The place in the list."""
    return f"{one.due_on}|{one.tandem}"


async def _last_visits(reader: Reader, tandems: list[str]) -> dict[str, str]:
    wanted = {"$match": {"tandem": {"$in": tandems}, "status": "valid"}}
    newest = {"$group": {"_id": "$tandem", "date": {"$max": "$date"}}}
    return {row["_id"]: row["date"] for row in await reader.aggregate(VISITS.collection, [wanted, newest])}


def _quiet(row: Document, since: str) -> QuietTandem:
    due = date.fromisoformat(since) + timedelta(days=QUIET_DAYS)
    return QuietTandem(
        row["_id"], row["programme"], row.get("site"), row.get("carrier"), row["engagement"], due.isoformat(), since
    )

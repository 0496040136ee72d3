"""Activities: recorded, corrected, voided."""

from typing import Any

from services.visits.domain.activities import Activity
from services.visits.domain.known import Moment
from services.visits.store import ACTIVITIES
from services.visits.store.known import Known
from shared.kernel.errors import VersionLost
from shared.storage.work import Work


async def record_activity(work: Work, new: Activity) -> Activity:
    """How many came, nobody named. Raises ``Refused``, ``NotYetKnown``."""
    known = Known(work)
    place = await known.place(new.site, new.district, None, new.date)
    recorded = new.recorded(await known.programme(new.programme), place, _moment(work))
    return await ACTIVITIES.save(work, recorded, "activity-recorded")


async def correct_activity(work: Work, key: str, expected: int, reason: str, changes: dict[str, Any]) -> Activity:
    """Changed fields; with another site its district is the new site's, where none is given."""
    activity = await _expected(work, key, expected)
    known = Known(work)
    site = changes.get("site", activity.site)
    district = changes.get("district", None if "site" in changes else activity.district)
    place = await known.place(site, district, None, changes.get("date", activity.date))
    programme = await known.programme(activity.programme)
    changed = activity.corrected(changes, programme, place, _moment(work), reason=reason)
    if changed == activity:
        return activity
    return await ACTIVITIES.save(work, changed, "activity-corrected", tuple(sorted(changes)))


async def void_activity(work: Work, key: str, expected: int, reason: str) -> Activity:
    """Not counted any more."""
    activity = await _expected(work, key, expected)
    return await ACTIVITIES.save(work, activity.voided(_moment(work), reason), "activity-voided")


async def _expected(work: Work, key: str, expected: int) -> Activity:
    activity = await ACTIVITIES.get(work, key)
    if activity.version != expected:
        raise VersionLost("version-lost", params={"version": activity.version})
    return activity


def _moment(work: Work) -> Moment:
    return Moment(work.now, work.today)

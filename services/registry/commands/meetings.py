"""Series of group meetings, and who came to each."""

from collections.abc import Mapping
from typing import Any

from services.registry.commands.belonging import cohort_of
from services.registry.commands.versions import require_version
from services.registry.domain.meetings import Meeting, Series
from services.registry.store.qualification import MEETINGS, SERIES
from services.registry.store.repositories import ENGAGEMENTS, PROGRAMMES
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work


async def open_series(work: Work, series: Series) -> Series:
    """A series of a programme, from a day inside its period; of one of its cohorts where that is said."""
    programme = await PROGRAMMES.get(work, series.programme)
    programme.require_open(series.first_on, "/first_on")
    series.require_end()
    if series.cohort is not None:
        await cohort_of(work, series.programme, series.cohort, "/cohort")
    return await SERIES.save(work, series, "series-opened")


async def end_series(work: Work, key: str, expected: int, until: str) -> Series:
    """No meeting from ``until`` on. Raises ``VersionLost``, and ``Refused`` where a later one is recorded."""
    series = await SERIES.get(work, key)
    require_version(series.version, expected)
    ended = series.ending(until)
    if await MEETINGS.find_one(work, {"series": key, "date": {"$gte": until}}) is not None:
        raise Refused("invalid", (Finding("/until", "too-early", "behind the last meeting recorded"),))
    return await SERIES.save(work, ended, "series-ended")


async def record_meeting(work: Work, meeting: Meeting) -> Meeting:
    """A meeting that was held or cancelled. Raises ``Refused``, and ``Conflict`` for a second one of its day."""
    series = await SERIES.get(work, meeting.series)
    checked = meeting.of(series, work.today, work.now)
    await _require_participants(work, checked)
    return await MEETINGS.save(work, checked, "meeting-recorded")


async def correct_meeting(work: Work, key: str, expected: int, values: Mapping[str, Any], reason: str) -> Meeting:
    """New values, and why; what was known before stays. Raises ``VersionLost``, ``Refused``."""
    meeting = await MEETINGS.get(work, key)
    require_version(meeting.version, expected)
    corrected = meeting.corrected(values, work.now, reason)
    corrected.require_nobody_where_cancelled()
    await _require_participants(work, corrected, known=frozenset(meeting.attended))
    return await MEETINGS.save(work, corrected, "meeting-corrected")


async def _require_participants(work: Work, meeting: Meeting, known: frozenset[str] = frozenset()) -> None:
    """Raises ``Refused`` for whoever is new and nobody's engagement in the programme."""
    found = await ENGAGEMENTS.find(work, {"_id": {"$in": list(meeting.attended)}, "programme": meeting.programme})
    running = {engagement.id for engagement in found if engagement.person is not None}
    for number, key in enumerate(meeting.attended):
        if key not in running | known:
            expected = "an engagement of the programme"
            raise Refused("invalid", (Finding(f"/attended/{number}/engagement", "not-one-of", expected),))

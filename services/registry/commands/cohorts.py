"""Attendances and outcomes. An attendance and the engagement that it qualifies change together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.registry.commands.modules import qualify
from services.registry.commands.versions import require_version
from services.registry.domain.days import require_past
from services.registry.domain.outcomes import Attendance, Outcome
from services.registry.store.repositories import (
    ATTENDANCES,
    COHORTS,
    ENGAGEMENTS,
    OUTCOMES,
    PARTICIPATIONS,
    PROGRAMMES,
    place_on,
    save_attendance,
    save_outcome,
)
from shared.kernel.dates import value_on
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work


async def record_attendance(work: Work, attendance: Attendance) -> Attendance:
    """One trainee at one module; the last required one certifies where the programme says so.

    Raises ``Refused``, and ``Conflict("already-exists")`` for a second one of the same trainee, module and day.
    """
    engagement = await ENGAGEMENTS.get(work, attendance.engagement)
    if engagement.cohort != attendance.cohort:
        raise Refused("invalid", (Finding("/engagement", "not-enrolled", "somebody enrolled in this cohort"),))
    cohort = await COHORTS.get(work, attendance.cohort)
    programme = await PROGRAMMES.get(work, cohort.programme)
    codes = [module.code for module in programme.teaching(cohort.opened_on).modules]
    if attendance.module not in codes:
        raise Refused("invalid", (Finding("/module", "not-one-of", ", ".join(codes)),))
    engagement.require_running()
    checked = attendance.checked(work.today)
    place = await place_on(work, engagement.sites, attendance.date)
    new = replace(checked, programme=programme.id, place=place, recorded_at=work.now)
    saved = await save_attendance(work, new, "attendance-recorded")
    await qualify(work, engagement)
    return saved


async def correct_attendance(work: Work, key: str, expected: int, values: Mapping[str, Any], reason: str) -> Attendance:
    """New values of counted fields, and why; what was known before stays. Raises ``VersionLost``, ``Refused``."""
    attendance = await ATTENDANCES.get(work, key)
    require_version(attendance.version, expected)
    engagement = await ENGAGEMENTS.get(work, attendance.engagement)
    corrected = attendance.corrected(values, work.today)
    if engagement.person is not None:
        corrected = replace(corrected, place=await place_on(work, engagement.sites, corrected.date))
    saved = await save_attendance(work, corrected, "attendance-corrected", reason)
    await qualify(work, engagement)
    return saved


async def record_outcome(work: Work, outcome: Outcome) -> Outcome:
    """What a volunteer or a person helped reached."""
    require_past(outcome.date, work.today, "/date")
    outcome.require_evidence(work.today)
    return await save_outcome(work, replace(await _placed(work, outcome), recorded_at=work.now), "outcome-recorded")


async def correct_outcome(work: Work, key: str, expected: int, values: Mapping[str, Any], reason: str) -> Outcome:
    """New values of counted fields, and why; what was known before stays. Raises ``VersionLost``, ``Refused``."""
    outcome = await OUTCOMES.get(work, key)
    require_version(outcome.version, expected)
    corrected = replace(outcome, **values)
    corrected.require_evidence(work.today)
    require_past(corrected.date, work.today, "/date")
    return await save_outcome(work, await _placed(work, corrected), "outcome-corrected", reason)


async def _placed(work: Work, outcome: Outcome) -> Outcome:
    """With the programme, and the place of its day; where somebody was erased, with the place that it has."""
    if outcome.engagement is not None:
        engagement = await ENGAGEMENTS.get(work, outcome.engagement)
        gone, programme = engagement.person is None, engagement.programme
        place = outcome.place if gone else await place_on(work, engagement.sites, outcome.date)
    elif outcome.participation is not None:
        participation = await PARTICIPATIONS.get(work, outcome.participation)
        gone, programme = participation.family is None and participation.person is None, participation.programme
        place = outcome.place if gone else await place_on(work, participation.sites, outcome.date)
        place = place if gone else replace(place, district=value_on(participation.districts, outcome.date))
    else:
        raise Refused("invalid", (Finding("/engagement", "missing", "an engagement or a participation"),))
    return replace(outcome, programme=programme, place=place)

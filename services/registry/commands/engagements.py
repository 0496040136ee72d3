"""Engagements: beginning, clearing, qualifying, certifying, leaving."""

from dataclasses import replace

from services.registry.domain.engagements import Clearance, Engagement
from services.registry.domain.outcomes import Attendance, Cohort, Outcome
from services.registry.store.erasures import require_unused
from services.registry.store.repositories import (
    ATTENDANCES,
    COHORTS,
    ENGAGEMENTS,
    OUTCOMES,
    PARTICIPATIONS,
    PEOPLE,
    PROGRAMMES,
    place_on,
    save_cohort,
    save_engagement,
)
from shared.kernel.dates import value_on
from shared.kernel.errors import Conflict, Finding, Refused
from shared.storage.work import Work


async def begin_engagement(work: Work, engagement: Engagement) -> Engagement:
    """A person as mentor or volunteer in a programme, from a day inside its period."""
    programme = await PROGRAMMES.get(work, engagement.programme)
    programme.require_open(engagement.date)
    await require_unused(work, engagement.id)
    if await PEOPLE.find_one(work, {"_id": engagement.person}) is None:
        raise Refused("invalid", (Finding("/person", "not-found", "a person of this city"),))
    query = {"person": engagement.person, "programme": engagement.programme}
    first = await work.count(ENGAGEMENTS.collection, query) == 0
    place = await place_on(work, engagement.sites, engagement.date)
    new = replace(engagement, first=first, place=place, recorded_at=work.now)
    return await save_engagement(work, new, "engagement-begun")


async def clear_engagement(work: Work, key: str, clearance: Clearance) -> Engagement:
    """The certificate of good conduct was seen."""
    engagement = await ENGAGEMENTS.get(work, key)
    return await save_engagement(work, engagement.cleared(clearance), "engagement-cleared")


async def certify_engagement(work: Work, key: str, on: str) -> Engagement:
    """A coordinator certifies who has all required modules."""
    engagement = await ENGAGEMENTS.get(work, key)
    programme = await PROGRAMMES.get(work, engagement.programme)
    return await save_engagement(work, engagement.certified(on, programme), "engagement-certified")


async def leave_engagement(work: Work, key: str, on: str, because: str) -> Engagement:
    """The engagement ends."""
    engagement = await ENGAGEMENTS.get(work, key)
    return await save_engagement(work, engagement.left(on, because), "engagement-left")


async def open_cohort(work: Work, cohort: Cohort) -> Cohort:
    """A qualification with the modules of its programme."""
    programme = await PROGRAMMES.get(work, cohort.programme)
    programme.require_open(cohort.opened_on, "/opened_on")
    if not programme.modules:
        raise Refused("programme-without-modules")
    return await save_cohort(work, cohort, "cohort-opened")


async def enrol(work: Work, cohort_key: str, engagement_key: str) -> Cohort:
    """An engagement of the same programme joins the cohort."""
    cohort = await COHORTS.get(work, cohort_key)
    engagement = await ENGAGEMENTS.get(work, engagement_key)
    if engagement.programme != cohort.programme:
        raise Refused("invalid", (Finding("/engagement", "wrong-programme", cohort.programme),))
    engagement.require_running()
    if engagement.cohort is not None:
        raise Conflict("already-enrolled")
    await save_engagement(work, replace(engagement, cohort=cohort.id), "engagement-enrolled")
    return await save_cohort(work, replace(cohort, enrolled=cohort.enrolled + 1), "trainee-enrolled")


async def record_attendance(work: Work, attendance: Attendance) -> Attendance:
    """One trainee at one module; the last required one certifies where the programme says so."""
    cohort = await COHORTS.get(work, attendance.cohort)
    programme = await PROGRAMMES.get(work, cohort.programme)
    engagement = await ENGAGEMENTS.get(work, attendance.engagement)
    if engagement.cohort != cohort.id:
        raise Refused("invalid", (Finding("/engagement", "not-enrolled", "somebody enrolled in this cohort"),))
    codes = [module.code for module in programme.modules]
    if attendance.module not in codes:
        raise Refused("invalid", (Finding("/module", "not-one-of", ", ".join(codes)),))
    engagement.require_running()
    place = await place_on(work, engagement.sites, attendance.date)
    new = replace(attendance, programme=programme.id, place=place, recorded_at=work.now)
    saved = await ATTENDANCES.save(work, new, "attendance-recorded")
    if saved.state in ("present", "made_up") and saved.module not in engagement.passed:
        passed = replace(engagement, passed=(*engagement.passed, saved.module))
        if programme.certification == "automatic" and not programme.missing(frozenset(passed.passed)):
            passed = passed.certified(saved.date, programme)
        await save_engagement(work, passed, "module-passed")
    return saved


async def record_outcome(work: Work, outcome: Outcome) -> Outcome:
    """What a volunteer or a person helped reached."""
    if outcome.engagement is not None:
        engagement = await ENGAGEMENTS.get(work, outcome.engagement)
        programme, place = engagement.programme, await place_on(work, engagement.sites, outcome.date)
    elif outcome.participation is not None:
        participation = await PARTICIPATIONS.get(work, outcome.participation)
        place = await place_on(work, participation.sites, outcome.date)
        programme = participation.programme
        place = replace(place, district=value_on(participation.districts, outcome.date))
    else:
        raise Refused("invalid", (Finding("/engagement", "missing", "an engagement or a participation"),))
    new = replace(outcome, programme=programme, place=place, recorded_at=work.now)
    return await OUTCOMES.save(work, new, "outcome-recorded")

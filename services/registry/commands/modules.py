"""What follows from modules: what an engagement has passed, and whom a change of the programme's modules reaches."""

from services.registry.domain.engagements import Engagement
from services.registry.domain.outcomes import days_passed
from services.registry.domain.places import Programme
from services.registry.store.repositories import (
    ATTENDANCES,
    COHORTS,
    ENGAGEMENTS,
    PROGRAMMES,
    save_cohort,
    save_engagement,
)
from shared.storage.work import Work


async def qualify(work: Work, engagement: Engagement) -> None:
    """What the engagement has passed, and since when it has all of it, follows from all its attendances."""
    days = days_passed(await ATTENDANCES.find(work, {"engagement": engagement.id}))
    if tuple(days) != engagement.passed:
        await _judge(work, engagement, days, await PROGRAMMES.get(work, engagement.programme), "modules-passed")


async def follow_modules(work: Work, programme: Programme, since: str) -> None:
    """Cohorts and running engagements that are judged by a day from ``since`` on are judged, and told, anew.

    Who is judged by an earlier day is not touched; who is certified stays so.
    """
    for cohort in await COHORTS.find(work, {"programme": programme.id, "opened_on": {"$gte": since}}):
        await save_cohort(work, cohort, "modules-changed")
    later = {"$or": [{"judged_on": {"$gte": since}}, {"date": {"$gte": since}}]}
    running = {"programme": programme.id, "left_on": None, "person": {"$ne": None}}
    engagements = await ENGAGEMENTS.find(work, {"$and": [running, later]}, sort=[("_id", 1)])
    entries = await ATTENDANCES.find(work, {"engagement": {"$in": [engagement.id for engagement in engagements]}})
    for engagement in engagements:
        days = days_passed(entry for entry in entries if entry.engagement == engagement.id)
        await _judge(work, engagement, days, programme, "modules-changed")


async def _judge(work: Work, engagement: Engagement, days: dict[str, str], programme: Programme, fact: str) -> None:
    modules = engagement.judged(programme).modules
    required = (days[module.code] for module in modules if module.required and module.code in days)
    day = max(required, default=work.today)
    await save_engagement(work, engagement.with_passed(tuple(days), programme, day), fact)

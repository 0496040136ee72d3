"""Places in cohorts: who has one, who waits, and who moves up when one is free; engagement and cohort change together.

Other cohorts that a person waited for let go of her in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.registry.commands.belonging import cohort_of
from services.registry.commands.versions import require_version
from services.registry.domain.cohorts import Cohort, Seating
from services.registry.domain.engagements import Engagement
from services.registry.store.repositories import COHORTS, ENGAGEMENTS, PROGRAMMES, save_cohort, save_engagement
from shared.kernel.errors import Conflict, Finding, Refused
from shared.storage.work import Work


async def open_cohort(work: Work, cohort: Cohort, like: str | None = None) -> Seating:
    """A qualification with the modules of its programme; ``like`` a former cohort where it does not say otherwise."""
    if like is not None:
        cohort = cohort.after(await cohort_of(work, cohort.programme, like, "/like"))
    programme = await PROGRAMMES.get(work, cohort.programme)
    programme.require_open(cohort.opened_on, "/opened_on")
    if not programme.teaching(cohort.opened_on).modules:
        raise Refused("programme-without-modules")
    cohort.require_plan(programme)
    return Seating(await save_cohort(work, cohort, "cohort-opened"))


async def change_cohort(work: Work, key: str, expected: int, values: Mapping[str, Any]) -> Seating:
    """New values of name, places, plan; more places are for those who wait. Raises ``VersionLost``, ``Refused``."""
    cohort = await COHORTS.get(work, key)
    require_version(cohort.version, expected)
    changed = replace(cohort, **values)
    changed.require_plan(await PROGRAMMES.get(work, cohort.programme))
    return await _seat(work, changed.with_places(changed.places), "cohort-changed")


async def enrol(work: Work, cohort_key: str, engagement_key: str) -> Seating:
    """An engagement of the same programme gets a place, or waits for one: then nobody is seated."""
    cohort = await COHORTS.get(work, cohort_key)
    engagement = await ENGAGEMENTS.get(work, engagement_key)
    if engagement.programme != cohort.programme:
        raise Refused("invalid", (Finding("/engagement", "wrong-programme", cohort.programme),))
    engagement.require_running()
    if engagement.cohort is not None:
        raise Conflict("already-enrolled")
    seating = cohort.joined(engagement.id)
    if seating.seated:
        return await _seat(work, seating, "trainee-enrolled", "engagement-enrolled")
    work.note("cohort.waiting", engagement.id)
    return await _seat(work, seating, "trainee-waits")


async def leave_cohort(work: Work, cohort_key: str, engagement_key: str) -> Seating:
    """She leaves the cohort, or its waiting list; whoever waits moves up. What she attended stays.

    Raises ``Conflict``: ``not-in-cohort``, or ``already-certified`` for who has reached what it is for.
    """
    cohort = await COHORTS.get(work, cohort_key)
    engagement = await ENGAGEMENTS.get(work, engagement_key)
    if engagement.cohort != cohort.id:
        work.note("cohort.waiting-ended", engagement.id)
        return await _seat(work, Seating(cohort.no_longer_waiting(engagement.id)), "trainee-left")
    if engagement.certified_on is not None:
        raise Conflict("already-certified")
    await save_engagement(work, replace(engagement, cohort=None, judged_on=None), "engagement-left-cohort")
    return await _seat(work, cohort.vacated(), "trainee-left")


async def give_up_places(work: Work, engagement: Engagement) -> Engagement:
    """The engagement without a place and waiting nowhere, for one that ends; to be saved by the caller.

    Who is certified keeps the place: the cohort has brought her there, and is counted with her.
    """
    for waited in await COHORTS.find(work, {"waiting": engagement.id}):
        await save_cohort(work, waited.no_longer_waiting(engagement.id), "trainee-left")
    if engagement.cohort is None or engagement.certified_on is not None:
        return engagement
    cohort = await COHORTS.get(work, engagement.cohort)
    await _seat(work, cohort.vacated(), "trainee-left")
    return replace(engagement, cohort=None, judged_on=None)


async def _seat(work: Work, seating: Seating, fact: str, seated_as: str = "engagement-moved-up") -> Seating:
    """Saves the cohort, and those who have a place in it now."""
    for key in seating.seated:
        for waited in await COHORTS.find(work, {"waiting": key, "_id": {"$ne": seating.id}}):
            await save_cohort(work, waited.no_longer_waiting(key), "trainee-left")
        engagement = await ENGAGEMENTS.get(work, key)
        seated = replace(engagement, cohort=seating.id, judged_on=seating.cohort.opened_on)
        await save_engagement(work, seated, seated_as)
    return Seating(await save_cohort(work, seating.cohort, fact), seating.seated)

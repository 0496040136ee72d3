"""Moves to another site: one person, one engagement or participation, and from a day on another place."""

from dataclasses import replace
from typing import TypeVar

from services.registry.domain.engagements import Engagement
from services.registry.domain.moves import moved
from services.registry.domain.participations import Participation
from services.registry.store.repositories import (
    ENGAGEMENTS,
    PARTICIPATIONS,
    PROGRAMMES,
    place_on,
    save_engagement,
    save_participation,
)
from shared.kernel.errors import Finding, Refused
from shared.storage.work import Work

T = TypeVar("T", Engagement, Participation)


async def move_engagement(work: Work, key: str, site: str, since: str) -> Engagement:
    """Raises ``Refused``, ``Conflict`` for one that is over, ``NotFound``."""
    engagement = await ENGAGEMENTS.get(work, key)
    return await save_engagement(work, await _moved(work, engagement, site, since), "engagement-moved")


async def move_participation(work: Work, key: str, site: str, since: str) -> Participation:
    """Raises ``Refused``, ``Conflict`` for one that is over, ``NotFound``."""
    participation = await PARTICIPATIONS.get(work, key)
    return await save_participation(work, await _moved(work, participation, site, since), "participation-moved")


async def _moved(work: Work, mover: T, site: str, since: str) -> T:
    mover.require_running()
    programme = (await PROGRAMMES.get(work, mover.programme)).on(since)
    if programme.sites and site not in programme.sites:
        raise Refused("invalid", (Finding("/site", "not-one-of", ", ".join(programme.sites)),))
    sites = moved(mover.sites, mover.date, site=site, since=since, today=work.today)
    counted = await place_on(work, sites, mover.date)
    return replace(mover, sites=sites, place=await place_on(work, sites, work.today), counted=counted)

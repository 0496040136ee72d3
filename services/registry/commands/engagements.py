"""Engagements: beginning, changing, clearing, certifying, pausing, leaving."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.registry.commands.belonging import cohort_of
from services.registry.commands.enrolments import enrol, give_up_places
from services.registry.commands.places import require_district
from services.registry.commands.versions import require_version
from services.registry.domain.days import require_past
from services.registry.domain.engagements import Clearance, Engagement
from services.registry.domain.topics import sort_out
from services.registry.store.erasures import require_unused
from services.registry.store.proofs import held_by
from services.registry.store.repositories import (
    ENGAGEMENTS,
    PEOPLE,
    PROGRAMMES,
    place_on,
    require_known,
    save_engagement,
)
from shared.kernel.errors import Conflict
from shared.storage.work import Work


async def begin_engagement(work: Work, engagement: Engagement, special_key: bytes) -> Engagement:
    """A person as mentor or volunteer in a programme, from a day inside its period; enrolled where she names a cohort,
    or waiting where that is full.

    ``special_key`` turns special topics into tokens. Raises ``Refused``, and ``Conflict("already-engaged")`` where the
    person has a running engagement of that role in the programme.
    """
    programme = await PROGRAMMES.get(work, engagement.programme)
    programme.require_open(engagement.date)
    await require_unused(work, engagement.id)
    await require_known(work, PEOPLE.collection, engagement.person, "/person")
    if engagement.cohort is not None:
        await cohort_of(work, programme.id, engagement.cohort, "/cohort")
    for number, district in enumerate(engagement.reach):
        await require_district(work, district, f"/reach/{number}")
    topics = sort_out(special_key, programme.id, programme.special_topics, engagement.topics)
    programme.on(engagement.date).require_topics(topics.plain, "/topics")
    new = replace(
        engagement,
        first=await _is_first(work, engagement),
        place=await place_on(work, engagement.sites, engagement.date),
        topics=topics.plain,
        special=topics.special,
        cohort=None,
        proofs=await held_by(work, engagement.person),
        recorded_at=work.now,
    )
    saved = await save_engagement(work, new, "engagement-begun")
    if engagement.cohort is not None:
        await enrol(work, engagement.cohort, saved.id)
        return await ENGAGEMENTS.get(work, saved.id)
    return saved


async def change_engagement(
    work: Work, key: str, expected: int, values: Mapping[str, Any], special_key: bytes
) -> Engagement:
    """New values of some fields. Raises ``VersionLost``, ``Refused``, ``Conflict``."""
    engagement = await ENGAGEMENTS.get(work, key)
    require_version(engagement.version, expected)
    engagement.require_running()
    new = dict(values)
    if "topics" in new:
        programme = await PROGRAMMES.get(work, engagement.programme)
        topics = sort_out(special_key, programme.id, programme.special_topics, new["topics"])
        programme.on(work.today).require_topics(topics.plain, "/topics")
        new |= {"topics": topics.plain, "special": topics.special}
    for number, district in enumerate(new.get("reach", ())):
        await require_district(work, district, f"/reach/{number}")
    return await save_engagement(work, replace(engagement, **new), "engagement-changed")


async def clear_engagement(work: Work, key: str, clearance: Clearance, *, corrects: bool) -> Engagement:
    """The certificate of good conduct was seen; ``corrects``: the one that stands was recorded by mistake."""
    require_past(clearance.seen_on, work.today, "/seen_on")
    engagement = await ENGAGEMENTS.get(work, key)
    return await save_engagement(work, engagement.cleared(clearance, corrects=corrects), "engagement-cleared")


async def certify_engagement(work: Work, key: str, on: str) -> Engagement:
    """A coordinator certifies who has all required modules."""
    require_past(on, work.today, "/on")
    engagement = await ENGAGEMENTS.get(work, key)
    programme = await PROGRAMMES.get(work, engagement.programme)
    return await save_engagement(work, engagement.certified(on, programme), "engagement-certified")


async def pause_engagement(work: Work, key: str) -> Engagement:
    """No new families for a while."""
    engagement = await ENGAGEMENTS.get(work, key)
    return await save_engagement(work, engagement.paused(work.today), "engagement-paused")


async def resume_engagement(work: Work, key: str) -> Engagement:
    """There again."""
    engagement = await ENGAGEMENTS.get(work, key)
    return await save_engagement(work, engagement.resumed(), "engagement-resumed")


async def leave_engagement(work: Work, key: str, on: str, because: str) -> Engagement:
    """The engagement ends; a place in a cohort that it did not finish is free."""
    engagement = await ENGAGEMENTS.get(work, key)
    return await save_engagement(work, await give_up_places(work, engagement.left(on, because)), "engagement-left")


async def _is_first(work: Work, engagement: Engagement) -> bool:
    others = await ENGAGEMENTS.find(work, {"person": engagement.person, "programme": engagement.programme})
    if any(other.left_on is None and other.role == engagement.role for other in others):
        raise Conflict("already-engaged")
    return not others

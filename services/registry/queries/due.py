"""What waits for a coordinator in registry, longest due first."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.registry.domain.consents import Consent
from services.registry.domain.due import (
    PAUSED_WEEKS,
    QUIET_WEEKS,
    horizon,
    of_cohort,
    of_consent,
    of_engagement,
    told_from,
)
from services.registry.domain.places import Programme
from services.registry.domain.roles import RoleHeld
from services.registry.domain.waiting import Waiting, waiting_in_all
from services.registry.queries.concerned import programmes_concerned
from services.registry.store.known import running_tandems
from services.registry.store.repositories import COHORTS, CONSENTS, ENGAGEMENTS, PROGRAMMES
from shared.kernel.dates import days_after
from shared.kernel.due import Due
from shared.storage.work import Reader

Sees = Callable[[Iterable[str]], Awaitable[frozenset[str]]]
"""Which of the subjects of consents the caller reaches."""
Names = Callable[[Sequence[Programme]], Awaitable[dict[str, tuple[RoleHeld, ...]]]]
"""By programme, the roles that the caller may know."""
Concerned = tuple[Due, tuple[str, ...]]
"""Something due, and the programmes that it concerns."""


@dataclass(frozen=True, slots=True)
class DueThing:
    """Something due, and whom it waits for."""

    due: Due
    waiting: Waiting


async def due_things(reader: Reader, visible: dict[str, Any], sees: Sees, names: Names, day: str) -> list[DueThing]:
    """All of it that the caller reaches; ``visible`` is the filter of engagements and participations."""
    programmes = {programme.id: programme for programme in await PROGRAMMES.find(reader, {})}
    found = await _about_engagements(reader, visible, programmes, day)
    found += await _about_cohorts(reader, visible, programmes, day)
    found += await _about_consents(reader, visible, sees, day)
    keys = sorted({key for _, concerned in found for key in concerned})
    roles = await names([programmes[key] for key in keys])
    things = [
        DueThing(due, waiting_in_all([roles[key] for key in concerned], due.due_on, day)) for due, concerned in found
    ]
    return sorted(things, key=lambda thing: thing.due.place)


async def _about_engagements(
    reader: Reader, visible: dict[str, Any], programmes: dict[str, Programme], day: str
) -> list[Concerned]:
    waits: list[dict[str, Any]] = [
        {"complete_since": {"$ne": None}, "certified_on": None},
        {"paused_since": {"$lte": days_after(day, -PAUSED_WEEKS * 7)}},
        {"told.until": None},
        {"told.until": {"$lte": horizon(day)}},
    ]
    query = {"$and": [visible, {"left_on": None, "person": {"$ne": None}}, {"$or": waits}]}
    engagements = await ENGAGEMENTS.find(reader, query)
    running = await running_tandems(reader, [one.id for one in engagements])
    tandems = Counter(row["engagement"] for row in running)
    return [
        (due, (engagement.programme,))
        for engagement in engagements
        for due in of_engagement(engagement, programmes[engagement.programme], tandems[engagement.id], day)
    ]


async def _about_cohorts(
    reader: Reader, visible: dict[str, Any], programmes: dict[str, Programme], day: str
) -> list[Concerned]:
    """Those in which somebody within reach is not certified yet."""
    open_yet = {"cohort": {"$ne": None}, "certified_on": None, "left_on": None, "person": {"$ne": None}}
    learning = await ENGAGEMENTS.find(reader, {"$and": [visible, open_yet, {"complete_since": None}]})
    keys = sorted({one.cohort for one in learning if one.cohort is not None})
    opened = {"$lte": days_after(day, -QUIET_WEEKS * 7)}
    cohorts = await COHORTS.find(reader, {"_id": {"$in": keys}, "opened_on": opened})
    last = await _last_attendances(reader, [cohort.id for cohort in cohorts])
    running = [cohort for cohort in cohorts if programmes[cohort.programme].state(day) != "ended"]
    found = [(of_cohort(cohort, last.get(cohort.id), day), (cohort.programme,)) for cohort in running]
    return [(due, concerned) for due, concerned in found if due is not None]


async def _last_attendances(reader: Reader, cohorts: list[str]) -> dict[str, str]:
    pipeline: list[dict[str, Any]] = [
        {"$match": {"cohort": {"$in": cohorts}, "status": "valid"}},
        {"$group": {"_id": "$cohort", "last": {"$max": "$date"}}},
    ]
    return {row["_id"]: row["last"] for row in await reader.aggregate("attendances", pipeline)}


async def _about_consents(reader: Reader, visible: dict[str, Any], sees: Sees, day: str) -> list[Concerned]:
    near = {"$gte": told_from(day), "$lte": horizon(day)}
    ending = await CONSENTS.find(reader, {"expires_on": near, "withdrawn_at": None})
    subjects = sorted({consent.subject for consent in ending})
    reached = await sees(subjects)
    others: defaultdict[str, list[Consent]] = defaultdict(list)
    for consent in await CONSENTS.find(reader, {"subject": {"$in": sorted(reached)}}):
        others[consent.subject].append(consent)
    concerned = await programmes_concerned(reader, reached, visible)
    found = [of_consent(consent, others[consent.subject], day) for consent in ending if consent.subject in reached]
    return [(due, concerned.get(due.subject, ())) for due in found if due is not None]

"""A consent was withdrawn or has expired: what rested on it is taken back, at once or in the night."""

from collections.abc import Sequence
from functools import partial

from services.matching.domain.known import Engagement, Participation
from services.matching.store import known, pins, pool, waiting
from shared.kernel.dates import today
from shared.messaging.reactions import Ask
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Work

BECAUSE = "consent_lost"
Side = Engagement | Participation


async def consent_withdrawn(ask: Ask) -> None:
    """The reaction to a withdrawal; done once for each event."""
    subject = str(ask.payload["subject"])

    async def body(work: Work) -> None:
        participations = await known.participations_about(work, subject)
        await take_back(work, participations)
        await hide_special(work, [*await known.engagements_about(work, subject), *participations])
        work.remember(200, subject, 1)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)


async def take_back_everywhere(store: Store) -> int:
    """What rests on consents that have expired, in every city; for every night. Says of how many participations."""
    actor, lost = Actor("service/matching", "service", "consents-lost"), 0
    for city in await store.cities():
        reader = store.reader(city)
        asked = await known.participations(reader, sorted(await pool.told_of(reader)))
        consents = await known.consents(reader, today(store.clock()), today=today(store.clock()))
        gone = [one for one in asked if consents.has_lost(one)]
        for slug in sorted({one.programme for one in gone}):
            theirs = [one for one in gone if one.programme == slug]
            lost += await store.transact(city, actor, partial(take_back, participations=theirs))
        engagements, participations = await pool.told_special(reader)
        sides: Sequence[Side] = [
            *await known.engagements(reader, sorted(engagements)),
            *await known.participations(reader, sorted(participations)),
        ]
        silent = [one for one in sides if not consents.allows_special(one)]
        if silent:
            await store.transact(city, actor, partial(hide_special, sides=silent))
    return lost


async def take_back(work: Work, participations: Sequence[Participation]) -> int:
    """Drafts expire and nobody waits any more, of those whose consent is lost at this moment; says of how many."""
    subjects = tuple(sorted({subject for one in participations for subject in one.subjects}))
    consents = await known.consents(work, work.today, subjects, today=work.today)
    gone = [one for one in participations if consents.has_lost(one)]
    for slug in sorted({one.programme for one in gone}):
        # A round that is being solved from an older view must see it.
        await pool.meet_rounds(work, slug)
    for one in gone:
        await pool.expire_drafts(work, {"participation": one.id}, BECAUSE)
        await pins.lift(work, {"participation": one.id}, BECAUSE)
        await waiting.no_longer(work, one.id)
    return len(gone)


async def hide_special(work: Work, sides: Sequence[Side]) -> None:
    """Drafts that name a special topic expire, of sides whose consents no longer allow to use it at this moment."""
    subjects = tuple(sorted({subject for one in sides for subject in one.subjects}))
    consents = await known.consents(work, work.today, subjects, today=work.today)
    silent = [one for one in sides if not consents.allows_special(one)]
    for slug in sorted({one.programme for one in silent}):
        await pool.meet_rounds(work, slug)
    for one in silent:
        whose = "engagement" if isinstance(one, Engagement) else "participation"
        await pool.expire_drafts(work, {whose: one.id, **pool.NAMES_SPECIAL}, BECAUSE)

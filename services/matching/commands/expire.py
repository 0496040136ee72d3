"""Silence ends: who was told and has not answered by the day that was said is asked no longer."""

from functools import partial

from services.matching.domain.proposals import PROPOSED
from services.matching.store import PROPOSALS, pool
from shared.kernel.dates import today
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Work

NO_ANSWER = "no_answer"


async def expire_everywhere(store: Store) -> int:
    """In every city, each proposal in a transaction of its own; for every night. Says how many.

    One that both have said yes to does not expire: it waits for a person, not for them.
    """
    actor = Actor("service/matching", "service", "proposals-expired")
    expired = 0
    for city in await store.cities():
        due = {"state": PROPOSED, "expires_on": {"$lte": today(store.clock())}}
        for one in await PROPOSALS.find(store.reader(city), due, sort=[("_id", 1)]):
            if not one.agreed:
                expired += await store.transact(city, actor, partial(_expire, key=one.id))
    return expired


async def _expire(work: Work, key: str) -> int:
    proposal = await PROPOSALS.get(work, key)
    silent = proposal.state == PROPOSED and not proposal.agreed and (proposal.expires_on or "") <= work.today
    if silent:
        await pool.meet_rounds(work, proposal.programme)
        await PROPOSALS.save(work, proposal.expired(NO_ANSWER, work.now), "expired", ("state", "because"))
    return int(silent)

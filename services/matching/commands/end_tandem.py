"""A tandem ends: by a coordinator, or because one of its sides has ended or was erased. An end can be taken back."""

from dataclasses import dataclass

from services.matching.commands.begin_tandem import require_pair, settle
from services.matching.domain.reasons import Side
from services.matching.domain.tandems import Tandem
from services.matching.store import TANDEMS, known, now, pins, places, pool, waiting
from shared.kernel.errors import VersionLost
from shared.kernel.ids import ENGAGEMENT, PARTICIPATION, is_id
from shared.messaging.reactions import Ask
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class EndTandem:
    """The last day and the reason as a code; ``expected`` is the version that the caller saw."""

    tandem: str
    on: str
    reason: str
    expected: int | None = None
    side: Side | None = None


async def end_tandem(work: Work, command: EndTandem) -> Tandem:
    """The tandem, ended; both sides' places are free. Raises ``VersionLost``, ``Conflict``, ``Refused``."""
    tandem = await seen_tandem(work, command.tandem, command.expected)
    ended = tandem.ended(command.on, command.reason, work.now, command.side)
    # Whoever is free again may be proposed: a round that is being stored must know.
    await _meet_rounds(work, tandem)
    await places.give_back(work, tandem.id, tandem.engagement, tandem.participation)
    return await TANDEMS.save(work, ended, "ended", ("ended_on", "ended_because", "side"))


async def reopen_tandem(work: Work, key: str, expected: int) -> Tandem:
    """The tandem, running again, if both are still there, may be together, and have a place for it.

    Raises ``VersionLost``, ``Conflict`` and all that forbids a pair.
    """
    reopened = (await seen_tandem(work, key, expected)).reopened(work.now)
    engagement = await known.engagement(work, reopened.engagement)
    participation = await known.participation(work, reopened.participation)
    await require_pair(work, engagement, participation, work.today)
    await _meet_rounds(work, reopened)
    await places.take(work, reopened.id, engagement.id, participation.id, engagement.capacity)
    await settle(work, participation.id)
    return await TANDEMS.save(work, reopened, "reopened", ("ended_on", "ended_because", "side"))


async def _meet_rounds(work: Work, tandem: Tandem) -> None:
    """Those of the family's programme and of the mentor's, which may share a pool no longer: it is her place, too."""
    sides = [one.programme for one in await known.engagements(work, [tandem.engagement])]
    for slug in sorted({tandem.counted.programme, *sides}):
        await pool.meet_rounds(work, slug)


async def seen_tandem(work: Work, key: str, expected: int | None) -> Tandem:
    """The tandem in the version that the caller saw. Raises ``VersionLost``."""
    tandem = await TANDEMS.get(work, key)
    if expected not in (None, tandem.version):
        raise VersionLost("version-lost", params={"version": tandem.version})
    return tandem


async def leave(work: Work, side: str, on: str | None, reason: str) -> None:
    """One side is gone: its running tandems end, its proposals expire, it waits no longer. May be run again.

    Without a day it is today; a tandem never ends before the day it began.
    """
    whose: Side = "mentor" if is_id(side, ENGAGEMENT) else "family"
    if is_id(side, ENGAGEMENT) or is_id(side, PARTICIPATION):
        # A tandem that is being begun from an older view of this side must see that it is gone, and so must a round.
        await places.meet(work, side)
        for slug in await now.programmes_of(work, side):
            await pool.meet_rounds(work, slug)
    for key in await places.running(work, side):
        tandem = await TANDEMS.get(work, key)
        day = max(on or work.today, tandem.counted.date)
        await end_tandem(work, EndTandem(key, day, reason, side=whose))
    both = {"$or": [{"engagement": side}, {"participation": side}]}
    await pool.expire_drafts(work, both, reason)
    await pins.lift(work, both, reason)
    await waiting.no_longer(work, side)


async def end_of_side(ask: Ask) -> None:
    """The reaction to an engagement or a participation that has ended; done once for each event."""
    side = str(ask.payload["side"])

    async def body(work: Work) -> None:
        await leave(work, side, ask.payload["on"], ask.payload["reason"])
        work.remember(200, side, 1)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)

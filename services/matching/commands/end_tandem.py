"""A tandem ends: by a coordinator, or because one of its sides has ended or was erased."""

from dataclasses import dataclass

from services.matching.domain.tandems import Tandem
from services.matching.store import TANDEMS, places, pool, waiting
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


async def end_tandem(work: Work, command: EndTandem) -> Tandem:
    """The tandem, ended; both sides' places are free. Raises ``VersionLost``, ``Conflict``, ``Refused``."""
    tandem = await TANDEMS.get(work, command.tandem)
    if command.expected not in (None, tandem.version):
        raise VersionLost("version-lost", params={"version": tandem.version})
    ended = tandem.ended(command.on, command.reason, work.now)
    await pool.meet_rounds(work, tandem.counted.programme)
    await places.give_back(work, tandem.id, tandem.engagement, tandem.participation)
    return await TANDEMS.save(work, ended, "ended", ("ended_on", "ended_because"))


async def leave(work: Work, side: str, on: str | None, reason: str) -> None:
    """One side is gone: its running tandems end, its drafts expire, it waits no longer. May be run again.

    Without a day it is today; a tandem never ends before the day it began.
    """
    if is_id(side, ENGAGEMENT) or is_id(side, PARTICIPATION):
        # A tandem that is being begun from an older view of this side must see that it is gone.
        await places.meet(work, side)
    for key in await places.running(work, side):
        tandem = await TANDEMS.get(work, key)
        day = max(on or work.today, tandem.counted.date)
        await end_tandem(work, EndTandem(key, day, reason))
    await pool.expire_drafts(work, {"$or": [{"engagement": side}, {"participation": side}]}, reason)
    await waiting.no_longer(work, side)


async def end_of_side(ask: Ask) -> None:
    """The reaction to an engagement or a participation that has ended; done once for each event."""
    side = str(ask.payload["side"])

    async def body(work: Work) -> None:
        await leave(work, side, ask.payload["on"], ask.payload["reason"])
        work.remember(200, side, 1)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)

"""Two whom a person wants together: pinned before the round, which then proposes them before all others."""

from dataclasses import dataclass

from services.matching.commands.begin_tandem import require_pair
from services.matching.domain.pins import Pin
from services.matching.store import PINS, known, pins, places, policies, pool
from shared.kernel.errors import Conflict, Finding, Refused
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class MakePin:
    """The two, why, and until when a round may find them pinned."""

    id: str
    engagement: str
    participation: str
    because: str
    until: str | None = None


async def pin_pair(work: Work, command: MakePin) -> Pin:
    """The pin. Raises ``Conflict`` (``already-pinned``, ``already-in-a-tandem``) and all that forbids the pair."""
    engagement = await known.engagement(work, command.engagement)
    participation = await known.participation(work, command.participation)
    if engagement.programme not in await policies.group_of(work, participation.programme, work.today):
        raise Refused("other-programme", (Finding("/engagement", "other-programme", participation.programme),))
    await require_pair(work, engagement, participation, work.today)
    await places.meet(work, participation.id)
    if await places.running(work, participation.id):
        raise Conflict("already-in-a-tandem")
    standing = await pins.standing(work, [participation.programme], work.today)
    if any(one.participation == participation.id for one in standing):
        raise Conflict("already-pinned")
    await pool.meet_rounds(work, participation.programme)
    sites, carriers = known.places_of(await known.carriers(work), work.today, engagement, participation)
    pin = Pin(
        id=command.id,
        programme=participation.programme,
        engagement=engagement.id,
        participation=participation.id,
        because=command.because,
        pinned_at=work.now,
        until=command.until,
        sites=sites,
        carriers=carriers,
    )
    return await PINS.save(work, pin, "made")


async def lift_pin(work: Work, key: str, because: str) -> Pin:
    """The pin, lifted; what a round proposed of it stays a draft. Raises ``Conflict("already-lifted")``."""
    pin = await PINS.get(work, key)
    await pool.meet_rounds(work, pin.programme)
    return await PINS.save(work, pin.lifted(work.now, because), "lifted", ("lifted_at", "lifted_because"))

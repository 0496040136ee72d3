"""A tandem goes on: introduction, trial, active, paused and back. In each of them it runs and takes a place."""

from dataclasses import dataclass

from services.matching.commands.end_tandem import seen_tandem
from services.matching.domain.tandems import TRIAL, Phase, Tandem
from services.matching.store import TANDEMS
from services.matching.store.policies import policy_of
from shared.kernel.dates import days_after
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class MoveTandem:
    """To the next phase from a day on; ``to`` is ``None`` for back from a pause.

    ``until`` is the day on which a trial is reviewed, or to which a pause is meant to last.
    """

    tandem: str
    to: Phase | None
    on: str
    expected: int
    because: str | None = None
    until: str | None = None
    signed_on: str | None = None


async def move_tandem(work: Work, command: MoveTandem) -> Tandem:
    """The tandem; what is counted of it stays. Raises ``VersionLost``, ``Conflict``, ``Refused``."""
    tandem = await seen_tandem(work, command.tandem, command.expected)
    if command.to is None:
        return await TANDEMS.save(work, tandem.resumed(command.on, work.now), "resumed", ("phase",))
    until = command.until
    if command.to == TRIAL and until is None:
        policy = await policy_of(work, tandem.counted.programme, command.on)
        until = days_after(command.on, policy.trial_days)
    moved = tandem.moved(command.to, command.on, work.now, because=command.because, until=until)
    if command.signed_on is not None:
        moved = moved.signed(command.signed_on)
    return await TANDEMS.save(work, moved, command.to, ("phase", "review_on", "signed_on"))

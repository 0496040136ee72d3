"""A part of a phone's offline log, in one transaction: each entry has a fate of its own."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Literal

from services.visits.commands.visits import LogVisit, erased_of, save_logged, still_known
from services.visits.domain.known import Moment
from services.visits.domain.visits import Visit
from services.visits.store import VISITS
from shared.kernel.errors import Conflict, DomainError, Finding
from shared.storage.work import Work

REASON = "correction"


@dataclass(frozen=True, slots=True)
class SyncVisit:
    """An entry of the log; ``corrects`` names the version that it is to replace."""

    log: LogVisit
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an entry; ``visit`` is what is stored now, ``code`` and ``findings`` say why it is refused."""

    answer: Literal["stored", "duplicate", "corrected", "conflict", "refused"]
    visit: Visit | None = None
    code: str = ""
    findings: tuple[Finding, ...] = ()


async def sync_visits(work: Work, commands: Sequence[SyncVisit]) -> list[Outcome]:
    """One outcome per entry, in order; an entry that is refused leaves nothing, and the others stand.

    Raises ``Conflict("already-exists")`` where one of the ids was taken meanwhile.
    """
    ids = list({command.log.entry.id for command in commands})
    stored = {visit.id: visit for visit in await VISITS.find(work, {"_id": {"$in": ids}})}
    erased = await erased_of(work, [command.log for command in commands])
    outcomes: list[Outcome] = []
    for command in commands:
        known = stored.get(command.log.entry.id)
        try:
            outcome = await (_first(work, command, erased) if known is None else _again(work, command, known, erased))
        except DomainError as error:
            if known is None and isinstance(error, Conflict):
                raise
            outcome = Outcome("refused", None, error.code, error.findings)
        if outcome.visit is not None:
            stored[outcome.visit.id] = outcome.visit
        outcomes.append(outcome)
    return outcomes


async def _first(work: Work, command: SyncVisit, erased: Set[str]) -> Outcome:
    return Outcome("stored", await save_logged(work, command.log, erased))


async def _again(work: Work, command: SyncVisit, known: Visit, erased: Set[str]) -> Outcome:
    sent = command.log
    if known.tandem != sent.entry.tandem:
        # An id of somebody else's visit: whoever sends it learns no more than that.
        raise Conflict("already-exists")
    fate = known.fate_of(sent.content, command.corrects)
    if fate != "corrected":
        return Outcome(fate, known)
    setting = still_known(sent.setting, erased)
    note = known.note if sent.note is None else sent.note
    changed = known.corrected(
        sent.entry, setting, Moment(work.now, work.today), REASON, note=note, content=sent.content
    )
    return Outcome("corrected", await VISITS.save(work, changed, "visit-corrected"))

"""Logging, correcting and voiding visits."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from services.visits.domain.known import Moment, Setting
from services.visits.domain.visits import Entry, Visit, log
from services.visits.store import VISITS
from services.visits.store.known import erased_among
from shared.kernel.errors import DomainError, VersionLost
from shared.kernel.sealed import Sealed
from shared.storage.work import Work


@dataclass(frozen=True, slots=True)
class LogVisit:
    """An entry with what is known of its tandem; ``content`` is the mark of what was sent."""

    entry: Entry
    setting: Setting
    note: Sealed | None
    content: str


@dataclass(frozen=True, slots=True)
class CorrectVisit:
    """The whole entry as it should have been; ``expected`` is the version that the caller saw."""

    expected: int
    reason: str
    entry: Entry
    setting: Setting
    note: Sealed | None


async def log_visit(work: Work, command: LogVisit) -> Visit:
    """A visit with its dimensions as of its own date. Raises ``Refused``, ``Conflict("already-exists")``."""
    return await save_logged(work, command, await erased_of(work, [command]))


async def log_visits(works: Sequence[Work], commands: Sequence[LogVisit]) -> list[Visit | DomainError]:
    """Several visits, each in a unit of work of its own, all in one transaction; gives what each made, or why not."""
    erased = await erased_of(works[0], commands)
    results: list[Visit | DomainError] = []
    for work, command in zip(works, commands, strict=True):
        try:
            results.append(await save_logged(work, command, erased))
        except DomainError as refusal:
            results.append(refusal)
    return results


async def save_logged(work: Work, command: LogVisit, erased: Set[str]) -> Visit:
    """One visit, where it is known which participations are erased (see ``erased_of``)."""
    setting = still_known(command.setting, erased)
    visit = log(command.entry, setting, Moment(work.now, work.today), note=command.note, content=command.content)
    return await VISITS.save(work, visit, "visit-logged")


async def erased_of(work: Work, commands: Sequence[LogVisit | CorrectVisit]) -> Set[str]:
    """The participations, of those with a note, that have been erased since it was sealed.

    An erasure destroys the key after it is on record here. So a note that finds none on record was sealed under a key
    that is destroyed later, with everything under it.
    """
    noted = {command.setting.participation for command in commands if command.note is not None}
    return await erased_among(work, noted)


async def correct_visit(work: Work, command: CorrectVisit) -> Visit:
    """Changed fields; what was counted before stays in the history. A change of nothing stores nothing."""
    visit = await _expected(work, command.entry.id, command.expected)
    setting = still_known(command.setting, await erased_of(work, [command]))
    changed = visit.corrected(command.entry, setting, Moment(work.now, work.today), command.reason, note=command.note)
    if replace(changed, contents=visit.contents) == visit:
        return visit
    return await VISITS.save(work, changed, "visit-corrected", _changed_fields(visit, changed))


async def void_visit(work: Work, key: str, expected: int, reason: str) -> Visit:
    """Not counted any more."""
    visit = await _expected(work, key, expected)
    return await VISITS.save(work, visit.voided(Moment(work.now, work.today), reason), "visit-voided")


def still_known(setting: Setting, erased: Set[str]) -> Setting:
    """The setting, forgotten where an erasure came between sealing the note and this transaction."""
    return replace(setting, forgotten=True) if setting.participation in erased else setting


async def _expected(work: Work, key: str, expected: int) -> Visit:
    visit = await VISITS.get(work, key)
    if visit.version != expected:
        raise VersionLost("version-lost", params={"version": visit.version})
    return visit


def _changed_fields(before: Visit, after: Visit) -> tuple[str, ...]:
    names = ("kind", "date", "minutes", "topics", "language", "started", "note")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))

"""Logging, correcting and voiding visits."""

from dataclasses import dataclass, replace

from services.visits.domain.known import Moment, Setting
from services.visits.domain.visits import Entry, Visit, log
from services.visits.store import VISITS
from services.visits.store.known import is_erased
from shared.kernel.errors import VersionLost
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
    setting = await still_known(work, command.setting, command.note)
    visit = log(command.entry, setting, Moment(work.now, work.today), note=command.note, content=command.content)
    return await VISITS.save(work, visit, "visit-logged")


async def correct_visit(work: Work, command: CorrectVisit) -> Visit:
    """Changed fields; what was counted before stays in the history. A change of nothing stores nothing."""
    visit = await _expected(work, command.entry.id, command.expected)
    setting = await still_known(work, command.setting, command.note)
    changed = visit.corrected(command.entry, setting, Moment(work.now, work.today), command.reason, note=command.note)
    if replace(changed, contents=visit.contents) == visit:
        return visit
    return await VISITS.save(work, changed, "visit-corrected", _changed_fields(visit, changed))


async def void_visit(work: Work, key: str, expected: int, reason: str) -> Visit:
    """Not counted any more."""
    visit = await _expected(work, key, expected)
    return await VISITS.save(work, visit.voided(Moment(work.now, work.today), reason), "visit-voided")


async def still_known(work: Work, setting: Setting, note: Sealed | None) -> Setting:
    """The setting, forgotten where an erasure came between sealing the note and this transaction.

    An erasure destroys the key after it is on record here. So a note that finds none on record was sealed under a key
    that is destroyed later, with everything under it.
    """
    if note is not None and await is_erased(work, setting.participation):
        return replace(setting, forgotten=True)
    return setting


async def _expected(work: Work, key: str, expected: int) -> Visit:
    visit = await VISITS.get(work, key)
    if visit.version != expected:
        raise VersionLost("version-lost", params={"version": visit.version})
    return visit


def _changed_fields(before: Visit, after: Visit) -> tuple[str, ...]:
    names = ("kind", "date", "minutes", "topics", "language", "started", "note")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))

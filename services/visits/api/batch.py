"""A phone's offline log: every entry is judged by itself, and sending it again changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from services.visits.api.bodies import LoggedBody
from services.visits.api.permissions import LOG
from services.visits.api.prepare import count_logged, mark_of, sealed_notes_here
from services.visits.api.reach import require_setting
from services.visits.api.views import outcome_view
from services.visits.commands.sync import Outcome, SyncVisit, sync_visits
from services.visits.commands.visits import LogVisit
from services.visits.domain.known import Setting
from services.visits.store.known import Known
from shared.kernel.errors import Conflict, DomainError, Finding
from shared.storage.audit import AuditEntry
from shared.storage.blocking import in_thread
from shared.storage.group import transact_gathered
from shared.storage.store import Store
from shared.web.denials import is_denial
from shared.web.desk import RequestDesk
from shared.web.findings import findings_of

AT_ONCE: Final = 250
"""Entries in one transaction: it ends long before its time is over, and a lost race repeats little."""


@dataclass(frozen=True, slots=True)
class Meant:
    """An entry of the right form, with what is known of its tandem, which is the caller's; and its content's mark."""

    body: LoggedBody
    setting: Setting
    mark: str


_NO_OBJECT: Final = Outcome("refused", None, "invalid", (Finding("", "wrong-type", "object"),))


async def log_entries(desk: RequestDesk, entries: Sequence[Any]) -> list[dict[str, Any]]:
    """One answer per entry, in order: stored, duplicate, corrected, conflict or refused.

    An entry is whatever stood in the list: what is no object is refused, and holds up nothing that lies beside it.
    """
    answers: list[dict[str, Any]] = []
    for begin in range(0, len(entries), AT_ONCE):
        answers += await _log_some(desk, entries[begin : begin + AT_ONCE])
    return answers


async def _log_some(desk: RequestDesk, entries: Sequence[Any]) -> list[dict[str, Any]]:
    bodies = [_body(entry) for entry in entries]
    known = await _known(desk, [body.tandem for body in bodies if isinstance(body, LoggedBody)])
    judged = [await _judged(desk, known, body) if isinstance(body, LoggedBody) else body for body in bodies]
    meant = [one for one in judged if isinstance(one, Meant)]
    outcomes = iter(await _sync(desk, meant) if meant else [])
    found = [next(outcomes) if isinstance(one, Meant) else one for one in judged]
    for outcome in found:
        if outcome.answer == "stored" and outcome.visit is not None:
            count_logged(desk, outcome.visit)
    await _note_denials(desk, found)
    return [outcome_view(_id_of(entry), outcome, entry) for entry, outcome in zip(entries, found, strict=True)]


def _body(entry: Any) -> LoggedBody | Outcome:
    if not isinstance(entry, dict):
        return _NO_OBJECT
    try:
        return LoggedBody.model_validate(entry)
    except ValidationError as error:
        return Outcome("refused", None, "invalid", findings_of(error.errors(), entry))


async def _known(desk: RequestDesk, tandems: Sequence[str]) -> Known:
    async def read(store: Store) -> Known:
        known = Known(store.reader(desk.city))
        await known.expect(tandems)
        return known

    return await in_thread(desk.store, read)


async def _judged(desk: RequestDesk, known: Known, body: LoggedBody) -> Meant | Outcome:
    try:
        setting = await known.setting(body.tandem, body.date)
        require_setting(desk, setting)
    except DomainError as error:
        # As for a single visit: what is somebody else's looks like what is not there.
        return Outcome("refused", None, "not-found" if is_denial(error) else error.code, error.findings)
    return Meant(body, setting, await mark_of(desk, body))


async def _sync(desk: RequestDesk, meant: Sequence[Meant]) -> list[Outcome]:
    noted = [one.setting.participation for one in meant if one.body.note and not one.setting.forgotten]
    await desk.store.vault.need_keys(desk.city, noted)

    async def sync(store: Store) -> list[Outcome]:
        notes = sealed_notes_here(store.vault, desk.city, [(one.setting, one.body.note) for one in meant])
        commands: list[SyncVisit] = []
        for one, note in zip(meant, notes, strict=True):
            if isinstance(note, Exception):
                raise note
            logged = LogVisit(one.body.entry(one.body.id), one.setting, note, one.mark)
            commands.append(SyncVisit(logged, one.body.corrects))
        return await transact_gathered(store, desk.city, desk.actor, lambda work: sync_visits(work, commands))

    try:
        return await in_thread(desk.store, sync)
    except Conflict:
        # An id that was taken between looking and storing; a race that is not lost is run again by the store itself.
        return [Outcome("refused", None, "in-progress") for _ in meant]


async def _note_denials(desk: RequestDesk, outcomes: Sequence[Outcome]) -> None:
    denied = sum(outcome.answer == "refused" and outcome.code == "not-found" for outcome in outcomes)
    if denied:
        entry = AuditEntry(LOG.code, "not-found", outcome="denied")
        await desk.store.note(desk.city, desk.actor, *[entry] * denied)


def _id_of(entry: Any) -> str | None:
    key = entry.get("id") if isinstance(entry, dict) else None
    return key if isinstance(key, str) and len(key) <= 40 else None

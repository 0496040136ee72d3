"""A phone's offline log: every entry is judged by itself, and sending it again changes nothing."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError

from services.visits.api.bodies import LoggedBody
from services.visits.api.permissions import LOG
from services.visits.api.prepare import count_logged, prepared
from services.visits.api.views import outcome_view
from services.visits.commands.sync import Outcome, SyncVisit, sync_visits
from services.visits.store.known import Known
from shared.kernel.errors import Conflict, DomainError, Finding
from shared.storage.audit import AuditEntry
from shared.storage.group import transact_gathered
from shared.storage.work import Work
from shared.web.denials import is_denial
from shared.web.desk import RequestDesk
from shared.web.findings import findings_of

AT_ONCE: Final = 250
"""Entries in one transaction: it ends long before its time is over, and a lost race repeats little."""

_NO_OBJECT: Final = Outcome("refused", None, "invalid", (Finding("", "wrong-type", "object"),))


async def log_entries(desk: RequestDesk, entries: Sequence[Any]) -> list[dict[str, Any]]:
    """One answer per entry, in order: stored, duplicate, corrected, conflict or refused.

    An entry is whatever stood in the list: what is no object is refused, and holds up nothing that lies beside it.
    """
    known = Known(desk.reader)
    answers: list[dict[str, Any]] = []
    for begin in range(0, len(entries), AT_ONCE):
        answers += await _log_some(desk, known, entries[begin : begin + AT_ONCE])
    return answers


async def _log_some(desk: RequestDesk, known: Known, entries: Sequence[Any]) -> list[dict[str, Any]]:
    judged = [await _judged(desk, known, entry) if isinstance(entry, dict) else _NO_OBJECT for entry in entries]
    commands = [one for one in judged if isinstance(one, SyncVisit)]
    outcomes = iter(await _sync(desk, commands) if commands else [])
    found = [next(outcomes) if isinstance(one, SyncVisit) else one for one in judged]
    for outcome in found:
        if outcome.answer == "stored" and outcome.visit is not None:
            count_logged(desk, outcome.visit)
    await _note_denials(desk, found)
    return [outcome_view(_id_of(entry), outcome, entry) for entry, outcome in zip(entries, found, strict=True)]


async def _judged(desk: RequestDesk, known: Known, entry: dict[str, Any]) -> SyncVisit | Outcome:
    try:
        body = LoggedBody.model_validate(entry)
        return SyncVisit(await prepared(desk, known, body, body.id), body.corrects)
    except ValidationError as error:
        return Outcome("refused", None, "invalid", findings_of(error.errors(), entry))
    except DomainError as error:
        # As for a single visit: what is somebody else's looks like what is not there.
        return Outcome("refused", None, "not-found" if is_denial(error) else error.code, error.findings)


async def _sync(desk: RequestDesk, commands: Sequence[SyncVisit]) -> list[Outcome]:
    async def body(work: Work) -> list[Outcome]:
        return await sync_visits(work, commands)

    try:
        return await transact_gathered(desk.store, desk.city, desk.actor, body)
    except Conflict:
        # An id that was taken between looking and storing; a race that is not lost is run again by the store itself.
        return [Outcome("refused", None, "in-progress") for _ in commands]


async def _note_denials(desk: RequestDesk, outcomes: Sequence[Outcome]) -> None:
    denied = sum(outcome.answer == "refused" and outcome.code == "not-found" for outcome in outcomes)
    if denied:
        entry = AuditEntry(LOG.code, "not-found", outcome="denied")
        await desk.store.note(desk.city, desk.actor, *[entry] * denied)


def _id_of(entry: Any) -> str | None:
    key = entry.get("id") if isinstance(entry, dict) else None
    return key if isinstance(key, str) and len(key) <= 40 else None

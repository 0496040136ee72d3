"""A phone's offline log: every entry is judged by itself, and sending it again changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from services.visits.api import visits as single
from services.visits.api.bodies import VisitBody
from services.visits.commands import visits as commands
from services.visits.domain.visits import Visit
from services.visits.store.repositories import VISITS
from shared.kernel.errors import Conflict, DomainError, Finding, NotYetKnown
from shared.storage.work import Work
from shared.web.desk import RequestDesk
from shared.web.findings import findings_of

Answer = dict[str, Any]


async def log_entries(desk: RequestDesk, entries: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """One answer per entry, in order: stored, duplicate, corrected, conflict or refused."""
    return [await _log(desk, entry) for entry in entries]


async def _log(desk: RequestDesk, entry: Mapping[str, Any]) -> Answer:
    try:
        body = VisitBody.model_validate(entry)
    except ValidationError as error:
        return _refused(entry.get("id"), "invalid", findings_of(error.errors(), entry))
    if body.id is None:
        return _refused(None, "invalid", (Finding("/id", "missing", "an id made by the sender"),))
    try:
        command = await single.prepared(desk, body)
        return await _store(desk, body, command)
    except NotYetKnown as error:
        return {**_refused(body.id, error.code, ()), "retry": True}
    except DomainError as error:
        return _refused(body.id, error.code, error.findings)


async def _store(desk: RequestDesk, body: VisitBody, command: commands.LogVisit) -> Answer:
    async def log(work: Work) -> Visit:
        return await commands.log_visit(work, command)

    known = await VISITS.find_one(desk.reader, {"_id": command.id})
    if known is None:
        try:
            stored = await desk.store.transact(desk.city, desk.actor, log)
            return {"id": stored.id, "answer": "stored", "version": stored.version}
        except Conflict:
            # Another device sent it at this very moment.
            known = await VISITS.get(desk.reader, command.id)
    if known.content == command.content:
        return {"id": known.id, "answer": "duplicate", "version": known.version}
    if body.corrects == known.version:
        return await _correct(desk, body, command)
    return {"id": known.id, "answer": "conflict", "version": known.version, "sent": body.corrects}


async def _correct(desk: RequestDesk, body: VisitBody, command: commands.LogVisit) -> Answer:
    changed = {name: getattr(command, name) for name in ("kind", "date", "minutes", "topics", "language")}

    async def correct(work: Work) -> Visit:
        visit = await VISITS.get(work, command.id)
        corrected = replace(visit.corrected(work.now, "correction", **changed), content=command.content)
        return await VISITS.save(work, corrected, "visit-corrected", tuple(changed))

    await commands.own_tandem(desk.reader, body.tandem, command.person)
    saved = await desk.store.transact(desk.city, desk.actor, correct)
    return {"id": saved.id, "answer": "corrected", "version": saved.version}


def _refused(key: object, code: str, findings: tuple[Finding, ...]) -> Answer:
    errors = [{"pointer": f.pointer, "code": f.code, "expected": f.expected} for f in findings]
    return {"id": key if isinstance(key, str) else None, "answer": "refused", "code": code, "errors": errors}

"""Visits over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.visits import publishing
from services.visits.api.batch import log_entries
from services.visits.api.bodies import CorrectionBody, VisitBody, VoidBody
from services.visits.api.permissions import LOG, READ
from services.visits.commands import visits as commands
from services.visits.domain.visits import Visit
from services.visits.store import known
from services.visits.store.repositories import VISITS
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.security.principals import MENTOR
from shared.web.bodies import Code, Slug, id_of
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, Rendered, RequestDesk, needs
from shared.web.problems import WireRefusal

router = APIRouter(prefix="/v1/cities/{city}", tags=["visits"])
VisitId = Annotated[str, id_of("vis")]
_ENTRIES: dict[str, Any] = {"type": "array", "maxItems": 500, "items": VisitBody.model_json_schema()}
_BATCH = {"requestBody": {"content": {"application/json": {"schema": _ENTRIES}}, "required": True}}


@router.post("/visits", dependencies=[needs(LOG)], status_code=201, summary="Log a visit")
async def log_visit(body: VisitBody, desk: Desk) -> Response:
    """By a mentor for a tandem of her own, or by a coordinator."""
    command = await prepared(desk, body)
    return await desk.commit(lambda work: commands.log_visit(work, command), view=_view)


@router.post("/visits:batch", dependencies=[needs(LOG)], openapi_extra=_BATCH, summary="Log what a phone has kept")
async def log_batch(desk: Desk) -> Response:
    """Up to 500 entries with ids made by the phone; an answer per entry, the good ones are kept."""
    entries = desk.content
    if not isinstance(entries, list) or len(entries) > 500 or not all(isinstance(entry, dict) for entry in entries):
        raise WireRefusal(422, "batch-form")
    return JSONResponse({"entries": await log_entries(desk, entries)})


@router.get("/visits", dependencies=[needs(READ)], summary="List visits")
async def list_visits(desk: Desk, programme: Slug | None = None, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """By id; a mentor sees her own."""
    query: dict[str, Any] = {"programme": programme} if programme else {}
    if desk.role == MENTOR:
        own = await desk.reader.find("known_engagements", {"person": desk.principal.person})
        query["engagement"] = {"$in": [row["_id"] for row in own]}
    elif not desk.scope().everything and desk.scope().programmes is not None and not programme:
        query["programme"] = {"$in": sorted(desk.scope().programmes or ())}
    after = await desk.after(cursor)
    if after is not None:
        query["_id"] = {"$gt": after}
    rows = await VISITS.find(desk.reader, query, sort=[("_id", 1)], limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: row.id, view=_view)


@router.get("/visits/{visit}", dependencies=[needs(READ)], summary="Read a visit with its history")
async def read_visit(visit: VisitId, desk: Desk) -> Response:
    """Without the note."""
    found = await _own(desk, visit)
    return desk.answer(found, _view(found))


@router.get("/visits/{visit}/note", dependencies=[needs(READ)], summary="Open a visit's note")
async def read_note(visit: VisitId, desk: Desk, purpose: Code) -> Response:
    """For a purpose; the reading is in the audit before the answer leaves."""
    found = await _own(desk, visit)
    if found.note is None:
        raise NotFound("note-not-found")
    return desk.answer(found, await desk.open(found.note, ("note",), purpose))


@router.patch("/visits/{visit}", dependencies=[needs(LOG)], summary="Correct a visit")
async def correct_visit(visit: VisitId, body: CorrectionBody, desk: Desk) -> Response:
    """What it was before stays in its history, with the reason."""
    await _own(desk, visit)
    expected = desk.expected_version()
    changes = body.changes()
    return await desk.commit(
        lambda work: commands.correct_visit(work, visit, expected, body.reason, changes), view=_view, status=200
    )


@router.post("/visits/{visit}:void", dependencies=[needs(LOG)], summary="Void a visit")
async def void_visit(visit: VisitId, body: VoidBody, desk: Desk) -> Response:
    """It is not counted any more; its history stays."""
    await _own(desk, visit)
    expected = desk.expected_version()
    return await desk.commit(
        lambda work: commands.void_visit(work, visit, expected, body.reason), view=_view, status=200
    )


async def prepared(desk: RequestDesk, body: VisitBody) -> commands.LogVisit:
    """The command, its note sealed under the participation's key."""
    person = desk.principal.person if desk.role == MENTOR else None
    note = None
    if body.note is not None:
        tandem = await commands.own_tandem(desk.reader, body.tandem, person)
        note = await desk.seal(tandem.participation, {"note": body.note})
    return commands.LogVisit(
        id=body.id or new_id("vis"),
        tandem=body.tandem,
        kind=body.kind,
        date=body.date,
        minutes=body.minutes,
        topics=tuple(body.topics),
        language=body.language,
        note=note,
        person=person,
        content=commands.content_of(body.model_dump(mode="json")),
    )


async def _own(desk: RequestDesk, key: str) -> Visit:
    """The visit; for a mentor, another's is as if it were not there."""
    visit = await VISITS.get(desk.reader, key)
    if desk.role == MENTOR:
        tandem = await known.tandem(desk.reader, visit.tandem)
        desk.require(person=tandem.person or ())
    else:
        desk.require(programme=visit.programme, carrier=visit.carrier)
    return visit


def _view(visit: Visit) -> Rendered:
    data = publishing.visit(visit).model_dump(mode="json")
    actions = ["correct", "void"] if visit.status == "valid" else []
    return data | {"version": visit.version, "has_note": visit.note is not None, "actions": actions}

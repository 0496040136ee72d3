"""Visits over HTTP."""

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from services.visits.api.batch import log_entries
from services.visits.api.bodies import CorrectionBody, LoggedBody, ReasonBody, VisitBody, VisitId, sent
from services.visits.api.permissions import LOG, READ, READ_NOTES
from services.visits.api.prepare import count_logged, sealed_note
from services.visits.api.reach import reached_visit, require_setting, visible
from services.visits.api.together import LOGGER, Asked, VisitLogger
from services.visits.api.views import NoteView, VisitView, visit_view
from services.visits.commands import visits as commands
from services.visits.domain.visits import Entry, Visit
from services.visits.domain.wall_clock import WallClock
from services.visits.queries.lists import between, equal
from services.visits.store import VISITS
from services.visits.store.known import Known
from shared.kernel.errors import NotFound, Refused
from shared.kernel.ids import new_id
from shared.storage.newest import newest, place_of
from shared.storage.work import Once, Work
from shared.web.bodies import Code, Day, Page, Slug, TandemId
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs
from shared.web.etags import check_not_ahead
from shared.web.hot import hot
from shared.web.problems import WireRefusal

router = APIRouter(prefix="/v1/cities/{city}", tags=["visits"])
MOST_ENTRIES: Final = 500
_SCHEMA: Final[dict[str, Any]] = {
    "type": "array",
    "maxItems": MOST_ENTRIES,
    "items": LoggedBody.model_json_schema(),
}
_BATCH: Final = {"requestBody": {"content": {"application/json": {"schema": _SCHEMA}}, "required": True}}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One answer per entry, in order.",
        "content": {
            "application/json": {
                "example": {
                    "entries": [
                        {"id": "vis_3c9k0000000000000000000000", "answer": "stored", "version": 1, "warnings": []},
                        {
                            "id": "vis_3c9k0000000000000000000001",
                            "answer": "refused",
                            "code": "not-yet-known",
                            "pointer": "",
                            "errors": [],
                            "retry": True,
                        },
                    ]
                }
            }
        },
    }
}
From = Annotated[Day | None, Query(alias="from", description="The first day.")]
Until = Annotated[Day | None, Query(description="The first day that is not meant any more.")]


@router.post("/visits", dependencies=[needs(LOG)], status_code=201, response_model=VisitView, summary="Log a visit")
@hot(VisitBody)
async def log_visit(body: VisitBody, desk: Desk) -> Response:
    """By a mentor for a tandem of her own, or by a coordinator. What is unusual is stored, and said in `warnings`."""
    logger: VisitLogger = desk.extra[LOGGER]

    async def log(once: Once | None) -> Visit:
        return await logger.log(Asked(desk, body, body.id or new_id("vis"), once))

    def view(visit: Visit) -> VisitView:
        count_logged(desk, visit)
        return visit_view(visit)

    return await desk.commit_by(log, view=view)


@router.post(
    "/visits:batch",
    dependencies=[needs(LOG)],
    openapi_extra=_BATCH,
    responses=_ANSWERS,
    summary="Log what a phone has kept",
)
async def log_batch(desk: Desk) -> Response:
    """Up to 500 entries with ids made by the phone. Each has an answer of its own, and the good ones are kept.

    `stored`, `duplicate`, `corrected`, `conflict` (with both versions) or `refused` (code, pointer; `retry` where it
    may be sent again as it is). Sending all of it again changes nothing.
    """
    entries = desk.content
    if not isinstance(entries, list) or (entries and not any(isinstance(entry, dict) for entry in entries)):
        raise Refused("batch-form")
    if len(entries) > MOST_ENTRIES:
        raise WireRefusal(413, "too-large")
    return JSONResponse({"entries": await log_entries(desk, entries)})


@router.get("/visits", dependencies=[needs(READ)], response_model=Page[VisitView], summary="List visits")
async def list_visits(
    desk: Desk,
    *,
    programme: Slug | None = None,
    tandem: TandemId | None = None,
    since: From = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Newest first; a mentor sees her own."""
    queries = (await visible(desk), equal(programme=programme, tandem=tandem), between(since, until))
    rows = await newest(desk.reader, VISITS, "date", *queries, after=await desk.after(cursor), limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: place_of(row.date, row.id), view=visit_view)


@router.get(
    "/visits/{visit}", dependencies=[needs(READ)], response_model=VisitView, summary="Read a visit with its history"
)
async def read_visit(visit: VisitId, desk: Desk) -> Response:
    """Without the note."""
    found = await reached_visit(desk, visit)
    return desk.answer(found, visit_view(found))


@router.get(
    "/visits/{visit}/note", dependencies=[needs(READ_NOTES)], response_model=NoteView, summary="Open a visit's note"
)
async def read_note(visit: VisitId, desk: Desk, purpose: Code) -> Response:
    """For a purpose; the reading is in the audit before the answer leaves."""
    found = await reached_visit(desk, visit)
    if found.note is None:
        raise NotFound("note-not-found")
    return desk.answer(found, await desk.open(found.note, ("note",), purpose))


@router.patch("/visits/{visit}", dependencies=[needs(LOG)], response_model=VisitView, summary="Correct a visit")
async def correct_visit(visit: VisitId, body: CorrectionBody, desk: Desk) -> Response:
    """What was counted before stays in its history, with the reason."""
    command = await _correction(desk, await reached_visit(desk, visit), body)

    async def correct(work: Work) -> Visit:
        return await commands.correct_visit(work, command)

    return await desk.commit(correct, view=visit_view, status=200)


@router.post(
    "/visits/{visit}:void", dependencies=[needs(LOG, if_match=True)], response_model=VisitView, summary="Void a visit"
)
async def void_visit(visit: VisitId, body: ReasonBody, desk: Desk) -> Response:
    """It is not counted any more; its history stays. Needs `If-Match`."""
    await reached_visit(desk, visit)
    expected = desk.expected_version()
    return await desk.commit(
        lambda work: commands.void_visit(work, visit, expected, body.reason), view=visit_view, status=200
    )


async def _correction(desk: RequestDesk, visit: Visit, body: CorrectionBody) -> commands.CorrectVisit:
    expected = desk.expected_version()
    check_not_ahead(visit.version, expected)
    changes = sent(body, "language", "started_at", "note")
    setting = await Known(desk.reader).setting(visit.tandem, changes.get("date", visit.date))
    require_setting(desk, setting)
    note = await sealed_note(desk, setting, changes["note"]) if "note" in changes else visit.note
    return commands.CorrectVisit(expected, body.reason, _changed(visit.entry, changes), setting, note)


def _changed(entry: Entry, changes: dict[str, Any]) -> Entry:
    plain = {name: value for name, value in changes.items() if name not in ("note", "started_at", "fold")}
    local = changes.get("started_at", entry.started.local if entry.started else None)
    fold = changes.get("fold", entry.started.fold if entry.started and "started_at" not in changes else 0)
    return replace(entry, **plain, started=None if local is None else WallClock(local, fold))

"""Sealed reports over HTTP."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.reporting.api.bodies import FormatName, LanguageName, PrintBody, ReportId, SealBody, moment_of
from services.reporting.api.figures import FILE
from services.reporting.api.permissions import READ_REPORTS, SEAL
from services.reporting.api.reach import require_programme, whole_programmes
from services.reporting.api.views import ReportView, VerificationView, report_view, verification_view
from services.reporting.api.writing import writer_of, written
from services.reporting.commands.reports import seal_report
from services.reporting.domain.sealed_reports import Evidence, SealedReport, seal, verify
from services.reporting.exports.render import Format
from services.reporting.queries.figures import WHOLE, Days, programme_figures
from services.reporting.queries.report import sealed_file
from services.reporting.store import REPORTS, known
from services.reporting.store.repositories import rows_of
from shared.kernel.clock import write_instant
from shared.kernel.errors import Finding, Refused
from shared.kernel.ids import new_id
from shared.messaging.positions import positions
from shared.storage.audit import AuditEntry
from shared.storage.newest import newest, place_of
from shared.web.bodies import Page, Slug
from shared.web.cursors import Cursor, Limit
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}/reports", tags=["reports"])


@router.post("", dependencies=[needs(SEAL)], status_code=201, response_model=ReportView, summary="Seal a report")
async def seal_one(body: SealBody, desk: Desk) -> Response:
    """Keeps the rows it was counted from, for ever: the same report can be written and proven again."""
    programme = await known.programme(desk.reader, body.programme)
    await require_programme(desk, programme, WHOLE)
    if programme.special and body.title is not None:
        raise Refused("invalid", (Finding("/title", "title-would-be-kept", "no title"),))
    read_to = await positions(desk.store)
    at = moment_of(desk, None)
    days = Days(body.begin, body.until, "/")
    answer = await desk.store.read_at_once(desk.city, lambda reader: programme_figures(reader, programme, days, at))
    header = answer.header if body.title is None else replace(answer.header, title=body.title)
    report, content = await writer_of(desk).do(
        seal,
        body.id or new_id("rep"),
        header,
        answer.facts,
        Evidence(at.cut, read_to),
        write_instant(desk.moment),
    )
    return await desk.commit(lambda work: seal_report(work, report, content), view=report_view)


@router.get("", dependencies=[needs(READ_REPORTS)], response_model=Page[ReportView], summary="List sealed reports")
async def list_reports(desk: Desk, programme: Slug | None = None, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Newest first; of one programme, or of all that the token reaches as a whole."""
    if programme is not None:
        await require_programme(desk, await known.programme(desk.reader, programme), WHOLE)
    wanted = [programme] if programme is not None else await whole_programmes(desk)
    query = {"header.slug": {"$in": wanted}}
    after = await desk.after(cursor)
    rows = await newest(desk.reader, REPORTS, "sealed_at", query, after=after, limit=limit + 1)
    return await desk.page(rows, limit=limit, key=lambda row: place_of(row.sealed_at, row.id), view=report_view)


@router.get("/{report}", dependencies=[needs(READ_REPORTS)], response_model=ReportView, summary="Read a sealed report")
async def read_sealed_report(report: ReportId, desk: Desk) -> Response:
    """What it covers and the evidence."""
    found = await _reached(desk, report)
    return desk.answer(found, report_view(found))


@router.get(
    "/{report}/content",
    dependencies=[needs(READ_REPORTS)],
    response_class=Response,
    responses=FILE,
    summary="A sealed report as a file",
)
async def read_content(
    report: ReportId,
    desk: Desk,
    form: Annotated[FormatName, Query(alias="format")] = "html",
    language: LanguageName = "de",
) -> Response:
    """Counted anew from the sealed rows."""
    return await _printed(desk, report, PrintBody(format=form, language=language))


@router.post(
    "/{report}:print",
    dependencies=[needs(READ_REPORTS)],
    response_class=Response,
    responses=FILE,
    summary="A sealed report as a file, under a title of its own",
)
async def print_report(report: ReportId, body: PrintBody, desk: Desk) -> Response:
    """The title is printed and not kept."""
    return await _printed(desk, report, body)


@router.post(
    "/{report}:verify", dependencies=[needs(READ_REPORTS)], response_model=VerificationView, summary="Verify a report"
)
async def verify_report(report: ReportId, desk: Desk) -> VerificationView:
    """Hashes the stored rows and counts them again; that it was asked is in the audit."""
    found = await _reached(desk, report)
    verified = await writer_of(desk).do(verify, found, await rows_of(desk.reader, found))
    await desk.store.note(desk.city, desk.actor, AuditEntry("report.verified", found.id))
    return verification_view(found, verified)


async def _printed(desk: RequestDesk, key: str, body: PrintBody) -> Response:
    found = await _reached(desk, key)
    fmt, rows = Format(body.format), await rows_of(desk.reader, found)
    return await written(desk, found.header, fmt, sealed_file, found, rows, fmt, body.language, body.title)


async def _reached(desk: RequestDesk, key: str) -> SealedReport:
    found = await REPORTS.get(desk.reader, key)
    await require_programme(desk, await known.programme(desk.reader, found.programme), WHOLE)
    return found

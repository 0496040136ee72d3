"""Figures and reports of the present over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.reporting.api.bodies import (
    AskedDays,
    AskedPart,
    FormatName,
    KnownAt,
    LanguageName,
    PrintBody,
    ReportBody,
    moment_of,
)
from services.reporting.api.permissions import READ_FIGURES, WRITE_REPORT
from services.reporting.api.reach import require_city, require_programme
from services.reporting.api.views import CityFiguresView, FiguresView, city_figures_view, figures_view
from services.reporting.api.writing import written
from services.reporting.exports.render import Format
from services.reporting.queries.figures import WHOLE, Answer, Days, Part, city_figures, programme_figures
from services.reporting.queries.report import report_file
from services.reporting.store import known
from shared.kernel.clock import write_instant
from shared.web.bodies import Slug
from shared.web.desk import Desk, RequestDesk, needs

router = APIRouter(prefix="/v1/cities/{city}", tags=["figures"])
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {fmt.media_type: {} for fmt in Format}, "description": "The file."}
}


@router.get(
    "/figures", dependencies=[needs(READ_FIGURES)], response_model=CityFiguresView, summary="The city's figures"
)
async def read_city_figures(desk: Desk, days: AskedDays, part: AskedPart, known_at: KnownAt = None) -> CityFiguresView:
    """All programmes together, as the facts stand; what was counted at a closing is in the programmes' figures."""
    require_city(desk, part)
    at = moment_of(desk, known_at)
    period, figures = await desk.store.read_at_once(desk.city, lambda reader: city_figures(reader, days, at, part))
    return city_figures_view(desk.city, period, figures, at.cut)


@router.get(
    "/programmes/{programme}/figures",
    dependencies=[needs(READ_FIGURES)],
    response_model=FiguresView,
    summary="A programme's figures, its targets beside their actuals",
)
async def read_figures(
    programme: Slug, desk: Desk, days: AskedDays, part: AskedPart, known_at: KnownAt = None
) -> FiguresView:
    """By the facts' own dates. Without days: the programme's whole period."""
    return figures_view(desk.city, await _answer(desk, programme, days, known_at, part))


@router.get(
    "/programmes/{programme}/report",
    dependencies=[needs(WRITE_REPORT)],
    response_class=Response,
    responses=FILE,
    summary="A programme's report as a file",
)
async def read_report(
    programme: Slug,
    desk: Desk,
    days: AskedDays,
    *,
    known_at: KnownAt = None,
    form: Annotated[FormatName, Query(alias="format")] = "html",
    language: LanguageName = "de",
) -> Response:
    """As it stands now; nothing is kept. For a title of its own see the act ``:write``."""
    answer = await _answer(desk, programme, days, known_at)
    return await _printed(desk, answer, PrintBody(format=form, language=language))


@router.post(
    "/programmes/{programme}/report:write",
    dependencies=[needs(WRITE_REPORT)],
    response_class=Response,
    responses=FILE,
    summary="A programme's report as a file, under a title of its own",
)
async def write_report(programme: Slug, body: ReportBody, desk: Desk) -> Response:
    """Nothing is kept, the title least of all: it may tell what a programme of special kind is about."""
    answer = await _answer(desk, programme, Days(body.begin, body.until, "/"), body.known_at)
    return await _printed(desk, answer, body)


async def _answer(desk: RequestDesk, slug: str, days: Days, moment: str | None, part: Part = WHOLE) -> Answer:
    programme = await known.programme(desk.reader, slug)
    await require_programme(desk, programme, part)
    at = moment_of(desk, moment)
    return await desk.store.read_at_once(desk.city, lambda reader: programme_figures(reader, programme, days, at, part))


async def _printed(desk: RequestDesk, answer: Answer, body: PrintBody) -> Response:
    fmt, now = Format(body.format), write_instant(desk.moment)
    return await written(desk, answer.header, fmt, report_file, answer, fmt, body.language, body.title, now)

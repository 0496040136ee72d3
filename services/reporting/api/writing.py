"""Reports as files: written in a process of their own."""

from collections.abc import Callable

from starlette.responses import Response

from services.reporting.domain.programme_report import Header
from services.reporting.domain.report import Report
from services.reporting.exports.render import Format, render
from services.reporting.queries.report import file_name
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.runtime.apart import Apart
from shared.web.desk import RequestDesk


class ReportWriter:
    """One process that writes one report after the other; it is made when the first one is asked for."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._apart = Apart("writer-died")

    async def write(self, report: Report, fmt: Format) -> tuple[bytes, float]:
        """The file and the seconds it took. Raises ``Unavailable("writer-died")``."""
        began = self._clock()
        content = await self._apart.run(render, report, fmt)
        return content, self._clock() - began


async def written(desk: RequestDesk, report: Report, header: Header, name: str) -> Response:
    """The report's file, to be kept by whoever asked. Raises ``Unavailable("writer-died")``."""
    writer: ReportWriter = desk.extra["writer"]
    metrics: Metrics = desk.extra["metrics"]
    fmt = Format(name)
    content, seconds = await writer.write(report, fmt)
    metrics.observe(names.REPORT_SECONDS, seconds, city=desk.city)
    headers = {"Content-Disposition": f'inline; filename="{file_name(header, fmt.value)}"', "Cache-Control": "no-store"}
    return Response(content, media_type=fmt.media_type, headers=headers)

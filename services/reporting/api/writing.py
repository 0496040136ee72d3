"""Reports as files: written in a process of their own."""

from starlette.responses import Response

from services.reporting.domain.programme_report import Header
from services.reporting.domain.report import Report
from services.reporting.exports.render import Format, render
from services.reporting.queries.report import file_name
from shared.runtime.apart import Apart
from shared.web.desk import RequestDesk


async def written(desk: RequestDesk, report: Report, header: Header, name: str) -> Response:
    """The report's file, to be kept by whoever asked. Raises ``Unavailable("writer-died")``."""
    writer: Apart = desk.extra["writer"]
    fmt = Format(name)
    content = await writer.run(render, report, fmt)
    headers = {"Content-Disposition": f'inline; filename="{file_name(header, fmt.value)}"', "Cache-Control": "no-store"}
    return Response(content, media_type=fmt.media_type, headers=headers)

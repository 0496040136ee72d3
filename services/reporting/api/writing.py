"""Reports as files, seals and their proofs: made in a process of their own."""

from collections.abc import Callable
from typing import TypeVar

from starlette.responses import Response

from services.reporting.domain.programme_report import Header
from services.reporting.exports.render import Format
from services.reporting.queries.report import file_name
from shared.observability import metrics as names
from shared.observability.metrics import Metrics
from shared.runtime.apart import Apart
from shared.web.desk import RequestDesk

R = TypeVar("R")


class ReportWriter:
    """One process that does one thing after the other; it is made when the first report is asked for."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._apart = Apart("writer-died")

    async def do(self, function: Callable[..., R], *arguments: object) -> R:
        """What the function gives or raises. Raises ``Unavailable("writer-died")``."""
        return await self._apart.run(function, *arguments)

    async def write(self, function: Callable[..., bytes], *arguments: object) -> tuple[bytes, float]:
        """The file and the seconds it took. Raises ``Unavailable("writer-died")``."""
        began = self._clock()
        content = await self.do(function, *arguments)
        return content, self._clock() - began


def writer_of(desk: RequestDesk) -> ReportWriter:
    """The service's one."""
    writer: ReportWriter = desk.extra["writer"]
    return writer


async def written(
    desk: RequestDesk, header: Header, fmt: Format, function: Callable[..., bytes], *arguments: object
) -> Response:
    """The file that the function makes, to be kept by whoever asked. Raises ``Unavailable("writer-died")``."""
    metrics: Metrics = desk.extra["metrics"]
    content, seconds = await writer_of(desk).write(function, *arguments)
    metrics.observe(names.REPORT_SECONDS, seconds, city=desk.city)
    headers = {"Content-Disposition": f'inline; filename="{file_name(header, fmt.value)}"', "Cache-Control": "no-store"}
    return Response(content, media_type=fmt.media_type, headers=headers)

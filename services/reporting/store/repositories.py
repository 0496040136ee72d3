"""Reporting's collections and the repositories over them."""

from typing import Final

from services.reporting import publishing
from services.reporting.domain.closed_periods import ClosedPeriod
from services.reporting.domain.sealed_reports import SealedReport
from services.reporting.store import known
from shared.kernel.errors import NotFound
from shared.storage.repository import Repository
from shared.storage.store import Index, Layout
from shared.storage.work import Reader, Work

REPORTS: Final = Repository(SealedReport, "reports", "report", publishing.report)
PERIODS: Final = Repository(ClosedPeriod, "periods", "period", publishing.period)
ROWS: Final = "report_rows"

_COUNTED = (Index(("programme",)),)

LAYOUT: Final = Layout(
    {
        REPORTS.collection: (Index(("header.slug", "-sealed_at", "-_id")), Index(("-sealed_at", "-_id"))),
        ROWS: (),
        PERIODS.collection: (Index(("programme", "begin")),),
        known.CITIES: (),
        known.PROGRAMMES: (),
        known.SITES: (),
        known.ORGANISATIONS: (),
        known.COHORTS: _COUNTED,
        known.ERASURES: (),
        known.ENGAGEMENTS: _COUNTED,
        known.PARTICIPATIONS: _COUNTED,
        known.ATTENDANCES: _COUNTED,
        known.OUTCOMES: _COUNTED,
        known.VISITS: _COUNTED,
        known.ACTIVITIES: _COUNTED,
        known.REQUESTS: _COUNTED,
        known.TANDEMS: _COUNTED,
        known.WAITING: _COUNTED,
    }
)


async def keep_rows(work: Work, report: SealedReport, content: bytes) -> None:
    """Stores the compressed rows of a report, in its transaction."""
    await work.insert(ROWS, {"_id": report.id, "content": content})


async def rows_of(reader: Reader, report: SealedReport) -> bytes:
    """The compressed rows of a report. Raises ``NotFound("report-rows-not-found")``."""
    found = await reader.one(ROWS, {"_id": report.id})
    if found is None:
        raise NotFound("report-rows-not-found")
    return bytes(found["content"])


async def closed_periods(reader: Reader, programme: str) -> list[ClosedPeriod]:
    """All closed periods of a programme."""
    return await PERIODS.find(reader, {"programme": programme}, sort=[("begin", 1)])


async def hold_closings(work: Work, programme: str) -> None:
    """Of two that close or open days of the programme at once, one sees what the other did."""
    await work.hold(f"closings/{programme}")

"""Sealing a report."""

from services.reporting.domain.sealed_reports import SealedReport
from services.reporting.store import REPORTS
from services.reporting.store.repositories import keep_rows
from shared.storage.work import Work


async def seal_report(work: Work, report: SealedReport, content: bytes) -> SealedReport:
    """Stores report and rows together. Raises ``Conflict("already-exists")`` for an id that is taken."""
    sealed = await REPORTS.save(work, report, "sealed")
    await keep_rows(work, sealed, content)
    return sealed

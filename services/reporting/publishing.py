"""Aggregates as contracts: the only file of reporting that knows both words."""

from services.reporting.domain.closed_periods import ClosedPeriod
from services.reporting.domain.sealed_reports import SealedReport
from shared.contracts import reporting as contracts


def report(aggregate: SealedReport) -> contracts.ReportV1:
    """The sealed report's event: what it covers and the hash of its rows."""
    return contracts.ReportV1(
        id=aggregate.id,
        programme=aggregate.programme,
        begin=aggregate.header.begin,
        until=aggregate.header.until,
        cut=aggregate.cut,
        sealed_at=aggregate.sealed_at,
        rows=aggregate.rows,
        rows_sha256=aggregate.rows_sha256,
    )


def period(aggregate: ClosedPeriod) -> contracts.PeriodV1:
    """The closed period's event."""
    return contracts.PeriodV1(
        id=aggregate.id,
        programme=aggregate.programme,
        begin=aggregate.begin,
        until=aggregate.until,
        closed_at=aggregate.closed_at,
    )

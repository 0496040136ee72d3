"""Closing periods, and opening them again."""

from dataclasses import replace

from services.reporting.domain.closed_periods import ClosedPeriod
from services.reporting.store import PERIODS
from services.reporting.store.repositories import closed_periods, hold_closings
from shared.contracts.reporting import PeriodV1
from shared.storage.work import Work


async def close_period(work: Work, period: ClosedPeriod) -> ClosedPeriod:
    """Raises ``Conflict("period-overlaps")`` and ``Refused`` as ``ClosedPeriod.closing`` does."""
    await hold_closings(work, period.programme)
    others = await closed_periods(work, period.programme)
    return await PERIODS.save(work, period.closing(others, work.now, work.today), "closed")


async def reopen_period(work: Work, key: str) -> ClosedPeriod:
    """What is recorded from now on is not late any more. Raises ``NotFound``."""
    period = await PERIODS.get(work, key)
    await hold_closings(work, period.programme)
    await PERIODS.erase(work, period, PeriodV1, "reopened")
    return replace(period, version=period.version + 1)

"""Where aggregates of reporting become documents and back."""

from services.reporting.store.repositories import LAYOUT, PERIODS, REPORTS

__all__ = ["LAYOUT", "PERIODS", "REPORTS"]

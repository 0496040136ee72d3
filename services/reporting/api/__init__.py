"""The HTTP side of reporting."""

from services.reporting.api import figures, periods, reports

ROUTERS = (figures.router, reports.router, periods.router)

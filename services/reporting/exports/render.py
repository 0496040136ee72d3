"""One report, four formats."""

from __future__ import annotations

from enum import StrEnum

from services.reporting.domain.report import Report
from services.reporting.exports.page import lay_out


class Format(StrEnum):
    """The formats a report is written in."""

    HTML = "html"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.HTML: "text/html; charset=utf-8",
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


def render(report: Report, fmt: Format) -> bytes:
    """The report's file. Equal reports give equal bytes; a PDF needs the same fonts and the same typst for that.

    Takes CPU (a PDF a few tenths of a second), so it belongs into a process pool, not into the event loop.
    Raises `UnknownWordError` for a heading, column or indicator that the report's language has no word for.
    """
    page = lay_out(report)
    if fmt is Format.HTML:
        from services.reporting.exports.html import write_html

        return write_html(page)
    if fmt is Format.CSV:
        from services.reporting.exports.csv import write_csv

        return write_csv(page)
    if fmt is Format.XLSX:
        from services.reporting.exports.xlsx import write_xlsx

        return write_xlsx(page)
    from services.reporting.exports.pdf import write_pdf

    return write_pdf(page)

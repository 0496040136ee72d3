"""Reports out of figures, and out of what was sealed; both take CPU and belong into a process of their own."""

from dataclasses import replace

from services.reporting.domain.facts import rows_hash
from services.reporting.domain.programme_report import Header, build_report
from services.reporting.domain.report import MadeFrom
from services.reporting.domain.sealed_reports import SealedReport, sealed_figures
from services.reporting.exports.render import Format, render
from services.reporting.queries.figures import Answer
from shared.kernel.clock import read_instant


def report_file(answer: Answer, fmt: Format, language: str, title: str | None, now: str) -> bytes:
    """The file of a report as it stands; made at ``now``."""
    made_from = MadeFrom(read_instant(answer.cut), len(answer.facts), rows_hash(answer.facts))
    header = _titled(answer.header, title)
    report = build_report(header, answer.figures, language=language, made_at=read_instant(now), made_from=made_from)
    return render(report, fmt)


def sealed_file(sealed: SealedReport, rows: bytes, fmt: Format, language: str, title: str | None) -> bytes:
    """The file of a sealed report, counted anew from its rows."""
    made_from = MadeFrom(read_instant(sealed.cut), sealed.rows, sealed.rows_sha256)
    header, made_at = _titled(sealed.header, title), read_instant(sealed.sealed_at)
    figures = sealed_figures(sealed, rows)
    return render(build_report(header, figures, language=language, made_at=made_at, made_from=made_from), fmt)


def file_name(header: Header, ending: str) -> str:
    """Such as ``offizielle-nachbarin-2010-03-01.pdf``: the programme's slug and the period's first day."""
    return f"{header.slug}-{header.begin}.{ending}"


def _titled(header: Header, title: str | None) -> Header:
    return header if title is None else replace(header, title=title)

"""A report out of figures, and out of what was sealed."""

from dataclasses import replace

from services.reporting.domain.facts import rows_hash
from services.reporting.domain.programme_report import Header, build_report
from services.reporting.domain.report import MadeFrom, Report
from services.reporting.domain.sealed_reports import SealedReport, sealed_figures
from services.reporting.queries.figures import Answer
from services.reporting.store.repositories import rows_of
from shared.kernel.clock import read_instant
from shared.storage.work import Reader


def report_of(answer: Answer, language: str, now: str, title: str | None) -> Report:
    """The report as it stands; made at ``now``."""
    made_from = MadeFrom(read_instant(answer.cut), len(answer.facts), rows_hash(answer.facts))
    header = _titled(answer.header, title)
    return build_report(header, answer.figures, language=language, made_at=read_instant(now), made_from=made_from)


async def report_of_sealed(reader: Reader, sealed: SealedReport, language: str, title: str | None) -> Report:
    """The report as it was sealed, counted anew from its rows. Raises ``NotFound``."""
    figures = sealed_figures(sealed, await rows_of(reader, sealed))
    made_from = MadeFrom(read_instant(sealed.cut), sealed.rows, sealed.rows_sha256)
    header, made_at = _titled(sealed.header, title), read_instant(sealed.sealed_at)
    return build_report(header, figures, language=language, made_at=made_at, made_from=made_from)


def file_name(header: Header, ending: str) -> str:
    """Such as ``offizielle-nachbarin-2010-03-01.pdf``: the programme's slug and the period's first day."""
    return f"{header.slug}-{header.begin}.{ending}"


def _titled(header: Header, title: str | None) -> Header:
    return header if title is None else replace(header, title=title)

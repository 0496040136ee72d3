"""What reporting answers with."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.reporting.domain.closed_periods import ClosedPeriod
from services.reporting.domain.facts import rows_hash
from services.reporting.domain.figures import DEFINITIONS, Figures
from services.reporting.domain.programme_report import target_figures
from services.reporting.domain.sealed_reports import SealedReport, Verification
from services.reporting.queries.figures import Answer
from shared.kernel.dates import Period
from shared.web.bodies import View


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class FigureView(_Part):
    """One number; ``minutes`` in the code says its unit, else it is a count."""

    code: str = Field(examples=["visits"])
    value: int


class RowView(_Part):
    """One value of the dimension and its number; ``unknown`` where nothing was recorded."""

    value: str = Field(examples=["home_visit"])
    count: int


class TableView(_Part):
    """A figure by a dimension. The rows of topics and languages may overlap, so they need not sum up."""

    code: str = Field(examples=["visits"])
    by: str = Field(examples=["kind"])
    rows: list[RowView]


class WaitingView(_Part):
    """How many wait, who speak the language, in the district."""

    language: str
    district: str
    families: int


class TargetView(_Part):
    """A target beside its actual; whole percent, ``null`` where there is no share."""

    indicator: str = Field(examples=["volunteers_won"])
    target: dict[str, int] = Field(examples=[{"at_least": 8}])
    actual: int | str
    reached_percent: int | None


class CorrectionView(_Part):
    """A figure as it was when the days were closed, and with what came later."""

    code: str
    before: int
    after: int


class CityFiguresView(_Part):
    """Figures of a period; ``until`` is the day after the last."""

    city: str
    begin: str
    until: str
    known_at: str
    definitions: str
    figures: list[FigureView]
    tables: list[TableView]
    waiting: list[WaitingView]
    waiting_by_topic: list[RowView]
    language_gap: list[WaitingView]


class FiguresView(CityFiguresView):
    """Figures of a programme, with the evidence: how many rows were counted, and their SHA-256."""

    programme: str
    visits: int
    targets: list[TargetView]
    corrections: list[CorrectionView]
    rows: int
    rows_sha256: str


class ReportView(View):
    """A sealed report: what it covers and the evidence."""

    programme: str
    title: str
    begin: str
    until: str
    cut: str
    sealed_at: str
    rows: int
    rows_sha256: str
    definitions: str
    positions: dict[str, int]


class VerificationView(_Part):
    """Whether the stored rows are those that were sealed, and count to the same figures today."""

    id: str
    valid: bool
    rows_equal: bool
    figures_equal: bool
    rows_sha256: str


class PeriodView(View):
    """Closed days of a programme."""

    programme: str
    begin: str
    until: str
    closed_at: str


def city_figures_view(city: str, period: Period, figures: Figures, cut: str) -> CityFiguresView:
    """The figures of all programmes together."""
    return CityFiguresView(city=city, begin=str(period.begin), until=str(period.until), **_numbers(figures, cut))


def figures_view(city: str, answer: Answer) -> FiguresView:
    """The figures of one programme."""
    header = answer.header
    return FiguresView(
        city=city,
        programme=header.slug,
        begin=header.begin,
        until=header.until,
        visits=answer.figures.totals["visits"],
        targets=[TargetView(**row) for row in target_figures(header, answer.figures)],
        corrections=[CorrectionView(code=code, before=old, after=new) for code, old, new in header.corrections],
        rows=len(answer.facts),
        rows_sha256=rows_hash(answer.facts),
        **_numbers(answer.figures, answer.cut),
    )


def report_view(report: SealedReport) -> ReportView:
    """One sealed report."""
    return ReportView(
        id=report.id,
        version=report.version,
        actions=["verify", "print"],
        programme=report.programme,
        title=report.header.title,
        begin=report.header.begin,
        until=report.header.until,
        cut=report.cut,
        sealed_at=report.sealed_at,
        rows=report.rows,
        rows_sha256=report.rows_sha256,
        definitions=report.definitions,
        positions=dict(report.positions),
    )


def verification_view(report: SealedReport, found: Verification) -> VerificationView:
    """What verifying found."""
    return VerificationView(
        id=report.id,
        valid=found.valid,
        rows_equal=found.rows_equal,
        figures_equal=found.figures_equal,
        rows_sha256=report.rows_sha256,
    )


def period_view(period: ClosedPeriod) -> PeriodView:
    """One closed period."""
    return PeriodView(
        id=period.id,
        version=period.version,
        actions=["reopen"],
        programme=period.programme,
        begin=period.begin,
        until=period.until,
        closed_at=period.closed_at,
    )


def _numbers(figures: Figures, cut: str) -> dict[str, Any]:
    return {
        "known_at": cut,
        "definitions": DEFINITIONS,
        "figures": [FigureView(code=code, value=value) for code, value in figures.totals.items()],
        "tables": [
            TableView(code=code, by=dimension, rows=[RowView(value=name, count=n) for name, n in rows.items()])
            for (code, dimension), rows in figures.by.items()
        ],
        "waiting": [
            WaitingView(language=language, district=district, families=number)
            for (language, district), number in figures.waiting.items()
        ],
        "waiting_by_topic": [RowView(value=name, count=number) for name, number in figures.waiting_topics.items()],
        "language_gap": [
            WaitingView(language=language, district=district, families=number)
            for (language, district), number in figures.language_gap.items()
        ],
    }

"""A report in words: what every writer prints. All formats show the same page, so their numbers cannot differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from services.reporting.domain.report import Carrier, Figure, Report, Section
from services.reporting.domain.report_targets import AtLeast, AtMost, Target
from services.reporting.domain.report_values import Cell, Column, Gap, Kind, Table, first_and_last
from services.reporting.exports.words import Words
from shared.kernel.clock import write_instant

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as read (`225 %`) and, for numbers, as counted (22500, in the unit `kind`)."""

    text: str
    number: int | None = None
    kind: Kind = Kind.NAME


@dataclass(frozen=True, slots=True)
class Line:
    """A label and its value: a figure, or a fact about the report itself."""

    label: str
    value: Shown


@dataclass(frozen=True, slots=True)
class Title:
    """A column's title."""

    text: str
    numeric: bool
    kind: Kind


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of one numeric column: labels, values, and the words for those who cannot see them."""

    title: str
    text: str
    bars: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table with its caption; `totals` is empty or has an entry a column; the first `keys` columns name a row."""

    caption: str
    titles: tuple[Title, ...]
    rows: tuple[tuple[Shown, ...], ...]
    totals: tuple[Shown, ...]
    chart: Chart | None
    empty: str
    keys: int


@dataclass(frozen=True, slots=True)
class PageSection:
    """A heading with definitions, figures and tables."""

    heading: str
    definitions: tuple[str, ...]
    figures: tuple[Line, ...]
    tables: tuple[PageTable, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report in the words of its language."""

    language: str
    title: str
    programme: str
    period: str
    audience: str
    funders: str
    no_data: str
    facts: tuple[Line, ...]
    sections: tuple[PageSection, ...]
    evidence: tuple[Line, ...]
    made_at: datetime


def lay_out(report: Report) -> Page:
    """The page of a report. Raises `UnknownWordError` for a heading, column or indicator without a word."""
    return _Layout(report).page()


class _Layout:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._words = Words(report.language)
        self._own = {(term.vocabulary, term.code): term.name for term in report.terms}

    def page(self) -> Page:
        report, say = self._report, self._words.say
        targets = (self._targets(report.targets),) if report.targets else ()
        return Page(
            language=report.language.value,
            title=_fit(report.title),
            programme=_fit(report.programme),
            period=self._words.period(report.period),
            audience=say("audience", report.audience.value),
            funders=_fit(", ".join(report.funders)),
            no_data=say("ui", "no_data") if report.empty else "",
            facts=self._facts(),
            sections=targets + tuple(self._section(section) for section in report.sections),
            evidence=self._evidence(),
            made_at=report.made_at,
        )

    def _facts(self) -> tuple[Line, ...]:
        report = self._report
        pairs = [
            ("programme", report.programme),
            ("city", report.city),
            ("period", self._words.period(report.period)),
            *(("carriers", self._carrier(carrier)) for carrier in report.carriers),
            ("framework", report.framework),
            *(("funders", funder) for funder in report.funders),
        ]
        return tuple(Line(self._words.say("ui", code), Shown(_fit(text))) for code, text in pairs if text)

    def _carrier(self, carrier: Carrier) -> str:
        name = self._words.gap(carrier.name) if isinstance(carrier.name, Gap) else carrier.name
        if first_and_last(carrier.period) == first_and_last(self._report.period):
            return name
        return self._words.say("ui", "carrier_span", name=name, span=self._words.period(carrier.period))

    def _evidence(self) -> tuple[Line, ...]:
        say, made_from = self._words.say, self._report.made_from
        rows = self._words.count("made_from_rows", made_from.rows, rows=self._words.amount(made_from.rows, Kind.COUNT))
        pairs = [
            ("made_at", self._words.instant(self._report.made_at)),
            ("cut", f"{self._words.instant(made_from.cut)} ({write_instant(made_from.cut)})"),
            ("rows", rows),
            ("sha256", made_from.sha256),
        ]
        return tuple(Line(say("ui", code), Shown(text)) for code, text in pairs)

    def _section(self, section: Section) -> PageSection:
        return PageSection(
            heading=self._words.say("heading", section.heading),
            definitions=tuple(self._words.say("definition", code) for code in section.definitions),
            figures=tuple(self._figure(figure) for figure in section.figures),
            tables=tuple(self._table(table) for table in section.tables),
        )

    def _figure(self, figure: Figure) -> Line:
        label = self._words.say("indicator", figure.code)
        if figure.kind is Kind.MINUTES:
            label = f"{label} ({self._words.say('ui', 'hours_minutes')})"
        return Line(label, self._amount(figure.value, figure.kind))

    def _table(self, table: Table) -> PageTable:
        titles = tuple(self._title(column) for column in table.columns)
        rows = tuple(self._row(table.columns, row) for row in table.rows)
        caption = self._caption(table)
        return PageTable(
            caption=caption,
            titles=titles,
            rows=rows,
            totals=self._totals(table) if rows else (),
            chart=self._chart(table, caption, rows),
            empty="" if rows else self._words.say("ui", "no_rows"),
            keys=max(1, next((place for place, title in enumerate(titles) if title.numeric), 1)),
        )

    def _caption(self, table: Table) -> str:
        if not table.by:
            return self._words.say("heading", table.subject)
        dimensions = self._words.together(self._words.say("by", code) for code in table.by)
        return self._words.say(
            "ui", "caption", subject=self._words.say("indicator", table.subject), dimensions=dimensions
        )

    def _title(self, column: Column) -> Title:
        word = self._words.find("column", column.code) or self._words.say("indicator", column.code)
        return Title(word, column.kind.numeric, column.kind)

    def _row(self, columns: tuple[Column, ...], cells: tuple[Cell, ...]) -> tuple[Shown, ...]:
        return tuple(self._cell(column, cell) for column, cell in zip(columns, cells, strict=True))

    def _totals(self, table: Table) -> tuple[Shown, ...]:
        if not table.totals:
            return ()
        shown = [
            Shown("") if cell is None else self._cell(column, cell)
            for column, cell in zip(table.columns, table.totals, strict=True)
        ]
        if not table.columns[0].kind.numeric:
            shown[0] = Shown(self._words.say("ui", "total"))
        return tuple(shown)

    def _chart(self, table: Table, caption: str, rows: tuple[tuple[Shown, ...], ...]) -> Chart | None:
        if not table.chart or not rows:
            return None
        place = [column.code for column in table.columns].index(table.chart)
        labels = [number for number, column in enumerate(table.columns) if not column.kind.numeric]
        bars = tuple(Line(", ".join(row[number].text for number in labels), row[place]) for row in rows)
        words = self._words
        return Chart(
            title=words.say("ui", "chart_title", caption=caption),
            text=words.count("chart_text", len(bars), count=words.amount(len(bars), Kind.COUNT)),
            bars=bars,
        )

    def _cell(self, column: Column, cell: Cell) -> Shown:
        if isinstance(cell, Gap | int):
            return self._amount(cell, column.kind)
        if column.kind is Kind.TERM:
            return Shown(_fit(self._term(column.vocabulary, cell)))
        if column.kind is Kind.LANGUAGE:
            return Shown(_fit(self._words.tongue(cell)))
        if column.kind is Kind.MONTH:
            return Shown(self._words.month(cell))
        if column.kind is Kind.DAY:
            return Shown(self._words.day(date.fromisoformat(cell)))
        return Shown(_fit(cell))

    def _term(self, vocabulary: str, code: str) -> str:
        """A city may have coined the code; without a name it stands for itself rather than stopping the report."""
        return self._own.get((vocabulary, code)) or self._words.find(vocabulary, code) or code

    def _amount(self, value: int | Gap, kind: Kind) -> Shown:
        if isinstance(value, Gap):
            return Shown(self._words.gap(value), None, kind)
        return Shown(self._words.amount(value, kind), value, kind)

    def _targets(self, targets: tuple[Target, ...]) -> PageSection:
        say = self._words.say
        due = any(target.due for target in targets)
        codes = ["indicator", "target", *(["due"] if due else []), "actual", "reached_percent", "reached"]
        kinds = {"actual": Kind.COUNT, "reached_percent": Kind.BASIS_POINTS, "due": Kind.DAY}
        shown = [(say("column", code), kinds.get(code, Kind.NAME)) for code in codes]
        titles = tuple(Title(text, kind.numeric, kind) for text, kind in shown)
        rows = tuple(self._target(target, due) for target in targets)
        heading = say("heading", "targets")
        return PageSection(heading, (), (), (PageTable(heading, titles, rows, (), None, "", 1),))

    def _target(self, target: Target, with_due: bool) -> tuple[Shown, ...]:
        say, nothing = self._words.say, Shown(self._words.say("ui", "none"))
        percent, reached = target.reached_percent, target.reached
        due = [Shown(self._words.day(date.fromisoformat(target.due))) if target.due else nothing]
        return (
            Shown(say("indicator", target.indicator)),
            Shown(self._goal(target)),
            *(due if with_due else []),
            self._amount(target.actual, target.unit),
            nothing if percent is None else self._amount(percent, Kind.BASIS_POINTS),
            Shown(self._words.gap(reached) if isinstance(reached, Gap) else say("ui", f"reached_{_yes(reached)}")),
        )

    def _goal(self, target: Target) -> str:
        say, goal = self._words.say, target.goal
        if isinstance(goal, AtLeast):
            return say("ui", "at_least", bound=self._words.amount(goal.bound, target.unit))
        if isinstance(goal, AtMost):
            return say("ui", "at_most", bound=self._words.amount(goal.bound, target.unit))
        low, high = (self._words.amount(end, target.unit) for end in (goal.low, goal.high))
        return say("ui", "within", low=low, high=high)


def _fit(text: str) -> str:
    """A display string with a mark in the place of what no format can hold (XML, for one, has no NUL)."""
    return _UNWRITABLE.sub("\ufffd", text)


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"

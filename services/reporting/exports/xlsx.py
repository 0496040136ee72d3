"""A workbook: a first sheet about the report, then a sheet a section, with real numbers and no live text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from services.reporting.domain.report import Language
from services.reporting.domain.report_values import Kind
from services.reporting.exports.page import Line, Page, PageSection, PageTable, Shown
from services.reporting.exports.words import Words

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NUMBER_FORMATS = {
    Kind.COUNT: "#,##0",
    Kind.MINUTES: "[h]:mm",
    Kind.CENTS: "#,##0.00\\ €",
    Kind.METRES: '#,##0\\ "m"',
}
_PARTS = {Kind.MINUTES: 24 * 60, Kind.BASIS_POINTS: 10_000, Kind.CENTS: 100}
_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_NARROWEST, _WIDEST = 12, 48


def write_xlsx(page: Page) -> bytes:
    """The workbook; its properties carry title and programme, no person, and the day the report was made."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, _OPTIONS)
    book.set_properties(
        {"title": page.title, "subject": page.programme, "created": page.made_at.replace(tzinfo=None), "author": ""}
    )
    styles = _Styles(book)
    words = Words(Language(page.language))
    names = _Names()
    _about(_sheet(book, names, words.say("ui", "report")), page, words, styles)
    for section in page.sections:
        _section(_sheet(book, names, section.heading), section, page, words, styles)
    book.close()
    return out.getvalue()


class _Styles:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def get(self, **wanted: object) -> Format:
        settings = {"font_name": "Calibri", "font_size": 11, "valign": "top", **wanted}
        key = tuple(sorted(settings.items(), key=lambda item: item[0]))
        if key not in self._made:
            self._made[key] = self._book.add_format(settings)
        return self._made[key]


class _Names:
    """Names of sheets as Excel allows them: 31 characters, some forbidden, each only once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def next(self, heading: str) -> str:
        plain = _FORBIDDEN_IN_NAMES.sub(" ", heading).strip().strip("'") or "-"
        name, number = plain[:31], 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{plain[: 30 - len(str(number))]} {number}"
        self._taken.add(name.casefold())
        return name


@dataclass
class _Cursor:
    """Where the next line of a sheet goes, and how wide its columns must be."""

    sheet: Worksheet
    styles: _Styles
    line: int = 0

    def text(self, column: int, text: str, **style: object) -> None:
        self.sheet.write_string(self.line, column, text, self.styles.get(**style))

    def value(self, column: int, value: Shown, **style: object) -> None:
        if value.number is None:
            self.text(column, value.text, **{"text_wrap": True, **style})
            return
        number = value.number / _PARTS[value.kind] if value.kind in _PARTS else value.number
        self.sheet.write_number(
            self.line,
            column,
            number,
            self.styles.get(**{"num_format": _number_format(value), "align": "right", **style}),
        )

    def lines(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self.text(0, line.label, font_color="#55616E", text_wrap=True)
            self.value(1, line.value, align="left")
            self.line += 1


def _number_format(value: Shown) -> str:
    if value.kind is Kind.BASIS_POINTS:
        return "0%" if (value.number or 0) % 100 == 0 else "0.00%"
    return _NUMBER_FORMATS[value.kind]


def _sheet(book: xlsxwriter.Workbook, names: _Names, heading: str) -> Worksheet:
    sheet = book.add_worksheet(names.next(heading))
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&R&P / &N")
    return sheet


def _about(sheet: Worksheet, page: Page, words: Words, styles: _Styles) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 80)
    at = _Cursor(sheet, styles)
    at.text(0, page.title, bold=True, font_size=16)
    at.line = 1
    sheet.freeze_panes(1, 0)
    at.line = 2
    at.lines([Line(words.say("ui", "audience"), Shown(page.audience)), *page.facts])
    if page.no_data:
        at.line += 1
        at.text(0, page.no_data, bold=True)
        at.line += 1
    at.line += 1
    at.text(0, words.say("ui", "about"), bold=True)
    at.line += 1
    at.lines(page.evidence)


def _section(sheet: Worksheet, section: PageSection, page: Page, words: Words, styles: _Styles) -> None:
    at = _Cursor(sheet, styles)
    _widths(sheet, section)
    at.text(0, section.heading, bold=True, font_size=14)
    at.line += 1
    at.text(0, f"{page.programme}, {page.period}", font_color="#55616E")
    at.line += 2
    at.lines(section.figures)
    at.line += bool(section.figures)
    single = len(section.tables) == 1
    sheet.freeze_panes(at.line + 2 if single and at.line < 8 else 1, 0)
    if single:
        sheet.repeat_rows(at.line + 1)
    for table in section.tables:
        _table(at, table)
    if section.definitions:
        at.text(0, words.say("ui", "definitions"), bold=True)
        at.line += 1
        for definition in section.definitions:
            at.text(0, definition, font_color="#55616E")
            at.line += 1


def _table(at: _Cursor, table: PageTable) -> None:
    at.text(0, table.caption, bold=True)
    at.line += 1
    for column, title in enumerate(table.titles):
        side = "right" if title.numeric else "left"
        at.text(column, title.text, bold=True, bottom=1, text_wrap=True, align=side, bg_color="#F4F6F8")
    at.line += 1
    for row in table.rows:
        for column, value in enumerate(row):
            side = "right" if table.titles[column].numeric else "left"
            at.value(column, value, bottom=4, bottom_color="#C9D1D9", align=side)
        at.line += 1
    if not table.rows:
        at.text(0, table.empty, italic=True)
        at.line += 1
    for column, value in enumerate(table.totals):
        at.value(column, value, bold=True, top=1)
    at.line += 1 + bool(table.totals)


def _widths(sheet: Worksheet, section: PageSection) -> None:
    wanted: dict[int, int] = {0: 20}
    for line in section.figures:
        wanted[0] = max(wanted[0], len(line.label))
    for table in section.tables:
        for row in ([Shown(title.text) for title in table.titles], *table.rows, table.totals):
            for column, value in enumerate(row):
                wanted[column] = max(wanted.get(column, 0), len(value.text))
    for column, width in wanted.items():
        sheet.set_column(column, column, min(max(width + 2, _NARROWEST), _WIDEST))

"""One value a line, in words and as a number: `;`, UTF-8 with byte order mark, every field quoted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from services.reporting.domain.report import Language
from services.reporting.exports.page import Page, PageSection, PageTable, Shown
from services.reporting.exports.spreadsheet import defuse
from services.reporting.exports.words import Words

_TITLES = ("section", "table", "row", "column", "value", "number", "number_unit")
_Record = tuple[str, str, str, str, Shown]


def write_csv(page: Page) -> bytes:
    """Columns: section, table, row, column, value (as read), number (whole, in its unit), unit of the number.

    Texts that a spreadsheet might run get an apostrophe in front (`spreadsheet.restore` takes it away again).
    """
    words = Words(Language(page.language))
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(words.say("ui", code) for code in _TITLES)
    for *places, value in _records(page, words):
        number = ("", "") if value.number is None else (str(value.number), words.say("unit", value.kind.value))
        writer.writerow([*(defuse(text) for text in places), _text(value), *number])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _text(value: Shown) -> str:
    return defuse(value.text) if value.number is None else value.text


def _records(page: Page, words: Words) -> Iterator[_Record]:
    report, about = words.say("ui", "report"), words.say("ui", "about")
    yield report, "", "", "", Shown(page.title)
    yield report, "", words.say("ui", "audience"), "", Shown(page.audience)
    for line in page.facts:
        yield report, "", line.label, "", line.value
    if page.no_data:
        yield report, "", "", "", Shown(page.no_data)
    for section in page.sections:
        yield from _section(section, words)
    for line in page.evidence:
        yield about, "", line.label, "", line.value


def _section(section: PageSection, words: Words) -> Iterator[_Record]:
    for figure in section.figures:
        yield section.heading, words.say("ui", "figures"), figure.label, "", figure.value
    for table in section.tables:
        yield from _table(section.heading, table)
    for definition in section.definitions:
        yield section.heading, words.say("ui", "definitions"), "", "", Shown(definition)


def _table(heading: str, table: PageTable) -> Iterator[_Record]:
    if not table.rows:
        yield heading, table.caption, "", "", Shown(table.empty)
    for row in (*table.rows, *([table.totals] if table.totals else [])):
        name = " / ".join(value.text for value in row[: table.keys] if value.text)
        for title, value in zip(table.titles[table.keys :], row[table.keys :], strict=True):
            if value.text:
                yield heading, table.caption, name, title.text, value

"""Reads the four formats back, each with a library that knows nothing of how they were written."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO, StringIO

from openpyxl import load_workbook
from pypdf import PdfReader

Place = tuple[str, str, str]
"""Caption, row, column."""


class Page(HTMLParser):
    """The tables, tags and texts of a page."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self._caption = ""
        self._open = ""
        self.feed(source.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "caption":
            self._open, self._caption = tag, ""
        elif tag == "tr":
            self.tables[self._caption].append([])
        elif tag in ("th", "td"):
            self._open = "cell"
            self.tables[self._caption][-1].append("")
        elif tag == "style":
            self._open = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.tables.setdefault(self._caption, [])
        if tag in ("caption", "th", "td", "style"):
            self._open = ""
        self.text += " "

    def handle_data(self, data: str) -> None:
        if self._open == "caption":
            self._caption += data
        elif self._open == "cell":
            self.tables[self._caption][-1][-1] += data
        if self._open != "style":
            self.text += data

    def cells(self) -> dict[Place, str]:
        """What stands where. Rows are named by their leading texts, as in the CSV."""
        return {
            (caption, row[0], title): text
            for caption, (titles, *rows) in self.tables.items()
            for row in rows
            if len(row) == len(titles)
            for title, text in zip(titles[1:], row[1:], strict=True)
        }


def csv_records(source: bytes) -> list[list[str]]:
    """All lines without the titles."""
    assert source.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(source.decode("utf-8-sig"), newline=""), delimiter=";"))[1:]


def csv_cells(source: bytes) -> dict[Place, tuple[str, str]]:
    """The values of tables: as read, and as a whole number."""
    return {(table, row, column): (value, number) for _, table, row, column, value, number, _ in csv_records(source)}


def xlsx_texts(source: bytes) -> list[str]:
    """Every text of every sheet."""
    book = load_workbook(BytesIO(source))
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def xlsx_types(source: bytes) -> set[str]:
    """The kinds of cells: `s` text, `n` number, `f` formula, `d` date or duration."""
    book = load_workbook(BytesIO(source))
    return {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}


def xlsx_rows(source: bytes) -> list[list[object]]:
    """Every line that is not empty, of all sheets; hours as whole minutes."""
    rows: list[list[object]] = []
    for sheet in load_workbook(BytesIO(source)):
        for row in sheet.iter_rows(values_only=True):
            values = [_minutes(value) for value in row if value is not None]
            if values:
                rows.append(values)
    return rows


def _minutes(value: object) -> object:
    return round(value.total_seconds() / 60) if isinstance(value, timedelta) else value


def pdf_text(source: bytes) -> str:
    """The text of all pages, line breaks and hyphens at them undone."""
    raw = "\n".join(page.extract_text() for page in PdfReader(BytesIO(source)).pages)
    return re.sub(r"\s+", " ", raw.replace("\xa0", " ").replace("\u200b", ""))

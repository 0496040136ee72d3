"""The report as an accessible PDF (PDF/UA-1), set by typst. Text reaches the template as data, never as markup."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from services.reporting.domain.report import Language
from services.reporting.domain.report_values import Kind
from services.reporting.exports.page import Chart, Line, Page, PageSection, PageTable
from services.reporting.exports.words import Words

_TEMPLATE = Path(__file__).resolve().parent / "report.typ"
_FONTS = Path("/usr/share/fonts/truetype/noto")
_FAMILIES = (
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Ethiopic",
    "Noto Sans Georgian",
    "Noto Sans Armenian",
    "Noto Sans Devanagari",
    "Noto Sans Tamil",
    "Noto Sans Bengali",
    "Noto Sans Thai",
    "Libertinus Serif",
)
_WORDS = ("audience", "about", "definitions", "funders", "page", "of")
_REGIONS = {"de": "DE", "en": "GB"}
_NARROW = (Kind.DAY, Kind.MONTH)
_LONGEST = 30
_LONG_WORD = re.compile(rf"\S{{{_LONGEST}}}(?=\S)")
_NO_GLYPH = "could not be displayed"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def write_pdf(page: Page, fonts: Path = _FONTS) -> bytes:
    """The PDF. Equal pages give equal bytes with the same typst and the same fonts.

    Fonts come from `fonts` where that folder exists, else typst's own are used (Latin, Cyrillic, plain Arabic).
    A character that none of them has is set as a box, and the file then does not call itself PDF/UA.
    Takes CPU (some 0.1 s a page): call it outside the event loop.
    """
    found = _fonts(fonts)
    families = set(found.families())
    data = _data(page) | {"fonts": [family for family in _FAMILIES if family in families]}
    with TemporaryDirectory(prefix="report-") as folder:
        template = Path(folder) / _TEMPLATE.name
        shutil.copyfile(_TEMPLATE, template)
        (Path(folder) / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        compiler = typst.Compiler(str(template), root=folder, font_paths=found)
        try:
            return _compile(compiler, ["ua-1"], page.made_at)
        except typst.TypstError as error:
            if _NO_GLYPH not in str(error):
                raise
            return _compile(compiler, [], page.made_at)


def _compile(compiler: typst.Compiler, standards: list[typst.PDFStandard], made_at: datetime) -> bytes:
    # A PDF knows whole seconds only.
    made = compiler.compile(format="pdf", pdf_standards=standards, timestamp=made_at.replace(microsecond=0))
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single document")
    return made


@cache
def _fonts(folder: Path) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)] if folder.is_dir() else [])


def _data(page: Page) -> dict[str, object]:
    words = Words(Language(page.language))
    return {
        "language": page.language,
        "region": _REGIONS[page.language],
        "title": _plain(page.title),
        "programme": _plain(page.programme),
        "period": page.period,
        "audience": page.audience,
        "funders": _plain(page.funders),
        "no_data": page.no_data,
        "words": {code: words.say("ui", code) for code in _WORDS},
        "facts": _facts(page.facts),
        "evidence": _facts(page.evidence),
        "sections": [_section(section) for section in page.sections],
    }


def _facts(lines: Iterable[Line]) -> list[dict[str, object]]:
    groups: dict[str, list[str]] = {}
    for line in lines:
        groups.setdefault(line.label, []).append(_plain(line.value.text))
    return [{"label": label, "values": values} for label, values in groups.items()]


def _section(section: PageSection) -> dict[str, object]:
    return {
        "heading": section.heading,
        "definitions": list(section.definitions),
        "figures": [{"label": line.label, "value": line.value.text} for line in section.figures],
        "tables": [_table(table, section.heading) for table in section.tables],
    }


def _table(table: PageTable, heading: str) -> dict[str, object]:
    return {
        "caption": None if table.caption == heading else table.caption,
        "titles": [
            {"text": title.text, "numeric": title.numeric, "narrow": title.numeric or title.kind in _NARROW}
            for title in table.titles
        ],
        "rows": [[_plain(value.text) for value in row] for row in table.rows],
        "totals": [_plain(value.text) for value in table.totals],
        "chart": _chart(table.chart) if table.chart else None,
        "empty": table.empty,
    }


def _chart(chart: Chart) -> dict[str, object]:
    largest = max((bar.value.number or 0 for bar in chart.bars), default=0)
    bars = [
        {
            "label": _plain(bar.label),
            "value": bar.value.text,
            "share": 10_000 * max(bar.value.number or 0, 0) // largest if largest > 0 else 0,
        }
        for bar in chart.bars
    ]
    return {"title": _plain(chart.title), "text": chart.text, "bars": bars}


def _plain(text: str) -> str:
    """Without control characters, which have no glyph, and with a place to break in words too long for a line."""
    return _LONG_WORD.sub("\\g<0>\u200b", _CONTROL.sub(" ", text))

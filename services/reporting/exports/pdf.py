"""The report as an accessible PDF (PDF/UA-1), set by typst. Text reaches the template as data, never as markup."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from services.reporting.domain.report import Language
from services.reporting.domain.report_values import Kind
from services.reporting.exports.page import Chart, Line, Page, PageSection, PageTable
from services.reporting.exports.words import Words
from shared.runtime.typesetting import FONTS, plain, typeset

_TEMPLATE = Path(__file__).resolve().parent / "report.typ"
_WORDS = ("audience", "about", "definitions", "funders", "page", "of")
_REGIONS = {"de": "DE", "en": "GB"}
_NARROW = (Kind.DAY, Kind.MONTH)


def write_pdf(page: Page, fonts: Path = FONTS) -> bytes:
    """The PDF. Equal pages give equal bytes with the same typst and the same fonts. See ``typeset``."""
    return typeset(_TEMPLATE, _data(page), page.made_at, fonts)


def _data(page: Page) -> dict[str, object]:
    words = Words(Language(page.language))
    return {
        "language": page.language,
        "region": _REGIONS[page.language],
        "title": plain(page.title),
        "programme": plain(page.programme),
        "period": page.period,
        "audience": page.audience,
        "funders": plain(page.funders),
        "no_data": page.no_data,
        "words": {code: words.say("ui", code) for code in _WORDS},
        "facts": _facts(page.facts),
        "evidence": _facts(page.evidence),
        "sections": [_section(section) for section in page.sections],
    }


def _facts(lines: Iterable[Line]) -> list[dict[str, object]]:
    groups: dict[str, list[str]] = {}
    for line in lines:
        groups.setdefault(line.label, []).append(plain(line.value.text))
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
        "rows": [[plain(value.text) for value in row] for row in table.rows],
        "totals": [plain(value.text) for value in table.totals],
        "chart": _chart(table.chart) if table.chart else None,
        "empty": table.empty,
    }


def _chart(chart: Chart) -> dict[str, object]:
    largest = max((bar.value.number or 0 for bar in chart.bars), default=0)
    bars = [
        {
            "label": plain(bar.label),
            "value": bar.value.text,
            "share": 10_000 * max(bar.value.number or 0, 0) // largest if largest > 0 else 0,
        }
        for bar in chart.bars
    ]
    return {"title": plain(chart.title), "text": chart.text, "bars": bars}

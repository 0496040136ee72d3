"""Nobody's text becomes markup, script or formula, whatever field of whatever format it stands in."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from services.reporting.domain.report import Carrier, Language, Report, Section, Term
from services.reporting.domain.report_values import Column, Kind, Table
from services.reporting.exports.render import Format, render
from services.reporting.exports.spreadsheet import defuse, restore
from tests.unit.reporting import readers
from tests.unit.reporting.samples import neighbour_report

MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</desc></svg><iframe src=javascript:alert(1)>",
    "<!--<script>-->",
    "]]><script>alert(1)</script>",
    "{{ 7 * 191 }}{% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;amp; &#60;i&#62;",
    "＜script＞alert(1)",
    "<ScRiPt/x>alert(1)</sCrIpT >",
]
TYPST = [
    '#read("/etc/passwd")',
    "#panic()",
    "*bold* _it_ $x^2$ @ref <label> `raw`",
    "]#pagebreak()[",
    "= Heading",
    "\\u{41}",
]
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org","x")',
    "'=1+1",
    "''=1+1",
    '"=1+1',
    "a;=1+1",
    'a";=1+1;"',
    "http://example.org",
    "mailto:a@example.org",
    "0049381",
    "1e5",
]
NO_GLYPH = "\x00"
"""How a character reads in a PDF when no font has it."""
HARMLESS = ["Groß Klein", "'s-Hertogenbosch", "Marén-Sophie", "% des Ziels", "–", "a=b", "''", ""]


def report_with(text: str, language: Language = Language.DE) -> Report:
    """The text in every field that takes a display string."""
    base = neighbour_report(language)
    columns = (
        Column("district", Kind.NAME),
        Column("language", Kind.LANGUAGE),
        Column("topic", Kind.TERM, "topic"),
        Column("visits", Kind.COUNT),
    )
    table = Table("visits", columns, ((text, text, "own", 3),), ("district",), (text, None, None, 3), "visits")
    return replace(
        base,
        title=text,
        programme=text,
        city=text,
        framework=text,
        funders=(text, text),
        carriers=(Carrier(text, base.period),),
        sections=(Section("visits", tables=(table,)),),
        terms=(Term("topic", "own", text),),
    )


@pytest.mark.parametrize("text", MARKUP + TYPST + FORMULAS)
def test_text_is_no_markup_in_html_and_svg(text: str) -> None:
    plain, shown = (readers.Page(render(report_with(part), Format.HTML)) for part in ("harmless", text))

    assert structure(shown) == structure(plain)
    assert squeeze(text) in squeeze(shown.text)
    drawing = re.search(r"<svg.*?</svg>", render(report_with(text), Format.HTML).decode(), re.S)
    assert drawing is not None
    labels = "".join(ElementTree.fromstring(drawing[0]).itertext())  # noqa: S314  # written by us a line above
    assert squeeze(text) in squeeze(labels)


@pytest.mark.parametrize("text", MARKUP + TYPST)
def test_text_is_no_markup_in_pdf(text: str) -> None:
    shown = squeeze(readers.pdf_text(render(report_with(text), Format.PDF)))

    assert squeeze(re.sub("[＜＞]", NO_GLYPH, text)) in re.sub("[＜＞]", NO_GLYPH, shown)


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\x1bb", "a\ud800b", "a\uffffb", "猫の家", "😀", "\ue000", "a\u0085b", "\u202eabc"]
)
@pytest.mark.parametrize("fmt", Format)
def test_no_character_stops_a_report(text: str, fmt: Format) -> None:
    source = render(report_with(text), fmt)

    readings = {
        Format.HTML: lambda: readers.Page(source).text,
        Format.CSV: lambda: str(readers.csv_records(source)),
        Format.XLSX: lambda: str(readers.xlsx_texts(source)),
        Format.PDF: lambda: readers.pdf_text(source),
    }
    assert "31. Dezember 2010" in readings[fmt]()


@pytest.mark.parametrize("text", FORMULAS + MARKUP)
def test_text_is_no_formula_in_csv(text: str) -> None:
    records = readers.csv_records(render(report_with(text), Format.CSV))

    fields = [field for record in records for field in record]
    assert not [field for field in fields if field[:1] in set("=+-@\t\r\n＝＋－＠")]
    assert not [field for field in fields if field.strip("\u200b\ufeff \u00a0")[:1] in set("=+-@＝＋－＠")]
    titles = [restore(record[4]) for record in records if record[:4] == ["Bericht", "", "", ""]]
    assert titles == [text]
    assert [restore(record[4]) for record in records if record[2] == "Gefördert durch"] == [text, text]


@pytest.mark.parametrize("text", FORMULAS + MARKUP)
def test_text_is_text_in_xlsx(text: str) -> None:
    source = render(report_with(text), Format.XLSX)

    assert "f" not in readers.xlsx_types(source)
    assert b"hyperlink" not in source
    kept = [value.replace("_x000D_", "\r") for value in readers.xlsx_texts(source)]
    assert kept.count(text) >= 6


@pytest.mark.parametrize("text", FORMULAS + HARMLESS + MARKUP)
def test_defused_text_can_be_restored(text: str) -> None:
    assert restore(defuse(text)) == text
    assert restore(defuse(defuse(text))) == defuse(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert defuse(text) == text


def structure(page: readers.Page) -> tuple[list[str], list[tuple[str, str]]]:
    """Tags and attributes; without the `text` of the drawing, of which a long label needs more lines."""
    tags = [tag for tag in page.tags if tag != "text"]
    return tags, [(tag, name) for tag, name, _ in page.attributes if tag != "text"]


def squeeze(text: str) -> str:
    """Without white space and invisible characters, which a layout may set differently."""
    return re.sub(r"[\s\u200b\ufeff\u00ad-]+", "", text)

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from services.reporting.domain.report import Carrier, Figure, Language, Report, Section, Term
from services.reporting.domain.report_values import Column, Gap, Kind, Table
from services.reporting.exports.page import Page as Words
from services.reporting.exports.page import Shown, lay_out
from services.reporting.exports.pdf import write_pdf
from services.reporting.exports.render import Format, render
from tests.unit.reporting import readers
from tests.unit.reporting.samples import (
    FUNDERS,
    LONG_NAME,
    empty_report,
    many_scripts_report,
    mothers_report,
    neighbour_report,
)

REPORTS = [
    pytest.param(make(language), id=f"{make.__name__}-{language}")
    for make in (neighbour_report, mothers_report, many_scripts_report)
    for language in Language
]
GOLDEN = {
    ("Ziele und Ergebnisse", "Gewonnene Freiwillige", "Ziel"): ("mindestens 8", ""),
    ("Ziele und Ergebnisse", "Gewonnene Freiwillige", "Erreicht"): ("18", "18"),
    ("Ziele und Ergebnisse", "Gewonnene Freiwillige", "% des Ziels"): ("225\xa0%", "22500"),
    ("Ziele und Ergebnisse", "Gewonnene Freiwillige", "Ziel erreicht?"): ("ja", ""),
    ("Vermittelte Anfragen nach Leistung", "Vorlesen", "Vermittelte Anfragen"): ("31", "31"),
    ("Vermittelte Anfragen nach Leistung", "Vorlesen", "Erfüllte Anfragen"): ("27", "27"),
    ("Vermittelte Anfragen nach Leistung", "Hausarbeit", "Erfüllte Anfragen"): ("unbekannt", ""),
    ("Vermittelte Anfragen nach Leistung", "Betreuung von Menschen mit Demenz", "Erfüllte Anfragen"): ("0", "0"),
    ("Vermittelte Anfragen nach Leistung", "Gesamt", "Erfüllte Anfragen"): ("80", "80"),
}


def everywhere(report: Report) -> dict[Format, str]:
    """The text of the report in each format, white space made equal."""
    texts = {
        Format.HTML: readers.Page(render(report, Format.HTML)).text,
        Format.CSV: render(report, Format.CSV).decode("utf-8-sig"),
        Format.XLSX: "\n".join(readers.xlsx_texts(render(report, Format.XLSX))),
        Format.PDF: readers.pdf_text(render(report, Format.PDF)),
    }
    return {fmt: re.sub(r"\s+", " ", text) for fmt, text in texts.items()}


def test_funder_report_holds_the_golden_numbers_in_all_formats() -> None:
    report = neighbour_report()
    in_csv = readers.csv_cells(render(report, Format.CSV))
    in_html = readers.Page(render(report, Format.HTML)).cells()
    in_xlsx = readers.xlsx_rows(render(report, Format.XLSX))
    in_pdf = readers.pdf_text(render(report, Format.PDF))

    assert {place: in_csv[place] for place in GOLDEN} == GOLDEN
    assert {place: in_html[place] for place in GOLDEN} == {place: text for place, (text, _) in GOLDEN.items()}
    for row in (
        ["Gewonnene Freiwillige", "mindestens 8", 18, 2.25, "ja"],
        ["In die Selbstständigkeit begleitet", 2],
        ["Vorlesen", 31, 27],
        ["Hausarbeit", 5, "unbekannt"],
        ["Betreuung von Menschen mit Demenz", 0, 0],
        ["Gesamt", 92, 80],
    ):
        assert row in in_xlsx
    for line in (
        "Gewonnene Freiwillige mindestens 8 18 225 % ja",
        "Vorlesen 31 27",
        "Hausarbeit 5 unbekannt",
        "Betreuung von Menschen mit Demenz 0 0",
        "Gesamt 92 80",
    ):
        assert line in in_pdf


@pytest.mark.parametrize("report", REPORTS)
def test_every_number_is_the_same_in_all_formats(report: Report) -> None:
    page = lay_out(report)
    in_csv = sorted(record[4:6] for record in readers.csv_records(render(report, Format.CSV)) if record[5])
    in_html = readers.Page(render(report, Format.HTML))
    in_xlsx = readers.xlsx_rows(render(report, Format.XLSX))
    in_pdf = readers.pdf_text(render(report, Format.PDF))

    shown = numbers(page)
    assert len(shown) > 5
    assert in_csv == sorted([value.text, str(value.number)] for value in shown)
    for section in page.sections:
        for line in section.figures:
            assert [line.label, line.value.number] in in_xlsx
            assert f"{line.label} {line.value.text}" in re.sub(r"\s+", " ", in_html.text)
        for table in section.tables:
            rows = [*table.rows, *([table.totals] if table.totals else [])]
            assert in_html.tables[table.caption][1:] == [[value.text for value in row] for row in rows]
            for row in rows:
                assert [raw(value) for value in row if value.text] in [[v for v in row if v != ""] for row in in_xlsx]
                assert " ".join(value.text for value in row if value.number is not None).replace("\xa0", " ") in in_pdf


def numbers(page: Words) -> list[Shown]:
    found = [line.value for section in page.sections for line in section.figures]
    for section in page.sections:
        for table in section.tables:
            for row in (*table.rows, table.totals):
                found += [value for value in row if value.number is not None]
    return found


def raw(value: Shown) -> object:
    """The value as a spreadsheet keeps it; minutes as read back by the reader."""
    if value.number is None:
        return value.text
    return value.number / 10_000 if value.kind is Kind.BASIS_POINTS else value.number


@pytest.mark.parametrize("language", Language)
def test_report_says_what_it_is_about_in_all_formats(language: Language) -> None:
    period = {"de": "1. März 2010 – 31. Dezember 2010", "en": "1 March 2010 – 31 December 2010"}[language]
    audience = {"de": "die Fördermittelgeber", "en": "the funders"}[language]
    percent = {"de": "225 %", "en": "225%"}[language]
    for fmt, text in everywhere(neighbour_report(language)).items():
        for part in (
            "Die offizielle Nachbarin",
            "Salzgitter",
            period,
            "SOS-Kinderdorf e.V.",
            "STÄRKEN vor Ort",
            audience,
            *FUNDERS,
            "9f" * 32,
            "2011-01-15T11:00:00.000Z",
            "214",
        ):
            assert part in text, (fmt, part)
        if fmt is not Format.XLSX:
            assert percent in text


def test_report_names_each_carrier_with_its_part_of_the_period() -> None:
    for text in everywhere(mothers_report()).values():
        assert "Muster-Träger Nord gGmbH (1. Juli 2024 – 31. Dezember 2024)" in text
        assert "VS Kinder- und Jugendhilfe Region Rostock gGmbH (1. Januar 2025 – 31. Dezember 2025)" in text
        assert "den internen Gebrauch" in text
    report = mothers_report()
    unknown = replace(report, carriers=(Carrier(Gap.UNKNOWN, report.carriers[0].period),))
    assert "unbekannt (1. Juli 2024" in everywhere(unknown)[Format.HTML]


@pytest.mark.parametrize("language", Language)
def test_empty_report_says_so_in_all_formats(language: Language) -> None:
    said = {"de": "Für diesen Zeitraum liegen keine Daten vor.", "en": "There are no data for this period."}[language]
    for fmt, text in everywhere(empty_report(language)).items():
        assert said in text, fmt
    for text in everywhere(neighbour_report(language)).values():
        assert said not in text


def test_long_names_stay_whole_and_wrap() -> None:
    endless = "x" * 200
    count = Column("families_reached", Kind.COUNT)
    rows = ((LONG_NAME, 14), (endless, 2))
    table = Table("families_reached", (Column("district", Kind.NAME), count), rows, ("district",), (), count.code)
    report = replace(neighbour_report(), sections=(Section("families", tables=(table,)),))

    page = readers.Page(render(report, Format.HTML))
    assert [row[0] for row in page.tables["Erreichte Familien nach Stadtteil"][1:]] == [LONG_NAME, endless]
    assert "overflow-wrap: anywhere" in render(report, Format.HTML).decode()
    reader = PdfReader(BytesIO(render(report, Format.PDF)))
    lines = [line for sheet in reader.pages for line in sheet.extract_text().splitlines()]
    assert sum(line.count("x") for line in lines) >= len(endless)
    assert max(line.count("x") for line in lines) < 100


def test_own_names_of_a_city_win_and_a_coined_code_stands_for_itself() -> None:
    columns = (Column("service", Kind.TERM, "service"), Column("requests_own", Kind.COUNT))
    table = Table("requests_own", columns, (("bicycle_repair", 3), ("child_care", 2), ("new_one", 1)), ("service",))
    named = (Term("service", "bicycle_repair", "Fahrradwerkstatt"), Term("service", "child_care", "Spielkreis"))
    report = replace(neighbour_report(), sections=(Section("requests", tables=(table,)),), terms=named)

    rows = readers.Page(render(report, Format.HTML)).tables["Vom Haus selbst erfüllte Anfragen nach Leistung"]

    assert [row[0] for row in rows[1:]] == ["Fahrradwerkstatt", "Spielkreis", "new_one"]


def test_page_is_accessible_and_needs_nothing_from_outside() -> None:
    source = render(mothers_report(Language.EN), Format.HTML)
    page = readers.Page(source)

    assert ("html", "lang", "en") in page.attributes
    assert page.tags.count("table") == page.tags.count("caption") == 6
    assert page.tags.count("svg") == page.tags.count("desc") == 3
    assert {value for tag, name, value in page.attributes if (tag, name) == ("th", "scope")} == {"row", "col"}
    assert all("scope" in tag for tag in re.findall(r"<th\b[^>]*>", source.decode()))
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name in ("src", "href", "style") or name.startswith("on")]
    policy = next(value for tag, name, value in page.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert b"@media print" in source


def test_workbook_has_a_sheet_a_section_real_numbers_and_no_person() -> None:
    book = load_workbook(BytesIO(render(mothers_report(), Format.XLSX)))

    assert book.sheetnames[:3] == ["Bericht", "Ziele und Ergebnisse", "Kontakte und Besuche"]
    assert len(book.sheetnames) == 5
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert (book.properties.creator or "", book.properties.lastModifiedBy or "") == ("", "")
    assert book.properties.created == mothers_report().made_at.replace(tzinfo=None)
    targets = book["Ziele und Ergebnisse"]
    assert targets.freeze_panes == "A6"
    assert [(cell.value, cell.number_format) for cell in targets[6][3:5]] == [(11, "#,##0"), (0.9167, "0.00%")]
    assert targets[8][3].number_format == "[h]:mm"


def test_pdf_is_tagged_titled_and_numbered() -> None:
    reader = PdfReader(BytesIO(render(neighbour_report(), Format.PDF)))
    root: Any = reader.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de-DE"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Sachbericht 2010"
    assert reader.metadata.author is None
    assert reader.metadata.creation_date == neighbour_report().made_at
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) > 1
    for number, text in enumerate(pages, 1):
        assert f"Seite {number} von {len(pages)}" in text
        assert "Gefördert durch: Bundesministerium" in text
        assert "1. März 2010" in text


def test_pdf_holds_arabic_persian_and_cyrillic_text() -> None:
    text = readers.pdf_text(render(many_scripts_report(), Format.PDF))

    for word in ("مركز", "الأسرة", "أمهات", "الحي", "انجمن", "مادران", "محله", "Сусідський", "«Їжачок»", "Южной"):
        assert word in text


def test_pdf_does_without_installed_fonts_and_claims_no_more_than_it_holds() -> None:
    nowhere = Path("/nonexistent")
    latin = write_pdf(lay_out(neighbour_report()), fonts=nowhere)
    scripts = write_pdf(lay_out(many_scripts_report()), fonts=nowhere)
    beyond = write_pdf(lay_out(replace(neighbour_report(), city="猫の家")), fonts=nowhere)

    assert "Gewonnene Freiwillige mindestens 8 18 225 % ja" in readers.pdf_text(latin)
    assert "Сусідський" in readers.pdf_text(scripts)
    assert "الأسرة" in readers.pdf_text(scripts)
    assert [b"pdfuaid" in source for source in (latin, scripts, beyond)] == [True, True, False]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("fmt", Format)
def test_equal_reports_are_equal_bytes(report: Report, fmt: Format) -> None:
    first = render(report, fmt)

    assert render(replace(report), fmt) == first
    later = replace(report, made_at=report.made_at.replace(year=2031))
    assert render(later, fmt) != first


def test_hidden_and_unknown_are_never_zero() -> None:
    report = replace(neighbour_report(), sections=(Section("visits", (), (Figure("visits", Gap.HIDDEN),)),))
    records = [record for record in readers.csv_records(render(report, Format.CSV)) if record[2] == "Kontakte"]

    assert [record[4:] for record in records] == [["nicht veröffentlicht", "", ""]]

"""Certificates as documents: accessible, in both languages, right to left where that is how one reads."""

import re
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from pypdf import PdfReader

from services.registry.domain.certificates import StatedModule
from services.registry.exports.pdf import write_pdf
from services.registry.exports.words import CONTEXT, LOCALES, SECOND, day_in, hours_in, words_of
from tests.unit.registry.test_certificates import STATEMENT

MADE = "2026-03-20T10:00:00.000Z"
MIDDLE = 298
"""Half the width of a page, in points."""
EVERY = ("de", *SECOND)


def reader_of(source: bytes) -> PdfReader:
    return PdfReader(BytesIO(source))


def languages_in(reader: PdfReader) -> set[str]:
    """The languages that the structure names, beside the document's own."""
    found: set[str] = set()
    waiting: list[Any] = [reader.trailer["/Root"]["/StructTreeRoot"]]  # type: ignore[index]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop().get_object()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            found |= {str(part["/Lang"])} if "/Lang" in part else set()
            waiting.extend(value for key, value in part.items() if key == "/K")
    return found


def test_document_is_tagged_titled_and_says_what_is_stated() -> None:
    reader = reader_of(write_pdf(STATEMENT, MADE))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert root["/Lang"] == "de"
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Zertifikat ROSTOCK-7K3M9-QXRC2G", None)
    german, arabic = (page.extract_text() for page in reader.pages)
    for said in (
        "Zertifikat", "Amal Beispiel", "Stadtteilmütter", "8. Oktober 2025 bis 12. März 2026", "Haus am Hafen, Rostock",
        "Hafenverein e. V.", "15. März 2026", "ROSTOCK-7K3M9-QXRC2G", "Gesundheit", "3:00", "20. März 2026",
        "Unterschrift", "Gefördert durch", "Stiftung Beispiel", "Europäischer Sozialfonds für Deutschland",
    ):  # fmt: skip
        assert said in german, said
    assert "أمل" not in german
    for said in ("شهادة", "أمل", "أكتوبر", "ROSTOCK-7K3M9-QXRC2G", "Gesundheit", "3:00", "Stiftung Beispiel"):
        assert said in arabic, said


def test_german_alone_is_one_page() -> None:
    reader = reader_of(write_pdf(replace(STATEMENT, also_in=None), MADE))
    assert len(reader.pages) == 1


@pytest.mark.parametrize("language", SECOND)
def test_second_page_is_in_the_other_language_and_marked_as_such(language: str) -> None:
    reader = reader_of(write_pdf(replace(STATEMENT, also_in=language, own_script=None), MADE))
    assert len(reader.pages) == 2
    assert language in languages_in(reader)
    second = reader.pages[1].extract_text()
    assert "Amal Beispiel" in second
    assert "Hiermit wird" not in second


@pytest.mark.parametrize(("language", "from_the_right"), [("ar", True), ("fa", True), ("uk", False)])
def test_second_page_begins_at_the_side_where_its_language_begins(
    language: str, from_the_right: bool, tmp_path: Path
) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(write_pdf(replace(STATEMENT, also_in=language), MADE))
    command = ["pdftotext", "-f", "2", "-bbox", str(file), "-"]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    places = {word: float(left) for left, word in re.findall(r'xMin="([0-9.]+)"[^>]*>([^<]+)</word>', words)}
    assert (places["Gesundheit"] > MIDDLE) == from_the_right
    assert (places["Gesundheit"] > places["Stadtteilmütter"]) == from_the_right


def test_what_nobody_has_timed_is_a_dash_and_equal_statements_are_equal_bytes() -> None:
    untimed = replace(STATEMENT, modules=(StatedModule("Gesundheit", 0),), site=None, carrier=None, funders=())
    source = write_pdf(untimed, MADE)
    text = reader_of(source).pages[0].extract_text()
    assert "0:00" not in text
    assert "Träger\n" not in text
    assert "Gefördert" not in text
    assert write_pdf(replace(untimed), MADE) == source


def test_long_names_and_many_modules_go_on_and_text_is_no_markup() -> None:
    modules = tuple(StatedModule(f"#panic() Modul {number} " + "x" * 90, 90) for number in range(40))
    reader = reader_of(write_pdf(replace(STATEMENT, name="y" * 200, modules=modules), MADE))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "#panic() Modul 39" in text
    assert text.count("y") >= 200


def test_what_a_funded_programme_states_stands_on_one_page_with_its_signature() -> None:
    funders = (
        "Bundesministerium für Familie, Senioren, Frauen und Jugend",
        "Europäischer Sozialfonds",
        "Stadt Beispiel",
    )
    modules = tuple(StatedModule(f"Modul {number}", 180) for number in range(8))
    site = "Kinder- und Familienzentrum (KiFaZ) am Alten Hafen"
    for language in SECOND:
        stated = replace(STATEMENT, funders=funders, modules=modules, site=site, also_in=language)
        assert len(reader_of(write_pdf(stated, MADE)).pages) == 2, language


def test_page_that_continues_says_whose_it_is_and_how_many_there_are() -> None:
    modules = tuple(StatedModule(f"Modul {number}", 60) for number in range(30))
    pages = [page.extract_text() for page in reader_of(write_pdf(replace(STATEMENT, modules=modules), MADE)).pages]
    assert len(pages) == 4
    for shown in (pages[0], pages[1]):
        assert "Amal Beispiel" in shown
        assert STATEMENT.number in shown
    assert "Seite 1 von 2" in pages[0]
    assert "Seite 2 von 2" in pages[1]
    assert "Unterschrift" in pages[1]
    assert STATEMENT.number in pages[3]
    alone = reader_of(write_pdf(STATEMENT, MADE)).pages[0].extract_text()
    assert "Seite" not in alone
    assert alone.count("Amal Beispiel") == 1


def test_document_does_without_installed_fonts() -> None:
    source = write_pdf(STATEMENT, MADE, fonts=Path("/nonexistent"))
    assert "شهادة" in reader_of(source).pages[1].extract_text()


def test_every_language_says_everything_and_nothing_is_left_in_another() -> None:
    texts = {language: words_of(language) for language in EVERY}
    codes = set(texts["en"])
    assert {language: codes ^ set(words) for language, words in texts.items()} == {
        language: {"translation"} if language == "de" else set() for language in EVERY
    }
    for code in codes:
        said = [words.get(code) for words in texts.values()]
        assert all(said[1:]), code
        assert len(set(said)) == len(said) or code in {"module", "modules"}, code
    for words in texts.values():
        assert "{first}" in words["span"]
        assert "{last}" in words["span"]


def test_catalogues_of_other_languages_hold_certificates_only() -> None:
    for language in set(SECOND) - {"en"}:
        with (LOCALES / language / "LC_MESSAGES" / "registry.po").open("rb") as file:
            entries = [entry for entry in read_po(file, locale=language) if entry.id]
        assert {entry.context for entry in entries} == {CONTEXT}


def test_days_and_hours_are_written_as_people_write_them() -> None:
    days = {language: day_in(language, "2026-03-05").replace("\u202f", " ") for language in EVERY}
    assert days == {
        "de": "5. März 2026",
        "en": "5 March 2026",
        "ar": "5 آذار/مارس 2026",
        "fa": "۵ مارس ۲۰۲۶",
        "uk": "5 березня 2026 р.",
        "ru": "5 марта 2026 г.",
    }
    assert (hours_in("de", 270), hours_in("fa", 65)) == ("4:30", "۱:۰۵")

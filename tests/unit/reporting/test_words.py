"""Every code that reporting can answer with has words, in German and in English."""

import re
from pathlib import Path

import pytest

import services.reporting
from shared.web.catalogues import LANGUAGES, shared_catalogues

FOLDER = Path(services.reporting.__file__).parent
RAISED = re.compile(r"(?:Conflict|Refused|NotFound|NotYetKnown|VersionLost)\(\s*\"([a-z-]+)\"")
FINDINGS = re.compile(r"Finding\(\"[^\"]+\", \"([a-z-]+)\"")
REPOSITORY = re.compile(r"Repository\(\w+, \"\w+\", \"(\w+)\"")


def codes() -> set[str]:
    sources = [path.read_text() for path in FOLDER.rglob("*.py")]
    raised = {code for source in sources for code in RAISED.findall(source)}
    nouns = {noun for source in sources for noun in REPOSITORY.findall(source)}
    found = {code for source in sources for code in FINDINGS.findall(source)}
    return raised | found | {f"{noun}-not-found" for noun in nouns} | {"writer-died"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    catalogues = shared_catalogues()
    catalogues.register("reporting", FOLDER / "locale")
    found = codes()
    assert {"period-overlaps", "not-over", "report-not-found", "title-would-be-kept"} <= found
    assert [code for code in sorted(found) if catalogues.text(code, language, "reporting") is None] == []

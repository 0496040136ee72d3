"""Every code that visits can answer with has words, in German and in English."""

import re
from pathlib import Path

import pytest

import services.visits
from services.visits.domain import known
from shared.web.catalogues import LANGUAGES, shared_catalogues

FOLDER = Path(services.visits.__file__).parent
RAISED = re.compile(r"(?:Conflict|Refused|NotFound|NotYetKnown|VersionLost)\(\s*\"([a-z-]+)\"")
REPOSITORY = re.compile(r"Repository\(\w+, \"\w+\", \"(\w+)\"")


def codes() -> set[str]:
    sources = [path.read_text() for path in FOLDER.rglob("*.py")]
    raised = {code for source in sources for code in RAISED.findall(source)}
    nouns = {noun for source in sources for noun in REPOSITORY.findall(source)}
    hints = {known.OUTSIDE_PERIOD, known.PERIOD_CLOSED, known.BEFORE_TANDEM, known.AFTER_TANDEM, known.NOTE_NOT_KEPT}
    return raised | hints | {f"{noun}-not-found" for noun in nouns} | {"visit-overdue"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    catalogues = shared_catalogues()
    catalogues.register("visits", FOLDER / "locale")
    found = codes()
    assert {"already-void", "batch-form", "visit-not-found", "not-yet-known"} <= found
    assert [code for code in sorted(found) if catalogues.text(code, language, "visits") is None] == []

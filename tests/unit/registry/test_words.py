"""Every code that registry refuses with has words, in German and in English."""

import re
from pathlib import Path

import services.registry
from shared.web.catalogues import LANGUAGES, shared_catalogues

ROOT = Path(services.registry.__file__).parent
RAISED = re.compile(r"(?:Refused|Conflict|NotFound|Unavailable|Forbidden|VersionLost)\(\s*\"([a-z-]+)\"")
NOUN = re.compile(r"Repository\(\w+, \"[a-z_]+\", \"([a-z]+)\"")


def test_every_code_has_words() -> None:
    text = "\n".join(path.read_text() for path in ROOT.rglob("*.py"))
    codes = set(RAISED.findall(text)) | {f"{noun}-not-found" for noun in NOUN.findall(text)}
    assert {"qualification", "person-not-found", "erased"} <= codes
    catalogues = shared_catalogues()
    catalogues.register("registry", ROOT / "locale")
    missing = {
        (code, language)
        for code in codes
        for language in LANGUAGES
        if catalogues.text(code, language, "registry") is None
    }
    assert missing == set()

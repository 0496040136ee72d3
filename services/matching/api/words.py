"""Words beside codes: a reason is its code and parameters, with a short title in the reader's language."""

from pathlib import Path
from typing import Any

from services.matching.domain.explanation import Reason
from shared.web.catalogues import LANGUAGES, read_catalogue

LOCALE = Path(__file__).parents[1] / "locale"
_WORDS = {language: read_catalogue(LOCALE, language, "matching") for language in LANGUAGES}


def worded(reason: Reason, language: str) -> dict[str, Any]:
    """The reason with its ``title``."""
    return {**reason, "title": _WORDS[language].get(f"rule-{reason['rule']}", str(reason["rule"]))}

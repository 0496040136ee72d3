"""Words beside codes: a reason is its code and parameters, with a short title in the reader's language."""

from functools import cache
from pathlib import Path
from typing import Any

from services.matching.domain.explanation import Reason
from shared.web.catalogues import read_catalogue

LOCALE = Path(__file__).parents[1] / "locale"


def worded(reason: Reason, language: str) -> dict[str, Any]:
    """The reason with its ``title``."""
    return {**reason, "title": _words(language).get(f"rule-{reason['rule']}", str(reason["rule"]))}


@cache
def _words(language: str) -> dict[str, str]:
    return read_catalogue(LOCALE, language, "matching")

"""The words of certificates: catalogue look-ups, days and hours in each of their languages."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from babel.dates import format_date
from babel.messages.pofile import read_po

LOCALES: Final = Path(__file__).resolve().parent.parent / "locale"
CONTEXT: Final = "certificate"
SECOND: Final = ("ar", "en", "fa", "ru", "uk")
"""What a certificate can be written in besides German."""
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa"})
_LOCALES: Final = {"de": "de_DE", "en": "en_GB", "uk": "uk", "ru": "ru", "fa": "fa"}
_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Every word of certificates in a language, by its code."""
    with (LOCALES / language / "LC_MESSAGES" / "registry.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.context == CONTEXT}


def day_in(language: str, day: str) -> str:
    """A day as it is written: ``15. März 2026``; Arabic names the month as it is called in the east and in the west."""
    on = date.fromisoformat(day)
    if language == "ar":
        month = "/".join(format_date(on, "MMMM", locale=locale) for locale in ("ar_SY", "ar_EG"))
        return f"{on.day} {month} {on.year}"
    return digits_in(language, format_date(on, "long", locale=_LOCALES[language]))


def hours_in(language: str, minutes: int) -> str:
    """Hours and minutes, ``61:30``, as in the reports."""
    return digits_in(language, f"{minutes // 60}:{minutes % 60:02d}")


def digits_in(language: str, text: str) -> str:
    """With the digits of the language; Arabic keeps those of the German page, which many countries write."""
    return text.translate(_PERSIAN) if language == "fa" else text

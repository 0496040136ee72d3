"""The words of a report: catalogue look-ups, dates, numbers, names of languages. The only place that knows a language.

The catalogues are text files in `locale/`, compiled in memory on first use, so a checkout and an image work alike.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

from services.reporting.domain.report import Language
from services.reporting.domain.report_values import Gap, Kind, first_and_last
from shared.kernel.clock import BERLIN
from shared.kernel.dates import Period

LOCALES = Path(__file__).resolve().parent.parent / "locale"
_REGIONS = {Language.DE: "de_DE", Language.EN: "en_GB"}


class UnknownWordError(LookupError):
    """A code that the catalogue does not know, with its vocabulary: a mistake of whoever built the report."""


def catalogue_file(language: Language) -> Path:
    """Where the catalogue of a language lies."""
    return LOCALES / language.value / "LC_MESSAGES" / "reporting.po"


class _Missing(gettext.NullTranslations):
    """Answers with nothing instead of the code: some English words are equal to their code."""

    def pgettext(self, context: str, message: str) -> str:
        return ""

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return ""


@cache
def _catalogue(language: Language) -> gettext.GNUTranslations:
    compiled = BytesIO()
    with catalogue_file(language).open("rb") as text:
        write_mo(compiled, read_po(text, locale=language.value, abort_invalid=True))
    compiled.seek(0)
    catalogue = gettext.GNUTranslations(compiled)
    catalogue.add_fallback(_Missing())
    return catalogue


class Words:
    """Everything that is said in one language. Numbers come in as whole numbers of their unit."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._catalogue = _catalogue(language)
        self._locale = Locale.parse(_REGIONS[language])

    def find(self, vocabulary: str, code: str) -> str | None:
        """The word for a code, `None` when the catalogue has none."""
        return self._catalogue.pgettext(vocabulary, code) or None

    def say(self, vocabulary: str, code: str, **values: str) -> str:
        """The word for a code, its placeholders filled. Raises `UnknownWordError`."""
        word = self.find(vocabulary, code)
        if word is None:
            raise UnknownWordError(f"{self.language}: no word for {code} in {vocabulary}")
        return word.format(**values) if values else word

    def count(self, code: str, number: int, **values: str) -> str:
        """A phrase of the surface that depends on a number (`made_from_rows`)."""
        phrase = self._catalogue.npgettext("ui", code, code, number)
        if not phrase:
            raise UnknownWordError(f"{self.language}: no phrase for {code}")
        return phrase.format(**values)

    def amount(self, number: int, kind: Kind) -> str:
        """The number as people read it: `1.234`, `225 %`, `61:30`, `12,50 €`, `800 m`."""
        if kind is Kind.MINUTES:
            sign, minutes = ("-" if number < 0 else ""), abs(number)
            return f"{sign}{minutes // 60}:{minutes % 60:02d}"
        if kind is Kind.BASIS_POINTS:
            pattern = self._locale.percent_formats[None].pattern.replace("0%", "0.##%").replace("0\xa0%", "0.##\xa0%")
            return format_percent(Decimal(number) / 10_000, pattern, locale=self._locale)
        if kind is Kind.CENTS:
            return format_currency(Decimal(number) / 100, "EUR", locale=self._locale)
        plain = format_decimal(number, locale=self._locale)
        return f"{plain}\xa0m" if kind is Kind.METRES else plain

    def gap(self, gap: Gap) -> str:
        """`unbekannt`, `nicht veröffentlicht`."""
        return self.say("gap", gap.value)

    def day(self, day: date) -> str:
        """`1. März 2010`."""
        return format_date(day, "d. MMMM y" if self.language is Language.DE else "d MMMM y", locale=self._locale)

    def month(self, text: str) -> str:
        """`März 2010` for `2010-03`."""
        return format_date(date.fromisoformat(f"{text}-01"), "LLLL y", locale=self._locale)

    def period(self, period: Period) -> str:
        """`1. März 2010 – 31. Dezember 2010`: the last day included."""
        first, last = first_and_last(period)
        return self.say("ui", "span", first=self.day(first), last=self.day(last))

    def instant(self, moment: datetime) -> str:
        """Day and time in Germany."""
        local = moment.astimezone(BERLIN)
        return self.say(
            "ui", "instant", day=self.day(local.date()), time=format_time(local, "HH:mm", locale=self._locale)
        )

    def tongue(self, tag: str) -> str:
        """The name of a language; the tag itself where nobody has named it."""
        known = self.find("language", tag)
        if known:
            return known
        names = self._locale.languages
        direct: str | None = names.get(tag.replace("-", "_"))
        if direct:
            return direct
        try:
            return Locale.parse(tag, sep="-").get_display_name(self._locale) or tag
        except (UnknownLocaleError, ValueError):
            return tag

    def together(self, parts: Iterable[str]) -> str:
        """`Sprache, Thema und Stadtteil`."""
        return format_list(list(parts), locale=self._locale)

"""A certificate as an accessible PDF: German on the first page, the other language on a page of its own."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.registry.domain.certificates import Statement
from services.registry.exports.words import RIGHT_TO_LEFT, day_in, digits_in, hours_in, words_of
from shared.kernel.clock import read_instant
from shared.runtime.typesetting import FONTS, plain, typeset

_TEMPLATE: Final = Path(__file__).resolve().parent / "certificate.typ"
_GERMAN: Final = "de"
_GREEK: Final = 0x370
"""Where scripts other than the Latin begin."""
_STRONG: Final = {"L": "ltr", "R": "rtl", "AL": "rtl"}

Run = dict[str, str]
"""A text with its language and its direction."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page's language and the words that it says."""

    statement: Statement
    language: str

    def data(self) -> dict[str, object]:
        """What the template sets."""
        stated, words = self.statement, words_of(self.language)
        first, last = (day_in(self.language, day) for day in (stated.begin, stated.end))
        where = ", ".join(part for part in (stated.site, stated.city) if part)
        facts = [
            ("programme", [self._entered(stated.programme)]),
            ("period", [self._own(words["span"].format(first=first, last=last))]),
            ("place", [self._entered(where)]),
            ("carrier", [self._entered(stated.carrier)]),
            ("funders", [self._entered(funder) for funder in stated.funders]),
            ("certified_on", [self._own(day_in(self.language, stated.certified_on))]),
            ("number", [self._entered(stated.number)]),
        ]
        return {
            "language": self.language,
            "direction": self._direction,
            "words": dict(words),
            "name": self._name(),
            "number": self._entered(stated.number),
            "digits": [digits_in(self.language, str(digit)) for digit in range(10)],
            "facts": [{"label": words[code], "values": shown} for code, values in facts if (shown := _told(values))],
            "modules": [
                {"title": self._entered(module.title), "hours": self._hours(module.minutes)}
                for module in stated.modules
            ],
            "total": self._hours(sum(module.minutes for module in stated.modules)),
            "city": self._entered(stated.city),
            "issued_on": self._own(day_in(self.language, stated.issued_on)),
        }

    @property
    def _direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    def _name(self) -> Run:
        stated = self.statement
        shown = stated.own_script if self.language != _GERMAN and stated.own_script else stated.name
        return self._entered(shown)

    def _hours(self, minutes: int) -> str:
        # Nobody has written down how long it took; a zero would be wrong.
        return hours_in(self.language, minutes) if minutes else "–"

    def _own(self, text: str) -> Run:
        return {"text": text, "language": self.language, "direction": self._direction}

    def _entered(self, text: str | None) -> Run:
        """What somebody has typed: it stays as it is, in its own direction, on a page of any other."""
        shown = plain(text or "")
        direction = next((_STRONG[kind] for kind in map(unicodedata.bidirectional, shown) if kind in _STRONG), "ltr")
        foreign = direction == "ltr" and all(ord(character) < _GREEK for character in shown)
        return {"text": shown, "language": _GERMAN if foreign else self.language, "direction": direction}


def _told(values: list[Run]) -> list[Run]:
    return [value for value in values if value["text"]]


def write_pdf(statement: Statement, made_at: str, fonts: Path = FONTS) -> bytes:
    """The document. Equal statements give equal bytes. Takes CPU: call it outside the event loop. See ``typeset``."""
    languages = (_GERMAN, *([statement.also_in] if statement.also_in is not None else []))
    title = f"{words_of(_GERMAN)['title']} {statement.number}"
    data = {"title": title, "sheets": [_Sheet(statement, language).data() for language in languages]}
    return typeset(_TEMPLATE, data, read_instant(made_at), fonts)

"""How a name is taken apart and spelled, so that the same name in another spelling or script is recognised.

Forms grow coarser: as it is written (without case, diacritics and the like), the common form of its transliterations,
its consonants. They are compared, never shown.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.registry.domain.scripts import LETTERS, WAYS, WHOLE, in_latin

ARTICLES: Final = frozenset({"al", "el", "ال"})
FEWEST_BONES: Final = 3
"""Fewer consonants tell nothing: Maria and Omar would have the same."""
_JOINED_ARTICLE: Final = "ال"
_SILENT: Final = re.compile(r"[’'`´ʼʹ‘\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Apostrophes, the Arabic stroke that lengthens, and signs that are not seen."""
_DASH: Final = re.compile(r"[\u2010-\u2015\u2212\ufe63\uff0d]")
_EXPANDED: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", **dict.fromkeys("čćç", "ch")}
_PLAIN: Final = {"ø": "o"}
_SAME_LETTER: Final = str.maketrans("يىكة", "ییکه")
_DOUBLE: Final = re.compile(r"(.)\1+")

_SOFT: Final = re.compile(r"dsch|dzh|^dj")
_HISSING: Final = re.compile(r"schtsch|shch|tsch|tch|sch|sh|zh|cz|ts|tz|z")
_HEARD: Final = {
    "kh": "h", "ph": "f", "th": "t", "gh": "g", "ck": "k", "q": "k", "x": "ks", "w": "v", "c": "k",
    "ce": "se", "ci": "si", "cy": "sy",
}  # fmt: skip
_AS_HEARD: Final = re.compile("|".join(sorted(_HEARD, key=len, reverse=True)))
_VOWELS: Final = frozenset("aeiouy")
_NO_BONE: Final = re.compile(r"[aeiouyv]|h$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name: its parts, and where it has a hyphen the other way to write it, as one."""

    parts: tuple[str, ...]
    joined: str | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """Everything that the word may be found by."""
        return self.parts if self.joined is None else (*self.parts, self.joined)


def words(name: str) -> tuple[Word, ...]:
    """The words of a name, without articles where something else is left; none where there are no letters."""
    text = _SILENT.sub("", _DASH.sub("-", folded(_SILENT.sub("", name))))
    kept = "".join(sign if sign == "-" or _category(sign) in "LMN" else " " for sign in text)
    found = [word for piece in kept.split() if (word := _word(piece)).parts]
    telling = [word for word in found if not set(word.parts) <= ARTICLES]
    return tuple(telling or found)


def folded(text: str) -> str:
    """One form for all ways to type the same letters: of case, of composition, of width (Unicode's D146)."""
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold()).casefold()
    return unicodedata.normalize("NFKC", once)


def letter_count(name: str) -> int:
    """How many letters and digits a name has."""
    return sum(_category(sign) in "LN" for sign in folded(name))


def written(part: str) -> frozenset[str]:
    """The part as it is written: ä as ae and as a, č as ch and as c; no diacritics; in its own script."""
    if part.isascii():
        return frozenset({part})
    return frozenset({_bare(_replaced(part, _EXPANDED)), _bare(_replaced(part, _PLAIN))}) - {""}


def latin(part: str) -> frozenset[str]:
    """The part in Latin letters, in each way to read it; as it is where it has none of the scripts that we read."""
    if part.isascii() or not any(letter in LETTERS for letter in part):
        return written(part)
    return frozenset(_bare(in_latin(part, way)) for way in range(WAYS)) - {""}


def coarse(spelled: str) -> frozenset[str]:
    """Each way to hear a part in Latin letters, in one spelling; ``common`` and ``bones`` are made of it.

    ``ch`` is Ч in English and Х in German.
    """
    hissing = _HISSING.sub("s", _SOFT.sub("j", spelled))
    heard = {hissing.replace("ch", "s"), hissing.replace("ch", "h")} if "ch" in hissing else {hissing}
    return frozenset(_DOUBLE.sub(r"\1", _AS_HEARD.sub(_heard, each)) for each in heard) - {""}


def common(heard: str) -> str:
    """What the transliterations of one name have in common: Юлія, Yuliia, Julija and Julia are all ``iulia``."""
    once = _DOUBLE.sub(r"\1", heard.replace("y", "i").replace("j", "i"))
    return _DOUBLE.sub(r"\1", once.replace("ie", "e")) if "ie" in once else once


def bones(heard: str) -> str | None:
    """The consonants, an ``a`` for vowels at the beginning: Mohammed, Muhammad and محمد are ``mhmd``.

    ``None`` where they are too few to tell anything.
    """
    found = ("a" if heard[0] in _VOWELS else "") + _NO_BONE.sub("", heard)
    return found if len(found) >= FEWEST_BONES else None


def _heard(found: re.Match[str]) -> str:
    return _HEARD[found.group()]


def _word(piece: str) -> Word:
    pieces = [part for part in piece.split("-") if any(_category(sign) in "LN" for sign in part)]
    telling = [part for part in pieces if part not in ARTICLES] or pieces
    parts = tuple(_without_article(part) for part in telling)
    return Word(parts, "".join(pieces) if len(pieces) > 1 else None)


def _without_article(part: str) -> str:
    rest = part.removeprefix(_JOINED_ARTICLE)
    return rest if len(rest) >= FEWEST_BONES else part


def _replaced(part: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(letter, letter) for letter in part)


def _bare(part: str) -> str:
    """Without diacritics, and with one form of those Arabic letters that are typed in several."""
    signs = unicodedata.normalize("NFD", part)
    plain = "".join(sign for sign in signs if _category(sign) != "M")
    return _replaced(plain, WHOLE).translate(_SAME_LETTER)


def _category(sign: str) -> str:
    """L for letters, M for marks on them, N for digits."""
    return unicodedata.category(sign)[0]

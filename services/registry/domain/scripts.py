"""Letters of other scripts in Latin ones, spelled as coarsely as ``spelling.common`` does, and letters without parts.

Cyrillic is that of Ukrainian and Russian (with Belarusian ў), Arabic that of Arabic and Persian. A letter that is read
in two ways has two readings: г is g in Russian and h in Ukrainian. Sources of the readings: the transliterations of DIN
1460, BGN/PCGN, the passport rules of Ukraine (resolution 55 of 2010) and Russia (ICAO 9303), DIN 31635 and DMG.
"""

from collections.abc import Mapping
from typing import Final

WAYS: Final = 2
"""How many readings a letter may have; a word is read in one way from its beginning to its end."""

WHOLE: Final[Mapping[str, str]] = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ə": "e", "ħ": "h",
    "ŋ": "n", "ƙ": "k", "ɓ": "b", "ɗ": "d", "ŧ": "t", "ĸ": "k", "ŀ": "l",
}  # fmt: skip
"""Latin letters that Unicode does not take apart."""

_CYRILLIC: Final[Mapping[str, tuple[str, ...]]] = {
    "а": ("a",), "б": ("b",), "в": ("v",), "г": ("g", "h"), "ґ": ("g",), "д": ("d",), "е": ("e",), "є": ("e",),
    "ё": ("e", "io"), "ж": ("s",), "з": ("s",), "и": ("i",), "і": ("i",), "ї": ("i",), "й": ("i",), "к": ("k",),
    "л": ("l",), "м": ("m",), "н": ("n",), "о": ("o",), "п": ("p",), "р": ("r",), "с": ("s",), "т": ("t",),
    "у": ("u",), "ў": ("u",), "ф": ("f",), "х": ("h",), "ц": ("s",), "ч": ("s",), "ш": ("s",), "щ": ("s",),
    "ъ": ("",), "ы": ("i",), "ь": ("",), "э": ("e",), "ю": ("iu",), "я": ("ia",),
}  # fmt: skip

_ARABIC: Final[Mapping[str, tuple[str, ...]]] = {
    "ا": ("a",), "أ": ("a",), "إ": ("i",), "آ": ("a",), "ٱ": ("a",), "ء": ("",), "ؤ": ("u",), "ئ": ("i",), "ع": ("a",),
    "ب": ("b",), "پ": ("p",), "ت": ("t",), "ط": ("t",), "ث": ("s", "t"), "ج": ("j", "g"), "چ": ("s",), "ح": ("h",),
    "خ": ("h",), "ه": ("h",), "ة": ("a",), "د": ("d",), "ذ": ("s", "d"), "ض": ("d", "s"), "ز": ("s",), "ظ": ("s",),
    "ژ": ("s",), "ر": ("r",), "س": ("s",), "ش": ("s",), "ص": ("s",), "غ": ("g",), "ف": ("f",), "ق": ("k", "g"),
    "ک": ("k",), "ك": ("k",), "گ": ("g",), "ل": ("l",), "م": ("m",), "ن": ("n",), "و": ("u", "v"), "ی": ("i",),
    "ي": ("i",), "ى": ("a",), "ۀ": ("h",),
}  # fmt: skip

LETTERS: Final[Mapping[str, tuple[str, ...]]] = {**_CYRILLIC, **_ARABIC}


def in_latin(word: str, way: int) -> str:
    """The word with its Cyrillic and Arabic letters in Latin ones, read in one of ``WAYS``; others stay."""
    return "".join(_read(letter, way) for letter in word)


def _read(letter: str, way: int) -> str:
    readings = LETTERS.get(letter, (letter,))
    return readings[min(way, len(readings) - 1)]

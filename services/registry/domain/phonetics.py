"""Kölner Phonetik: how a German ear spells a name, in digits.

Source: Hans Joachim Postel, "Die Kölner Phonetik. Ein Verfahren zur Identifizierung von Personennamen auf der Grundlage
der Gestaltanalyse", IBM-Nachrichten 19 (1969), pages 925 to 931.
"""

from typing import Final

_PLAIN: Final = {
    **dict.fromkeys("aeijouy", "0"),
    "b": "1",
    **dict.fromkeys("fvw", "3"),
    **dict.fromkeys("gkq", "4"),
    "l": "5",
    **dict.fromkeys("mn", "6"),
    "r": "7",
    **dict.fromkeys("sz", "8"),
}
_HARD_FIRST_C: Final = frozenset("ahkloqrux")
_HARD_C: Final = frozenset("ahkoqux")


def cologne(word: str) -> str:
    """The code of a word of the letters a to z, perhaps empty; whatever is no such letter is not heard."""
    letters = [letter for letter in word if "a" <= letter <= "z"]
    digits = "".join(
        _digit(letter, letters[at - 1] if at else "", letters[at + 1] if at + 1 < len(letters) else "")
        for at, letter in enumerate(letters)
    )
    heard = "".join(digit for at, digit in enumerate(digits) if at == 0 or digits[at - 1] != digit)
    return heard[:1] + heard[1:].replace("0", "")


def _digit(letter: str, before: str, behind: str) -> str:
    """A letter's digits; ``before`` is empty at the beginning, ``behind`` at the end of the word."""
    if letter == "p":
        return "3" if behind == "h" else "1"
    if letter in ("d", "t"):
        return "8" if behind in ("c", "s", "z") else "2"
    if letter == "c":
        hard = _HARD_C if before else _HARD_FIRST_C
        return "4" if behind in hard and before not in ("s", "z") else "8"
    if letter == "x":
        return "8" if before in ("c", "k", "q") else "48"
    return _PLAIN.get(letter, "")

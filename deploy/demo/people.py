"""Invented people, the same ones in every run: given names as they are common, family names that nobody bears."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from shared.kernel.ids import new_id

SEED: Final = 20100301

GIVEN: Final = {
    "ar": ("Amal", "Hiba", "Rana", "Samira", "Yasmin", "Nour", "Dalia"),
    "uk": ("Oksana", "Iryna", "Halyna", "Larysa", "Solomija", "Bohdana"),
    "ru": ("Tatjana", "Vera", "Ljudmila", "Xenia", "Polina"),
    "fa": ("Parisa", "Laleh", "Mahin", "Shirin", "Nasrin"),
    "en": ("Grace", "Blessing", "Mercy", "Joyce", "Patience"),
    "de": ("Ulrike", "Heike", "Anke", "Renate", "Gudrun", "Birgit", "Silke", "Maren"),
    "tr": ("Emine", "Sevgi", "Hatice", "Nurten"),
    "pl": ("Danuta", "Bozena", "Jolanta"),
    "so": ("Hodan", "Ifrah", "Sagal"),
    "ti": ("Selam", "Feven", "Rahwa"),
}
_FIRST: Final = ("Wolken", "Stein", "Silber", "Nebel", "Mond", "Birken", "Sand", "Feder", "Linden", "Winter")
_LAST: Final = ("vogel", "hafen", "garten", "brück", "licht", "segel", "wiese", "ufer")

_GIVEN_ARABIC: Final = ("أمل", "هبة", "رنا", "سميرة", "ياسمين", "نور", "داليا")
_FIRST_ARABIC: Final = ("فولكن", "شتاين", "زيلبر", "نيبل", "موند", "بيركن", "زاند", "فيدر", "ليندن", "فينتر")
_LAST_ARABIC: Final = ("فوغل", "هافن", "غارتن", "بروك", "ليشت", "زيغل", "فيزه", "أوفر")
_ARABIC: Final = "ar"


@dataclass(slots=True)
class People:
    """Makes people, ids and choices out of one seed, in the order of the calls."""

    random: Random

    @classmethod
    def of_seed(cls, seed: int = SEED) -> "People":
        """The people of a seed."""
        return cls(Random(seed))  # noqa: S311  (invented people, no secret)

    def id(self, prefix: str) -> str:
        """An id of a kind."""
        return new_id(prefix, self.random.randbytes)

    def person(self, language: str) -> dict[str, Any]:
        """The body that registers an invented person whose first language is ``language``.

        Who speaks Arabic also states her name in its script, as her certificate shows it.
        """
        first, last = self.random.choice(_FIRST), self.random.choice(_LAST)
        given = self.random.choice(GIVEN[language])
        telephone = f"0000 {self.random.randrange(10**6):06d}"
        body = {"id": self.id("per"), "as_documented": f"{given} {first}{last}", "telephone": telephone}
        if language == _ARABIC:
            body["own_script"] = _in_arabic(given, first, last)
        return body

    def some(self, choices: tuple[str, ...], most: int) -> list[str]:
        """One to ``most`` different choices, in their own order."""
        picked = set(self.random.sample(choices, self.random.randint(1, min(most, len(choices)))))
        return [one for one in choices if one in picked]


def _in_arabic(given: str, first: str, last: str) -> str:
    own = _GIVEN_ARABIC[GIVEN[_ARABIC].index(given)]
    return f"{own} {_FIRST_ARABIC[_FIRST.index(first)]}{_LAST_ARABIC[_LAST.index(last)]}"

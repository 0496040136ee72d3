"""Search tokens: names and birthdays as keyed hashes, so that what is sealed can be found without being opened.

Equal tokens mean equal names, in one city and for whoever sees them; nothing else can be read off them without the key.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from services.registry.domain.phonetics import cologne
from services.registry.domain.spelling import bones, coarse, common, latin, words, written
from shared.kernel.classified import classified

FORM: Final = 1
"""Which rules the stored tokens were made by; those with another number are made anew."""
FEWEST_LETTERS: Final = 2
LEVELS: Final = ("exact", "similar", "sound", "start")
"""What is found on an earlier one comes first."""
_MOST_PARTS: Final = 40
_START: Final = 3
_KEPT_PARTS: Final = 64
_TELLING_DIGITS: Final = 3
_BYTES: Final = 10
_DAY: Final = len("2026-01-02")
_NOBODY_KNOWS: Final = "-01-01"


@classified(personal="same alike faint start")
@dataclass(frozen=True, slots=True)
class Keyed:
    """What a part of a name is found by, as tokens: as written, by its transliteration or sound, by its first letters.

    ``faint`` sounds (Julia, Ella and Ali have the same) find somebody, and are no evidence of who she is.
    """

    same: frozenset[bytes]
    alike: frozenset[bytes]
    faint: frozenset[bytes]
    start: frozenset[bytes]

    def at(self, level: str) -> frozenset[bytes]:
        """All that counts on a level and on those before it."""
        groups = (self.same, self.alike, self.faint, self.start)
        return _union(groups[: LEVELS.index(level) + 1])


@classified(personal="readings")
@dataclass(frozen=True, slots=True)
class Wanted:
    """A word that is looked for: all parts of one of its readings."""

    readings: tuple[tuple[Keyed, ...], ...]


@lru_cache(maxsize=_KEPT_PARTS)
def keyed(key: bytes, part: str) -> Keyed:
    """A part's tokens. The latest are kept: who is registered is compared first, by the same parts."""
    spelled, read = written(part), latin(part)
    heard = _union(coarse(form) for form in read)
    common_forms = frozenset(common(form) for form in heard)
    sounds = frozenset(cologne(form) for form in read) - {""}
    telling = frozenset(sound for sound in sounds if len(sound) >= _TELLING_DIGITS)
    alike = _labelled("latin", common_forms) | _labelled("bones", {form for each in heard if (form := bones(each))})
    starts = frozenset(form[:_START] for form in spelled | common_forms if len(form) >= _START)
    return Keyed(
        same=_tokens(key, _labelled("part", spelled)),
        alike=_tokens(key, alike | _labelled("sound", telling)),
        faint=_tokens(key, _labelled("sound", sounds - telling)),
        start=_tokens(key, _labelled("start", starts)),
    )


def wanted(key: bytes, name: str) -> tuple[Wanted, ...]:
    """The words of a name that is looked for."""
    found = []
    for word in words(name)[:_MOST_PARTS]:
        readings = [tuple(keyed(key, part) for part in word.parts)]
        if word.joined is not None:
            readings.append((keyed(key, word.joined),))
        found.append(Wanted(tuple(readings)))
    return tuple(found)


def level_of(words: Sequence[Wanted], tokens: frozenset[bytes]) -> str | None:
    """The first level on which the tokens have every word; ``None`` where they have not."""

    def has(word: Wanted, level: str) -> bool:
        return any(all(not tokens.isdisjoint(part.at(level)) for part in reading) for reading in word.readings)

    return next((level for level in LEVELS if all(has(word, level) for word in words)), None)


def tokens_of(key: bytes, identity: Mapping[str, Any]) -> tuple[bytes, ...]:
    """What is stored beside a sealed identity, in no order that would tell anything."""
    spellings = dict.fromkeys(
        spelling for name in names_of(identity) for word in words(name) for spelling in word.spellings
    )
    parts = [keyed(key, spelling) for spelling in list(spellings)[:_MOST_PARTS]]
    found = _union(part.at("start") for part in parts)
    born = birthday_of(identity)
    if born is not None:
        found = _union([found, *(birthday_tokens(key, part, born) for part in parts)])
    return tuple(sorted(found))


def names_of(identity: Mapping[str, Any]) -> tuple[str, ...]:
    """All names of an identity as it is sealed, the documented one first."""
    single = (identity.get(field) for field in ("as_documented", "call_name", "own_script"))
    return (*(name for name in single if name), *identity.get("variants", ()))


def birthday_of(identity: Mapping[str, Any]) -> str | None:
    """The birthday, where it is a certain day; never 1 January, which offices write where they do not know."""
    born = str(identity.get("birth_date") or "")
    return born if len(born) == _DAY and not born.endswith(_NOBODY_KNOWS) else None


def birthday_tokens(key: bytes, part: Keyed, born: str) -> frozenset[bytes]:
    """A birthday together with a part of the name: alone it would tell who else was born on that day."""
    return _tokens(key, frozenset(f"born\0{born}\0{token.hex()}" for token in part.same | part.alike))


def _labelled(kind: str, codes: Iterable[str]) -> frozenset[str]:
    return frozenset(f"{kind}\0{code}" for code in codes)


def _tokens(key: bytes, texts: Iterable[str]) -> frozenset[bytes]:
    return frozenset([hmac.digest(key, text.encode(), "sha256")[:_BYTES] for text in texts])


def _union(sets: Iterable[frozenset[Any]]) -> frozenset[Any]:
    return frozenset(chain.from_iterable(sets))

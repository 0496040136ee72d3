"""Whether somebody who is entered may be known already: evidence by name and birthday, never a decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from services.registry.domain.search import Keyed, birthday_of, birthday_tokens, keyed
from services.registry.domain.spelling import words

SAME_NAME: Final = "same_name"
SIMILAR_NAME: Final = "similar_name"
PART_OF_NAME: Final = "part_of_name"
SAME_BIRTHDAY: Final = "same_birthday"
REASONS: Final = (SAME_NAME, SIMILAR_NAME, PART_OF_NAME, SAME_BIRTHDAY)
_MOST_NAMES: Final = 4
_MOST_PARTS: Final = 5
_FEWEST_SHARED: Final = 2

Name = tuple[Keyed, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who is entered: her names by parts, and tokens of her birthday with each part."""

    names: tuple[Name, ...]
    birthdays: frozenset[bytes]

    @property
    def needed(self) -> list[list[frozenset[bytes]]]:
        """What a record needs to be evident by name: of one of these lists, one token of each set."""
        shared = [parts for name in self.names for parts in combinations(name, min(len(name), _FEWEST_SHARED))]
        return [[part.same | part.alike for part in parts] for parts in shared]

    def reasons(self, stored: frozenset[bytes]) -> tuple[str, ...]:
        """Why the record with these tokens may be the same person; empty where nothing says so."""
        born = not stored.isdisjoint(self.birthdays)
        named = min((_resemblance(name, stored, born) for name in self.names), key=_rank, default=None)
        if named is None:
            return ()
        return (named, SAME_BIRTHDAY) if born else (named,)


def entered(key: bytes, identity: Mapping[str, Any]) -> Entered:
    """What is compared of an identity: how it is documented, and other spellings of more than one word.

    A call name, or a first name in another script, is shared by too many.
    """
    others = [identity.get("own_script") or "", *identity.get("variants", ())]
    documented = _parts(key, identity["as_documented"])
    names = [documented, *(parts for parts in (_parts(key, other) for other in others) if len(parts) > 1)]
    born = birthday_of(identity)
    tokens = (birthday_tokens(key, part, born) for name in names for part in name) if born is not None else ()
    return Entered(tuple(name for name in names[:_MOST_NAMES] if name), frozenset().union(*tokens))


def strength(reasons: tuple[str, ...]) -> tuple[bool, int]:
    """To sort by: an equal birthday first, then the closest name."""
    return SAME_BIRTHDAY not in reasons, REASONS.index(reasons[0])


def _parts(key: bytes, name: str) -> Name:
    parts = dict.fromkeys(part for word in words(name) for part in word.parts)
    return tuple(keyed(key, part) for part in list(parts)[:_MOST_PARTS])


def _resemblance(name: Name, stored: frozenset[bytes], born: bool) -> str | None:
    same = sum(not stored.isdisjoint(part.same) for part in name)
    alike = sum(not stored.isdisjoint(part.same | part.alike) for part in name)
    if same == len(name):
        return SAME_NAME
    if alike == len(name):
        return SIMILAR_NAME
    return PART_OF_NAME if alike >= _FEWEST_SHARED or (born and alike) else None


def _rank(reason: str | None) -> int:
    return len(REASONS) if reason is None else REASONS.index(reason)

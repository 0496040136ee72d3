"""Languages that understand each other: a programme's table, put into the matching file before it is solved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.matching.domain.explanation import Reason
from shared.kernel.classified import classified
from shared.kernel.languages import LEVELS, SUFFICIENT, level_at_least


@classified(internal="speaks understands level")
@dataclass(frozen=True, slots=True)
class Understanding:
    """Who speaks ``speaks`` can talk with who speaks ``understands``, at ``level`` at best."""

    speaks: str
    understands: str
    level: str = "C1"


NEVER: Final = frozenset({frozenset({"ckb", "kmr"})})
"""Pairs that share a name in many forms and are no common language: Sorani and Kurmanji."""

DEFAULT: Final = (
    Understanding("fa", "fa-AF"),
    Understanding("fa-AF", "fa"),
    Understanding("bs", "hr"),
    Understanding("bs", "sr"),
    Understanding("hr", "bs"),
    Understanding("hr", "sr"),
    Understanding("sr", "bs"),
    Understanding("sr", "hr"),
    Understanding("de", "de-simple", "native"),
)
"""Farsi and Dari, the three standards of one language, and German for who needs it easy (not the other way)."""


def with_understood(levels: Mapping[str, str], table: Iterable[Understanding]) -> dict[str, str]:
    """A mentor's languages with those that she is understood in. What she speaks herself is never lowered.

    One step only: that A understands B and B understands C says nothing about A and C.
    """
    found = dict(levels)
    for entry in table:
        if entry.speaks in levels:
            reached = _weaker(levels[entry.speaks], entry.level)
            found[entry.understands] = _better(found.get(entry.understands, reached), reached)
    return found


def only_by_unwished(
    spoken: Mapping[str, str], asked: Mapping[str, str], not_wished: Iterable[str], table: Iterable[Understanding]
) -> bool:
    """Whether the two would be paired only because the mentor speaks a language that the family does not wish.

    Who does not wish Serbian is not given it under the name of Bosnian.
    """
    unwished, rules = set(not_wished), tuple(table)
    wished = [entry for entry in rules if entry.speaks not in unwished]
    with_all, without = with_understood(spoken, rules), with_understood(spoken, wished)
    return _talk(with_all, asked, unwished) and not _talk(without, asked, unwished)


def named_as_spoken(reason: Reason, spoken: Mapping[str, str], table: Iterable[Understanding]) -> Reason:
    """The reason ``language`` of a pair, naming what the mentor speaks and beside it what she is ``understood_as``."""
    language = reason.get("language")
    if reason["rule"] != "language" or language is None:
        return reason
    if language in spoken and level_at_least(spoken[language], reason["level"]):
        return reason
    ways = [entry for entry in table if entry.understands == language and entry.speaks in spoken]
    best = max(ways, key=lambda entry: (LEVELS.index(_weaker(spoken[entry.speaks], entry.level)), entry.speaks))
    return {"rule": "language", "language": best.speaks, "understood_as": language, "level": reason["level"]}


def _talk(mentor: Mapping[str, str], family: Mapping[str, str], unwished: set[str]) -> bool:
    return any(
        tag in mentor and level_at_least(_weaker(level, mentor[tag]), SUFFICIENT)
        for tag, level in family.items()
        if tag not in unwished
    )


def _weaker(one: str, other: str) -> str:
    return min(one, other, key=LEVELS.index)


def _better(one: str, other: str) -> str:
    return max(one, other, key=LEVELS.index)

"""Reasons as sentences in the reader's language: a text of the catalogue, with the parameters in words.

A text is called after what it is about and the reason's code: ``fit-language`` (why a pair fits), ``why-language`` (why
it does not), ``count-language`` (how many fail there), ``help-language`` (what would help); ``gap-…`` are rows of the
list of gaps. What can be said in several ways has another ending for each.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from services.matching.domain.explanation import Reason
from shared.web.catalogues import read_catalogue

LOCALE = Path(__file__).parents[1] / "locale"
About = Literal["fit", "why", "count", "help", "gap"]

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def sentence(reason: Reason, about: About, language: str) -> str:
    """The reason in one sentence; its title, or its code, where the catalogue has no text for it."""
    texts = words(language)
    text = texts.get(message_of(reason, about))
    if text is None:
        return title(reason, language)
    return text.format_map(_Told(_told(reason, language)))


def title(reason: Reason, language: str) -> str:
    """A word or two for the reason."""
    rule = str(reason["rule"])
    return words(language).get(f"rule-{rule}", rule)


def message_of(reason: Reason, about: About) -> str:
    """The id of the reason's text in the catalogue."""
    rule = str(reason["rule"])
    ending = _ENDINGS.get((about, rule))
    return f"{about}-{rule}{ending(reason) if ending else ''}"


@cache
def words(language: str) -> dict[str, str]:
    """All texts of one language by their id."""
    return read_catalogue(LOCALE, language, "matching")


class _Told(dict[str, str]):
    """What a reason that was stored by an earlier release does not tell is left open."""

    def __missing__(self, key: str) -> str:
        return "…"


def _fit_language(reason: Reason) -> str:
    if reason.get("interpreter"):
        return "-interpreter"
    return "-understood" if "understood_as" in reason else ""


def _fit_gender(reason: Reason) -> str:
    if "gender_by_mentor" not in reason:
        return ""
    return "-both" if "gender" in reason else "-mentor"


def _why_language(reason: Reason) -> str:
    return "" if "language" in reason else "-none"


def _why_qualification(reason: Reason) -> str:
    if "topics" not in reason:
        return "-modules" if reason.get("modules") else "-open"
    return "" if reason.get("modules") else "-topics"


def _gap(reason: Reason) -> str:
    if reason.get("families") is None:
        return "-untold"
    return "" if "language" in reason else "-any"


def _help(reason: Reason) -> str:
    named = next((name for name in ("slot", "language", "district", "topics", "modules") if reason.get(name)), None)
    return "" if named is None else f"-{named}"


_ENDINGS: Final[Mapping[tuple[str, str], Callable[[Reason], str]]] = {
    ("fit", "language"): _fit_language,
    ("why", "language"): _why_language,
    ("why", "qualification"): _why_qualification,
    ("fit", "gender"): _fit_gender,
    ("why", "gender"): lambda reason: "-mentor" if "by" in reason else "",
    ("why", "better-elsewhere"): lambda reason: "-bound" if "at_least" in reason else "",
    ("why", "clearance"): lambda reason: "-until" if "until" in reason else "",
    **{("gap", name): _gap for name in ("language_gap", "training", "recruiting")},
    **{("help", rule): _help for rule in ("language", "topic", "qualification", "availability", "district")},
}


def _told(reason: Reason, language: str) -> dict[str, str]:
    told: dict[str, str] = {}
    for name, value in reason.items():
        in_words = _IN_WORDS.get(name)
        told[name] = str(value) if in_words is None else in_words(value, language)
    return told


def _list(one: Callable[[str, str], str]) -> Callable[[Any, str], str]:
    def many(values: Iterable[str], language: str) -> str:
        return _joined(tuple(one(value, language) for value in values), language)

    return many


@cache
def _joined(parts: tuple[str, ...], language: str) -> str:
    from babel.lists import format_list

    return format_list(parts, locale=language)


@cache
def language_name(tag: str, language: str) -> str:
    """A language's name, as Unicode's CLDR has it; the catalogue knows a few that it lacks."""
    from babel import Locale

    own = words(language).get(f"language-{tag}")
    return own or Locale.parse(language).languages.get(tag.replace("-", "_"), tag)


@cache
def _slot(slot: str, language: str) -> str:
    from babel import Locale

    day, _, part = slot.partition("-")
    text = words(language).get(f"slot-{part}")
    if text is None or day not in _DAYS:
        return slot
    return text.format(day=Locale.parse(language).days["format"]["wide"][_DAYS.index(day)])


@cache
def _coded(prefix: str) -> Callable[[str, str], str]:
    def named(code: str, language: str) -> str:
        return words(language).get(f"{prefix}-{code}", str(code).replace("_", " "))

    return named


def _level(level: str, language: str) -> str:
    return words(language).get(f"level-{level}", level)


def _place(slug: str, _: str) -> str:
    return " ".join(part.capitalize() for part in str(slug).split("-"))


def _last_day(until: str, language: str) -> str:
    """The last day of a half-open period."""
    day = date.fromisoformat(until) - timedelta(days=1)
    return f"{day.day}.{day.month}.{day.year}" if language == "de" else day.isoformat()


_IN_WORDS: Final[Mapping[str, Callable[[Any, str], str]]] = {
    "language": language_name,
    "languages": _list(language_name),
    "understood_as": language_name,
    "has": _level,
    "needed": _level,
    "level": _level,
    "slot": _slot,
    "slots": _list(_slot),
    "topics": _list(_coded("topic")),
    "modules": _list(_coded("module")),
    "district": _place,
    "gender": _coded("gender"),
    "gender_by_mentor": _coded("gender"),
    "wished": _coded("gender"),
    "until": _last_day,
}

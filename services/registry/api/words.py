"""What is due as a sentence in the reader's language, beside its code and its parameters."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

from services.registry.domain.waiting import Waiting
from shared.kernel.due import Due
from shared.web.catalogues import read_catalogue

LOCALE = Path(__file__).parents[1] / "locale"
_CODED = ("proof", "purpose")


def sentence(due: Due, language: str) -> str:
    """``due-<kind>`` of the catalogue with the parameters in words; the last day is said instead of the one after."""
    words = _words(language)
    told = {name: str(value) for name, value in due.params}
    told |= {name: words[f"{name}-{told[name].replace('_', '-')}"] for name in _CODED if name in told}
    if "until" in told:
        told["last_day"] = _day((date.fromisoformat(told["until"]) - timedelta(days=1)).isoformat(), language)
    if "paused_since" in told:
        told["paused_since"] = _day(told["paused_since"], language)
    return words[f"due-{due.kind}"].format(**told)


def waiting_sentence(waiting: Waiting, language: str) -> str:
    """``waits-for-<role>`` of the catalogue, and that nobody is named where that is so."""
    told = waiting.waits_for if waiting.responsible is not None else "nobody"
    return _words(language)[f"waits-for-{told}"]


def _day(day: str, language: str) -> str:
    read = date.fromisoformat(day)
    return f"{read.day}.{read.month}.{read.year}" if language == "de" else day


@cache
def _words(language: str) -> dict[str, str]:
    return read_catalogue(LOCALE, language, "registry")

"""Codes that a person chose, and what is due, in the reader's language."""

from datetime import date

from services.matching.api.sentences import words
from shared.kernel.due import Due

_DAYS = ("told_on", "review_on", "waiting_since", "until")


def because(code: str | None, language: str) -> str | None:
    """Why a person decided as she did; the code itself for one that is in no list of today."""
    if code is None:
        return None
    return words(language).get(f"because-{code.replace('_', '-')}", code)


def sentence(due: Due, language: str) -> str:
    """``due-<kind>`` of the catalogue with the parameters in words."""
    texts = words(language)
    told = {name: str(value) for name, value in due.params}
    told |= {name: _day(told[name], language) for name in _DAYS if name in told}
    if "open" in told:
        told["open"] = texts[f"side-{told['open']}"]
    return texts[f"due-{due.kind}"].format(**told)


def of_change(kind: str, language: str) -> str:
    """What happened, without whom it happened to."""
    return words(language)[f"change-{kind}"]


def _day(day: str, language: str) -> str:
    read = date.fromisoformat(day)
    return f"{read.day}.{read.month}.{read.year}" if language == "de" else day

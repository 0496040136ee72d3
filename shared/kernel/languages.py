"""Languages as BCP 47 tags, and how well somebody speaks them."""

import re

LEVELS: tuple[str, ...] = ("A1", "A2", "B1", "B2", "C1", "C2", "native")
SUFFICIENT = "B1"

TAG_PATTERN = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"

_TAG = re.compile(TAG_PATTERN)
_SIMPLE_GERMAN = "de-simple"
_AMBIGUOUS = {"ku": "ckb or kmr"}


def check_language(tag: str) -> str:
    """``tag`` if it is canonical. Raises ``ValueError`` naming what would be right.

    Dari is ``fa-AF``; Kurdish is ``ckb`` or ``kmr``, never ``ku``; easy German is ``de-simple``.
    """
    if tag in _AMBIGUOUS:
        raise ValueError(f"say which one: {_AMBIGUOUS[tag]}")
    if tag != _SIMPLE_GERMAN and not _TAG.fullmatch(tag):
        raise ValueError("a language is a BCP 47 tag, such as ar, uk, fa-AF")
    return tag


def level_at_least(level: str, minimum: str) -> bool:
    """Whether ``level`` is ``minimum`` or better; both are one of ``LEVELS``."""
    return LEVELS.index(level) >= LEVELS.index(minimum)

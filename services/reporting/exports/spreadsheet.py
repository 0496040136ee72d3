"""What keeps a text a text when a spreadsheet opens it."""

from __future__ import annotations

import re

_INVISIBLE = "\\s\\x00-\\x20\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_FORMULA = re.compile(rf"'*(?:[\t\r\n]|[{_INVISIBLE}]*[=+\-@＝＋－＠﹦﹢﹣﹫])")


def defuse(text: str) -> str:
    """`text`, with an apostrophe in front where a spreadsheet might take it for a formula. `restore` undoes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def restore(text: str) -> str:
    """The text that `defuse` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text

"""Words beside codes: a reason is its code and parameters, with a title and a sentence in the reader's language."""

from typing import Any

from services.matching.api.sentences import About, sentence, title
from services.matching.domain.explanation import Reason


def worded(reason: Reason, language: str, about: About = "why") -> dict[str, Any]:
    """The reason with its ``title`` and its ``sentence``; so have the changes in it, where it names some."""
    told = {**reason, "title": title(reason, language), "sentence": sentence(reason, about, language)}
    if "changes" in reason:
        told["changes"] = [
            {**change, "sentence": sentence({"rule": reason["rule"], **change}, about, language)}
            for change in reason["changes"]
        ]
    return told

"""One self-contained, accessible page: no scripts, no network, every text escaped by the template engine."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from services.reporting.domain.report import Language
from services.reporting.exports.bars import place
from services.reporting.exports.page import Line, Page
from services.reporting.exports.words import Words

_HERE = Path(__file__).resolve().parent
_WORDS = ("audience", "definitions", "about")


def write_html(page: Page) -> bytes:
    """The page as UTF-8 HTML; equal pages give equal bytes."""
    words = Words(Language(page.language))
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    text = _template().render(
        page=page,
        style=Markup(style),  # noqa: S704  # our own file; its hash is what the policy of the page allows
        style_hash="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        words={code: words.say("ui", code) for code in _WORDS},
    )
    return text.encode()


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    environment.filters["place"] = place
    environment.filters["groupby_label"] = _by_label
    return environment.get_template("report.html.j2")


def _by_label(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """Neighbouring lines under one label, in their order: three funders are one entry with three values."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.label, []).append(line)
    return list(groups.items())

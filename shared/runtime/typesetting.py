"""Accessible PDF (PDF/UA-1), set by typst. Text reaches a template as data, never as markup."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typst

FONTS: Final = Path("/usr/share/fonts/truetype/noto")
_FAMILIES: Final = (
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Ethiopic",
    "Noto Sans Georgian",
    "Noto Sans Armenian",
    "Noto Sans Devanagari",
    "Noto Sans Tamil",
    "Noto Sans Bengali",
    "Noto Sans Thai",
    "Libertinus Serif",
)
_LONGEST: Final = 30
_LONG_WORD: Final = re.compile(rf"\S{{{_LONGEST}}}(?=\S)")
_NO_GLYPH: Final = "could not be displayed"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")


def typeset(template: Path, data: Mapping[str, object], made_at: datetime, fonts: Path = FONTS) -> bytes:
    """The PDF of a typst template that reads ``data.json``, where ``fonts`` names the families that are there.

    Equal data give equal bytes with the same typst and the same fonts. Fonts come from ``fonts`` where that folder
    exists, else typst's own are used (Latin, Cyrillic, plain Arabic). A character that none of them has is set as a
    box, and the file then does not call itself PDF/UA. Takes CPU (some 0.1 s a page): call it outside the event loop.
    """
    found = _fonts(fonts)
    families = set(found.families())
    content = {**data, "fonts": [family for family in _FAMILIES if family in families]}
    with TemporaryDirectory(prefix="typeset-") as folder:
        copy = Path(folder) / template.name
        shutil.copyfile(template, copy)
        (Path(folder) / "data.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        compiler = typst.Compiler(str(copy), root=folder, font_paths=found)
        try:
            return _compile(compiler, ["ua-1"], made_at)
        except typst.TypstError as error:
            if _NO_GLYPH not in str(error):
                raise
            return _compile(compiler, [], made_at)


def plain(text: str) -> str:
    """Without control characters, which have no glyph, and with a place to break in words too long for a line."""
    return _LONG_WORD.sub("\\g<0>\u200b", _CONTROL.sub(" ", text))


def _compile(compiler: typst.Compiler, standards: list[typst.PDFStandard], made_at: datetime) -> bytes:
    # A PDF knows whole seconds only.
    made = compiler.compile(format="pdf", pdf_standards=standards, timestamp=made_at.replace(microsecond=0))
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single document")
    return made


@cache
def _fonts(folder: Path) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)] if folder.is_dir() else [])

"""Decisions: numbered without gaps, each in the index under its own words, and bound to files that exist."""

import re
from pathlib import Path

from tests.architecture.source import ROOT

FOLDER = ROOT / "docs" / "decisions"
PARTS = ("Context", "Decision", "Consequences", "Considered and measured")
ROW = re.compile(r"^\| \[(\d{4})\]\((\d{4}-[a-z0-9-]+\.md)\) \| (.+) \|$", re.MULTILINE)
IN_CODE = re.compile(r"`((?:services|shared|deploy|tests|docs)/[\w/.{},*-]+)`")


def pages() -> list[Path]:
    return sorted(FOLDER.glob("[0-9]*.md"))


def test_numbers_have_no_gap_and_every_page_is_in_the_index() -> None:
    names = [page.name for page in pages()]
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]
    index = ROW.findall((FOLDER / "README.md").read_text())
    assert [(number, name) for number, name, _ in index] == [(name[:4], name) for name in names]
    assert len(names) > 10


def test_a_page_has_the_title_of_the_index_and_its_four_parts() -> None:
    titles = {name: title for _, name, title in ROW.findall((FOLDER / "README.md").read_text())}
    for page in pages():
        text = page.read_text()
        number, _, title = text.splitlines()[0].partition(": ")
        assert number == f"# {page.name[:4]}"
        # The index may say more than the title, not something else.
        assert title, page.name
        assert titles[page.name].startswith(title), page.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert [part for part in PARTS if part not in headings] == [], page.name


def test_files_that_a_page_names_are_there() -> None:
    missing = {
        (page.name, named)
        for page in pages()
        for named in IN_CODE.findall(page.read_text())
        if "{" not in named and not any(ROOT.glob(named.rstrip("/")))
    }
    assert missing == set()


def test_rule_sees_a_row_and_a_file() -> None:
    assert ROW.findall("| [0007](0007-a-b.md) | Words |") == [("0007", "0007-a-b.md", "Words")]
    assert IN_CODE.findall("in `shared/web/app.py`, not in `app.py`") == ["shared/web/app.py"]

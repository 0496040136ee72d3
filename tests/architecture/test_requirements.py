"""The page of requirements names modules and tests that exist, each requirement once and none without a proof."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

from tests.architecture.source import ROOT, tree_of

PAGE: Final = ROOT / "docs" / "requirements.md"
ROW: Final = re.compile(r"^\| ([A-Z]\d+) \|(.*)\|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
TEST: Final = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
MODULE: Final = re.compile(r"`((?:services|shared)/[\w/]+\.py)`")
ASKED: Final = frozenset(
    [f"R{number}" for number in (3, 4, 5, 6, 7, 11, 22, 23, 24)]
    + [f"A{number}" for number in (1, 2, 4, 11, 12, 13)]
    + [f"U{number}" for number in (2, 3, 4, 5, *range(8, 15))]
    + ["C1"]
)
"""What people, programmes, qualification and matching have to answer for."""


@cache
def cases_of(file: str) -> frozenset[str]:
    """The tests of a module, those of its test cases too."""
    if not (ROOT / file).exists():
        return frozenset()
    found = ast.walk(tree_of(Path(file)))
    names = {node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(name for name in names if name.startswith("test_"))


def test_every_requirement_has_one_row_with_a_module_and_a_test() -> None:
    rows = ROW.findall(PAGE.read_text())
    assert sorted(number for number, *_ in rows) == sorted(ASKED)
    for number, asked, where, proof, _ in rows:
        assert asked.strip(), number
        assert MODULE.findall(where), number
        assert TEST.findall(proof), number


def test_every_module_and_every_test_that_is_named_is_there() -> None:
    text = PAGE.read_text()
    assert [file for file in MODULE.findall(text) if not (ROOT / file).exists()] == []
    assert [(file, name) for file, name in TEST.findall(text) if name not in cases_of(file)] == []


def test_nothing_is_named_in_another_way() -> None:
    for number, _, where, proof, _ in ROW.findall(PAGE.read_text()):
        named = re.findall(r"`[^`]+`", where + proof)
        assert [one for one in named if not (MODULE.fullmatch(one) or TEST.fullmatch(one))] == [], number


def test_rule_sees_a_row_and_what_it_names() -> None:
    (row,) = ROW.findall("| R9 | Something. | `shared/a.py` | `tests/unit/test_a.py::test_b` | |\n")
    assert (row[0], MODULE.findall(row[2])) == ("R9", ["shared/a.py"])
    assert TEST.findall(row[3]) == [("tests/unit/test_a.py", "test_b")]
    assert cases_of("tests/unit/test_nowhere.py") == frozenset()
    assert "test_rule_sees_a_row_and_what_it_names" in cases_of("tests/architecture/test_requirements.py")

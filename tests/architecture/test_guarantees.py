"""The page of guarantees and the fault laboratory name each other: no promise without a test, no test without one."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import ROOT

PAGE = ROOT / "docs" / "guarantees.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def named_in(folder: str) -> Iterator[tuple[str, str]]:
    """Every test of a folder: its file and its name."""
    for file in sorted((ROOT / folder).glob("test_*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield str(file.relative_to(ROOT)), node.name


def test_every_test_of_the_laboratory_proves_a_promise_of_the_page() -> None:
    named = set(NAMED.findall(PAGE.read_text()))
    assert [test for test in named_in("tests/chaos") if test not in named] == []


def test_every_test_that_the_page_names_is_there() -> None:
    missing = [
        (file, name)
        for file, name in NAMED.findall(PAGE.read_text())
        if not (ROOT / file).exists() or (file, name) not in set(named_in(file.rpartition("/")[0]))
    ]
    assert missing == []
    assert len(NAMED.findall(PAGE.read_text())) > 15


def test_rule_sees_a_name() -> None:
    assert NAMED.findall("see `tests/chaos/test_a.py::test_b`.") == [("tests/chaos/test_a.py", "test_b")]

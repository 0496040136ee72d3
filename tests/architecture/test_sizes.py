"""Files and functions that fit into a head."""

import ast
from collections.abc import Iterator

from tests.architecture.source import ROOT, modules, tree_of

LONGEST_FILE = 300
LONGEST_FUNCTION = 50
# A story from end to end is told whole, as somebody of the house would tell it.
LONGEST_STORY = 100
STORIES = "tests/end_to_end/test_"
EVERYWHERE = modules("services", "shared", "deploy", "tests")

# Whoever adds a line says why it is better whole.
LONG_FUNCTIONS = {
    ("shared/web/app.py", "create_app"): "a line for each of its parameters; it wires and decides nothing",
}


def long_functions(tree: ast.Module, limit: int = LONGEST_FUNCTION) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > limit:
                yield node.name, lines


def test_no_file_is_longer_than_its_limit() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in EVERYWHERE}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}
    assert len(lengths) > 200


def test_no_function_is_longer_than_its_limit_without_a_reason() -> None:
    limits = {path: LONGEST_STORY if str(path).startswith(STORIES) else LONGEST_FUNCTION for path in EVERYWHERE}
    found = {(str(path), name) for path in EVERYWHERE for name, _ in long_functions(tree_of(path), limits[path])}
    assert found == set(LONG_FUNCTIONS)


def test_rule_sees_a_long_function_inside_a_class() -> None:
    body = "\n".join("        pass" for _ in range(LONGEST_FUNCTION))
    assert list(long_functions(ast.parse(f"class A:\n    async def b(self):\n{body}\n"))) == [("b", 51)]
    assert list(long_functions(ast.parse(f"class A:\n    async def b(self):\n{body[:-13]}\n"))) == []

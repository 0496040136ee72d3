"""The project's own source, as the rules of this folder read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("registry", "visits", "matching", "reporting")


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """All modules below the folders, by their paths from the project's folder, sorted."""
    return tuple(sorted(path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py")))


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse((ROOT / path).read_text())


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for such an expression, else the empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def imported_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for, in full: ``{"now": "time.monotonic"}``."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    names[alias.asname] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def used_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name that is used (not only imported), in full, with its line; the longest form of each."""
    imported = imported_names(tree)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner:
            head, _, rest = dotted(node).partition(".")
            if head:
                full = imported.get(head, head)
                yield node.lineno, f"{full}.{rest}" if rest else full

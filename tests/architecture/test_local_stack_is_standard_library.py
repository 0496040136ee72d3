"""The local stack prepares the machine, so it runs before anything is installed."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "deploy" / "local").glob("*.py"))


def foreign_imports(source: str) -> set[str]:
    """Imported modules that neither come with Python nor belong to the local stack."""
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    return {
        name
        for name in imported
        if name.partition(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith("deploy.local.")
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_local_stack_imports_the_standard_library_only(module: Path) -> None:
    assert foreign_imports(module.read_text()) == set()


def test_rule_sees_a_foreign_import_wherever_it_stands() -> None:
    source = (
        "import json\nimport deploy.demo\ndef f():\n    import pymongo.errors\n    from deploy.local import ports\n"
    )
    assert foreign_imports(source) == {"deploy.demo", "pymongo.errors"}
    assert len(MODULES) > 5

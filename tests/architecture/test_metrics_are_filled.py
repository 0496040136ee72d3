"""Every listed metric is set somewhere: a name that nobody fills looks like a zero on a dashboard."""

import ast
from pathlib import Path

from shared.observability import metrics
from shared.observability.metrics import Metric

ROOT = Path(__file__).parents[2]
LIST = ROOT / "shared" / "observability" / "metrics.py"
NAMES = {name for name, value in vars(metrics).items() if isinstance(value, Metric)}


def names_used(source: str) -> set[str]:
    """The names of metrics that a module works with; an import alone is no use."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.Name):
            used.add(node.id)
    return used & NAMES


def test_names_used_sees_uses_and_no_imports() -> None:
    assert names_used("from shared.observability.metrics import LAG\n") == set()
    assert names_used("names.LAG\n") == {"LAG"}
    assert names_used("metrics.count(SENT, topic='x')\n") == {"SENT"}


def test_every_listed_metric_is_filled_somewhere() -> None:
    files = [file for room in ("shared", "services") for file in (ROOT / room).rglob("*.py") if file != LIST]
    filled = set().union(*(names_used(file.read_text()) for file in files))
    own = {"LOG_KEYS_DROPPED"}  # the list watches it itself
    assert own <= names_used(LIST.read_text())
    assert NAMES - filled - own == set()

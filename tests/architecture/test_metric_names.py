"""Metrics: made in one place and named with their unit. Their labels are a closed list in the tests of that place."""

import ast

from shared.observability.metrics import CATALOGUE, Metric
from tests.architecture.source import modules, tree_of

LIST = "shared/observability/metrics.py"
UNITS = ("_seconds", "_bytes", "_messages")
# Gauges that count things need no unit: the noun is it.
COUNTS = ("_running", "_pending", "_letters", "_parked", "_waiting", "_dropped", "_stuck", "_given_up")


def faults(metric: Metric) -> list[str]:
    found = []
    if metric.kind == "counter" and not metric.name.endswith("_total"):
        found.append("a counter ends in _total")
    if metric.kind == "histogram" and not metric.name.endswith(UNITS):
        found.append("a histogram ends in its unit")
    if metric.kind == "gauge" and not metric.name.endswith((*UNITS, *COUNTS)):
        found.append("a gauge ends in its unit or in what it counts")
    return found


def makers(tree: ast.Module) -> set[str]:
    """What a module imports of the metrics' library besides the writing of its format."""
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "prometheus_client":
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names if alias.name.startswith("prometheus_client")}
    return named - {"CONTENT_TYPE_LATEST", "generate_latest"}


def test_every_metric_is_named_with_its_unit() -> None:
    assert {metric.name: faults(metric) for metric in CATALOGUE if faults(metric)} == {}


def test_metrics_are_made_out_of_the_list_only() -> None:
    assert [str(path) for path in modules("services", "shared") if makers(tree_of(path))] == [LIST]


def test_rule_sees_a_wrong_name_and_a_metric_made_elsewhere() -> None:
    assert faults(Metric("tueroeffner_web_requests", "counter", "x.")) == ["a counter ends in _total"]
    assert faults(Metric("tueroeffner_web_time", "histogram", "x.")) == ["a histogram ends in its unit"]
    assert faults(Metric("tueroeffner_web_age", "gauge", "x.")) == ["a gauge ends in its unit or in what it counts"]
    assert makers(ast.parse("def f():\n    from prometheus_client import Counter, generate_latest")) == {"Counter"}

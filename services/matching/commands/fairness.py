"""A round's report, from its file and its pairs; done in the solver's process, since it looks at every edge again."""

from collections.abc import Mapping
from typing import Any

from services.matching.domain.baselines import every_edge
from services.matching.domain.fairness import fairness_of
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import read_policy


def report_round(
    document: object, policy: object, pairs: Mapping[str, str], sizes: Mapping[str, int]
) -> dict[str, Any]:
    """The report (``domain/fairness.py``) of a solved file; ``pairs`` maps each matched family to its mentor."""
    instance, rules = read_instance(document), read_policy(policy)
    return fairness_of(instance, rules, every_edge(instance, rules), pairs, sizes)

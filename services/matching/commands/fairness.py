"""A round's report, from its file and its pairs; done in the solver's process, since it looks at every edge again."""

from collections.abc import Mapping
from typing import Any

from services.matching.domain.fairness import fairness_of
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import read_policy

MOST_EDGES = 1_000_000


def report_round(
    document: object, policy: object, pairs: Mapping[str, str], sizes: Mapping[str, int]
) -> dict[str, Any]:
    """The report (``domain/fairness.py``) of a solved file; ``pairs`` maps each matched family to its mentor.

    Empty beyond ``MOST_EDGES``, which would not fit into the memory that a round may have.
    """
    # Loaded there, not here: this runs in the solver's process, which has it; the service's own never needs it.
    from services.matching.solver import columns_of, count_edges, find_edges

    instance, rules = read_instance(document), read_policy(policy)
    columns, places = columns_of(instance), instance.free_places()
    if count_edges(columns, places) > MOST_EDGES:
        return {}
    found = find_edges(columns, places, instance.draft_places(), rules.weights)
    edges = sorted(
        zip(found.mentors.tolist(), found.families.tolist(), found.fits.tolist(), strict=True),
        key=lambda edge: edge[1],
    )
    return fairness_of(instance, rules, edges, pairs, sizes)

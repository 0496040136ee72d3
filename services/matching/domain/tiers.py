"""The order of aims as whole numbers: urgent families, number of families, waiting bands, then fit.

The sets of families that can be matched together form a matroid, so a heaviest set under *any* positive weights that
rise with (urgent, waiting band) is as large as can be, has as many urgent families as can be, and is lexicographically
greatest by band, all at once. Hence ranks 1, 2, 3, … are enough, and no power of the number of families is needed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.matching.domain.instance import Family, Instance
from services.matching.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Objective:
    """What a round reached, in the order of aims; ``wait_bands`` has every band of an open family, longest first."""

    urgent: int
    matched: int
    wait_bands: tuple[tuple[int, int], ...]
    fit: int


def wait_band(instance: Instance, family: Family, policy: Policy) -> int:
    """The number of whole bands that the family has waited."""
    return instance.days_waiting(family) // policy.wait_band_days


def family_ranks(instance: Instance, policy: Policy) -> dict[str, int]:
    """For each open family a positive rank that rises with urgency first, then with the waiting band."""
    families = instance.open_families()
    classes = {family.id: (family.urgent, wait_band(instance, family, policy)) for family in families}
    rank = {value: number for number, value in enumerate(sorted(set(classes.values())), start=1)}
    return {family: rank[value] for family, value in classes.items()}


def unit_of(instance: Instance, policy: Policy) -> int:
    """What one rank is worth in points of fit: more than all fit that any round could collect."""
    open_families = len(instance.open_families())
    most_pairs = min(open_families, sum(instance.free_places()))
    return most_pairs * policy.weights.most() + 1


def objective_of(instance: Instance, policy: Policy, matched: Mapping[str, int]) -> Objective:
    """The objective of a round; ``matched`` maps each newly matched family to its pair's fit."""
    families = instance.open_families()
    per_band: Counter[int] = Counter()
    for family in families:
        per_band[wait_band(instance, family, policy)] += family.id in matched
    return Objective(
        urgent=_count(family.id in matched for family in families if family.urgent),
        matched=len(matched),
        wait_bands=tuple(sorted(per_band.items(), reverse=True)),
        fit=sum(matched.values()),
    )


def _count(values: Iterable[bool]) -> int:
    return sum(1 for value in values if value)

"""What a matching file comes to before anybody is matched: counts, and shares in basis points."""

from collections.abc import Sequence

from services.matching.domain.instance import Instance
from services.matching.domain.rules import MentorSets, places_mask

WHOLE = 10_000


def counts_of(instance: Instance) -> dict[str, int]:
    """Families, those of them without a mentor, how many of these are urgent, mentors, places, pairs that fit."""
    families = instance.open_families()
    urgent = sum(family.urgent for family in families)
    return {
        "families": len(instance.families),
        "open": len(families),
        "consenting": sum(family.consent for family in families),
        "urgent": urgent,
        "urgent_share": basis_points(urgent, len(families)),
        "mentors": len(instance.mentors),
        "places": sum(instance.free_places()),
        "edges": edges_of(instance),
    }


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """The percentile of ascending values by nearest rank: one of them. There is at least one."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def basis_points(part: int, whole: int) -> int:
    """The share; none of nothing is none."""
    return WHOLE * part // whole if whole else 0


def edges_of(instance: Instance) -> int:
    """How many pairs pass every rule."""
    sets, with_places = MentorSets.of(instance), places_mask(instance.free_places())
    return sum(sets.candidates(family, with_places).bit_count() for family in instance.open_families())

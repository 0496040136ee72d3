"""How fair a round was: who was helped and who was not, by groups, and what simpler ways would have done.

Whole numbers only; rates and the Gini coefficient are in basis points (10,000 is all).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.matching.domain.baselines import Choice, Edge, blocking_pairs, first_come, greedy
from services.matching.domain.instance import Family, Instance
from services.matching.domain.policy import Policy
from services.matching.domain.rules import RULES, MentorSets, places_mask, usable_languages
from services.matching.domain.statistics import WHOLE, nearest_rank
from services.matching.domain.tiers import family_ranks, wait_band

ENOUGH = 5
"""Groups with fewer families that could be helped say nothing about fairness."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A round by positions: its open families, its edges and what was chosen of them."""

    instance: Instance
    policy: Policy
    families: tuple[Family, ...]
    edges: Sequence[Edge]
    chosen: Choice
    matchable: frozenset[int]

    @property
    def left(self) -> list[int]:
        """The families left waiting."""
        return [place for place in range(len(self.families)) if place not in self.chosen]


def fairness_of(
    instance: Instance,
    policy: Policy,
    edges: Sequence[Edge],
    pairs: Mapping[str, str],
    sizes: Mapping[str, int],
) -> dict[str, Any]:
    """The report of a round. ``pairs`` maps each family that was matched to its mentor.

    ``edges`` are all pairs that passed the rules (``baselines.every_edge``), ``sizes`` the persons of a family
    where it is one.
    """
    held = _held(instance, policy, edges, pairs)
    ranks = family_ranks(instance, policy)
    by_place, places = [ranks[family.id] for family in held.families], instance.free_places()
    ways = {
        "round": held.chosen,
        "greedy": greedy(edges, by_place, places),
        "first_come": first_come(edges, [family.waiting_since for family in held.families], places),
    }
    return {
        "families": len(held.families),
        "urgent": sum(family.urgent for family in held.families),
        "matched": len(held.chosen),
        "matchable": len(held.matchable),
        "without_candidate": _first_causes(held),
        "waiting_days": _waiting(held, held.left),
        "waiting_days_matchable": _waiting(held, [place for place in held.left if place in held.matchable]),
        "order_violations": _order_violations(held),
        "rates": _rates(held, sizes),
        "load": _load(instance, pairs.values()),
        "blocking_pairs": blocking_pairs(edges, by_place, places, held.chosen),
        "compared": {name: _reached(held, chosen) for name, chosen in ways.items()},
    }


def _held(instance: Instance, policy: Policy, edges: Sequence[Edge], pairs: Mapping[str, str]) -> _Held:
    families = instance.open_families()
    mentors = {mentor.id: number for number, mentor in enumerate(instance.mentors)}
    chosen_pairs = {(mentors[pairs[family.id]], place) for place, family in enumerate(families) if family.id in pairs}
    chosen = {family: (mentor, fit) for mentor, family, fit in edges if (mentor, family) in chosen_pairs}
    return _Held(instance, policy, families, edges, chosen, frozenset(family for _, family, _ in edges))


def _first_causes(held: _Held) -> dict[str, int]:
    """For those without any candidate, the rule at which the last of the mentors fell out."""
    sets, with_places = MentorSets.of(held.instance), places_mask(held.instance.free_places())
    causes: Counter[str] = Counter()
    for place, family in enumerate(held.families):
        if place in held.matchable:
            continue
        remaining = sets.everyone
        for rule, passing in zip(RULES, sets.passing(family, with_places), strict=True):
            remaining &= passing
            if not remaining:
                causes[rule] += 1
                break
    return {rule: causes[rule] for rule in RULES if causes[rule]}


def _waiting(held: _Held, places: Iterable[int]) -> dict[str, int]:
    """Days of waiting on the round's date: median, 95th percentile (nearest rank) and the longest; empty for nobody."""
    days = sorted(held.instance.days_waiting(held.families[place]) for place in places)
    if not days:
        return {}
    return {"p50": nearest_rank(days, 50), "p95": nearest_rank(days, 95), "max": days[-1]}


def _order_violations(held: _Held) -> int:
    """Families passed over: somebody as urgent who waited a band less was given a mentor whom they could have had."""
    bands = [wait_band(held.instance, family, held.policy) for family in held.families]
    given: dict[tuple[int, bool], int] = {}
    for family, (mentor, _) in held.chosen.items():
        key = (mentor, held.families[family].urgent)
        given[key] = min(given.get(key, bands[family]), bands[family])
    passed_over = {
        family
        for mentor, family, _ in held.edges
        if family not in held.chosen
        and given.get((mentor, held.families[family].urgent), bands[family]) < bands[family]
    }
    return len(passed_over)


def _rates(held: _Held, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Matched of those who could be, by group; a family counts in each of its languages."""
    groups: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in ("language", "district", "size")}
    for place, family in enumerate(held.families):
        for language in usable_languages(family.languages) - family.not_wished or family.languages:
            groups["language"][language].append(place)
        groups["district"][family.district].append(place)
        groups["size"][_size_class(sizes.get(family.id))].append(place)
    return {name: _rate_rows(held, members) for name, members in groups.items()}


def _size_class(persons: int | None) -> str:
    if persons is None:
        return "unknown"
    return "1-2" if persons <= 2 else "3-4" if persons <= 4 else "5+"


def _rate_rows(held: _Held, groups: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    compared: list[int] = []
    for value, places in sorted(groups.items()):
        matchable, matched = (sum(place in one for place in places) for one in (held.matchable, held.chosen))
        rate = matched * WHOLE // matchable if matchable else None
        rows.append({"value": value, "families": len(places), "matchable": matchable, "matched": matched, "rate": rate})
        if rate is not None and matchable >= ENOUGH:
            compared.append(rate)
    spread = min(compared) * WHOLE // max(compared) if len(compared) > 1 and max(compared) else None
    return {"groups": rows, "least_over_most": spread}


def _load(instance: Instance, given: Iterable[str]) -> dict[str, int]:
    """Of the mentors with places: how many have nobody, how many are full, and the Gini coefficient of use."""
    taken = Counter(mentor for mentor, _ in instance.frozen) + Counter(given)
    used = sorted(taken[one.id] * WHOLE // one.capacity for one in instance.mentors if one.capacity)
    return {
        "mentors": len(used),
        "idle": sum(share == 0 for share in used),
        "full": sum(share >= WHOLE for share in used),
        "gini": _gini(used),
    }


def _gini(ordered: Sequence[int]) -> int:
    """Half the mean difference over the mean, for ascending values."""
    total, count = sum(ordered), len(ordered)
    if not total:
        return 0
    weighted = sum((2 * number - count + 1) * value for number, value in enumerate(ordered))
    return weighted * WHOLE // (count * total)


def _reached(held: _Held, chosen: Choice) -> dict[str, Any]:
    left = [place for place in held.matchable if place not in chosen]
    return {
        "matched": len(chosen),
        "urgent": sum(held.families[place].urgent for place in chosen),
        "fit": sum(fit for _, fit in chosen.values()),
        "waiting_days_matchable": _waiting(held, left),
    }

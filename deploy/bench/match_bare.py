"""What matching's engine is measured against: loops over dictionaries, networkx, and one bare call of OR-Tools."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx
import numpy as np
from numpy.typing import NDArray

from deploy.bench.round_scene import Edges
from shared.kernel.languages import LEVELS, SUFFICIENT

Row = dict[str, Any]
_LEAST = LEVELS.index(SUFFICIENT)


@dataclass(frozen=True, slots=True)
class PlainRows:
    """A matching file as somebody in a hurry would keep it: dictionaries whose lists are sets, levels numbers."""

    mentors: list[Row]
    families: list[Row]

    @classmethod
    def of(cls, document: Row) -> "PlainRows":
        """The rows, sorted by id."""
        return cls(_plain(document["mentors"]), _plain(document["families"]))


def loop_edges(rows: PlainRows) -> list[tuple[int, int, int]]:
    """(mentor, family, points) of every pair that passes the rules, sorted; the cheapest test comes first."""
    found: list[tuple[int, int, int]] = []
    for number, mentor in enumerate(rows.mentors):
        if mentor["capacity"] < 1:
            continue
        for place, family in enumerate(rows.families):
            if (
                family["consent"]
                and family["district"] in mentor["districts"]
                and family.get("gender_wish", mentor["gender"]) == mentor["gender"]
                and family["topics"] <= mentor["topics"]
                and family["topics"] <= mentor["qualified"]
                and family["id"] not in mentor["excluded_families"]
                and not family["slots"].isdisjoint(mentor["slots"])
            ):
                steps = _steps(mentor, family)
                if steps or family["interpreter"]:
                    found.append((number, place, _points(mentor, family, steps)))
    return found


def networkx_weight(edges: Edges) -> int:
    """The heaviest choice's weight by networkx' network simplex: graph, solution, and its cost."""
    graph, count = networkx.DiGraph(), edges.family_count
    graph.add_node("from", demand=-count)
    graph.add_node("to", demand=count)
    for family in range(count):
        graph.add_edge("from", family, capacity=1, weight=0)
        graph.add_edge(family, "to", capacity=1, weight=0)
    for mentor, places in enumerate(edges.places):
        graph.add_edge(count + mentor, "to", capacity=int(places), weight=0)
    for family, mentor, weight in zip(edges.families, edges.mentors, edges.weights, strict=True):
        graph.add_edge(int(family), count + int(mentor), capacity=1, weight=-int(weight))
    return -int(networkx.cost_of_flow(graph, networkx.min_cost_flow(graph)))


def jointly(cities: Sequence[Edges]) -> Edges:
    """The edges of several cities as one problem."""
    families = np.cumsum([0, *(city.family_count for city in cities)])
    mentors = np.cumsum([0, *(len(city.places) for city in cities)])
    return Edges(
        places=[places for city in cities for places in city.places],
        families=_moved([city.families for city in cities], families),
        mentors=_moved([city.mentors for city in cities], mentors),
        weights=_moved([city.weights for city in cities], np.zeros(len(cities), dtype=np.int64)),
        family_count=int(families[-1]),
    )


def _moved(lists: Sequence[Any], by: NDArray[np.int64]) -> Any:
    return np.concatenate([np.asarray(one, dtype=np.int64) + more for one, more in zip(lists, by, strict=False)])


def _plain(rows: list[Row]) -> list[Row]:
    return [
        {key: set(value) if isinstance(value, list) else value for key, value in row.items()}
        | {"levels": {tag: LEVELS.index(level) for tag, level in row["languages"].items()}}
        for row in sorted(rows, key=lambda row: str(row["id"]))
    ]


def _steps(mentor: Row, family: Row) -> int:
    spoken = mentor["levels"]
    common = [min(level, spoken[tag]) for tag, level in family["levels"].items() if tag in spoken]
    return max(0, max(common, default=0) - _LEAST + 1)


def _points(mentor: Row, family: Row, steps: int) -> int:
    wishes = family["wishes"]
    met = len(wishes & mentor["topics"] & mentor["qualified"])
    topics = 180 * met // len(wishes) if wishes else 180
    return 60 * steps + 200 + topics + 25 * min(4, len(family["slots"] & mentor["slots"]))

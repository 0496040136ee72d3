"""What must hold of every round, whatever the pool: more help never harms, nobody is moved for nothing."""

import copy
from typing import Any

import pytest

from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.policy import MOST
from tests.unit.matching.build import random_instance

Row = dict[str, Any]
SEEDS = range(150)


def solved(data: Row, **weights: int) -> Row:
    return solve_instance(data, {"version": "test", "weights": weights}, lambda: 0.0)


def tiers(result: Row) -> tuple[Any, ...]:
    """Urgent, number and bands: what comes before fit."""
    objective = result["objective"]
    return objective["urgent"], objective["matched"], tuple(number for _, number in objective["wait_bands"])


def pairs(result: Row) -> list[tuple[str, str]]:
    return [(pair["mentor"], pair["family"]) for pair in result["pairs"]]


def pool(seed: int) -> Row:
    return random_instance(seed, mentors=5 + seed % 4, families=12 + seed % 9)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_mentor_more_never_lowers_the_aims(seed: int) -> None:
    data = pool(seed)
    more = random_instance(seed + 1_000, mentors=1, families=1)["mentors"][0]
    with_her = {**data, "mentors": [*data["mentors"], {**more, "id": "m99", "excluded_families": []}]}
    assert tiers(solved(with_her)) >= tiers(solved(data))


@pytest.mark.parametrize("seed", SEEDS)
def test_becoming_urgent_never_costs_a_family_its_mentor(seed: int) -> None:
    data = pool(seed)
    for _, family in pairs(solved(data)):
        raised = copy.deepcopy(data)
        for row in raised["families"]:
            row["urgent"] = row["urgent"] or row["id"] == family
        assert family in {one for _, one in pairs(solved(raised))}


@pytest.mark.parametrize("seed", SEEDS)
def test_waiting_longer_never_costs_a_family_its_mentor(seed: int) -> None:
    data = pool(seed)
    for _, family in pairs(solved(data)):
        older = copy.deepcopy(data)
        for row in older["families"]:
            row["waiting_since"] = "2024-01-15" if row["id"] == family else row["waiting_since"]
        assert family in {one for _, one in pairs(solved(older))}


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_moved_who_was_well_proposed_before(seed: int) -> None:
    data = {**pool(seed), "drafts": []}
    first = pairs(solved(data))
    assert pairs(solved({**data, "drafts": [list(pair) for pair in first]})) == first


@pytest.mark.parametrize("seed", SEEDS)
def test_with_all_weight_on_continuity_only_the_aims_move_anybody(seed: int) -> None:
    data = pool(seed)
    drafts = {tuple(pair) for pair in data["drafts"]}
    free, sticky = solved(data, continuity=0), solved(data, continuity=MOST)
    assert tiers(free) == tiers(sticky)
    assert len(drafts & set(pairs(sticky))) >= len(drafts & set(pairs(free)))


@pytest.mark.parametrize("seed", SEEDS)
def test_frozen_pairs_stay_and_take_their_places(seed: int) -> None:
    data = {**pool(seed), "drafts": []}
    chosen = pairs(solved(data))
    frozen, rest = chosen[::2], chosen[1::2]
    again = pairs(solved({**data, "frozen": [list(pair) for pair in frozen]}))
    assert not {family for _, family in frozen} & {family for _, family in again}
    assert len(again) == len(rest)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_round_over_two_cities_is_the_two_rounds(seed: int) -> None:
    one, other = pool(seed), pool(seed + 500)
    joint = {**one, "drafts": []}
    for part in ("mentors", "families"):
        joint[part] = [_moved(row, "a") for row in one[part]] + [_moved(row, "b") for row in other[part]]
    apart = [solved({**data, "drafts": []})["objective"] for data in (one, other)]
    together = solved(joint)["objective"]
    for name in ("urgent", "matched", "fit"):
        assert together[name] == sum(objective[name] for objective in apart)


def _moved(row: Row, city: str) -> Row:
    """The row in districts of its own, under an id of its own."""
    moved = {**row, "id": f"{city}{row['id']}"}
    if "district" in row:
        moved["district"] = f"{city}{row['district']}"
        moved["excluded_mentors"] = [f"{city}{one}" for one in row["excluded_mentors"]]
    else:
        moved["districts"] = [f"{city}{one}" for one in row["districts"]]
        moved["excluded_families"] = [f"{city}{one}" for one in row["excluded_families"]]
    return moved


def test_pools_of_these_tests_are_scarce() -> None:
    left = sum(len(solved(pool(seed))["waiting"]) for seed in SEEDS)
    matched = sum(len(pairs(solved(pool(seed)))) for seed in SEEDS)
    assert left > len(SEEDS)
    assert matched > len(SEEDS)

"""A family that comes later: a free place, or one draft that moves, and never worse than that for anybody."""

from typing import Any

import pytest

from services.matching.domain.instance import Family, Instance
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy
from services.matching.domain.rules import MentorSets
from services.matching.domain.swap import Drafts, Move
from tests.unit.matching.build import family, instance, mentor, random_instance
from tests.unit.matching.oracle import edges_of

Row = dict[str, Any]


def drafts(data: Row, prices: dict[str, int] | None = None) -> tuple[Drafts, dict[str, Family]]:
    read: Instance = read_instance(data)
    made = Drafts(read.mentors, MentorSets.of(read), list(read.free_places()), Policy(), prices or {})
    return made, {one.id: one for one in read.families}


def test_free_place_is_given_by_fit_less_price_and_nobody_moves() -> None:
    data = instance([mentor("m1"), mentor("m2", languages={"ar": "B1"})], [family()])
    made, families = drafts(data)
    assert made.find(families["f1"]) == Move("m1", edges_of(data)["m1", "f1"])
    dear, families = drafts(data, {"m1": 500})
    found = dear.find(families["f1"])
    assert found is not None
    assert (found.mentor, found.moved) == ("m2", None)


def test_one_draft_moves_where_that_gives_both_a_mentor() -> None:
    data = instance(
        [mentor("m1", slots=["wed-pm", "thu-pm"]), mentor("m2")],
        [family("f1"), family("f2", slots=["thu-pm"]), family("f3", slots=["thu-pm"])],
    )
    made, families = drafts(data, {"m2": 900})
    first = made.find(families["f1"])
    assert first is not None
    made.take(families["f1"], first)
    assert first.mentor == "m1"
    edges = edges_of(data)
    move = made.find(families["f2"])
    assert move == Move("m1", edges["m1", "f2"] - edges["m1", "f1"] + edges["m2", "f1"], moved="f1", to="m2")
    made.take(families["f2"], move)
    assert made.left == [0, 0]
    assert {key: [one.id for one in given] for key, given in made.given.items()} == {0: ["f2"], 1: ["f1"]}
    assert made.find(families["f3"]) is None, "nobody is left without a mentor for somebody else"


@pytest.mark.parametrize("seed", range(40))
def test_whatever_comes_every_pair_passes_the_rules_and_no_place_is_given_twice(seed: int) -> None:
    data = random_instance(seed, mentors=5, families=12)
    made, families = drafts(data)
    edges, matched = edges_of(data), 0
    for asking in families.values():
        move = made.find(asking)
        if move is not None:
            before = {one.id for given in made.given.values() for one in given}
            made.take(asking, move)
            after = {one.id for given in made.given.values() for one in given}
            assert after == before | {asking.id}, "whoever moved still has a mentor"
            matched += 1
    pairs = [(made.mentors[place].id, one.id) for place, given in made.given.items() for one in given]
    assert len(pairs) == matched
    assert all(pair in edges for pair in pairs)
    assert all(places >= 0 for places in made.left)
    for row in data["mentors"]:
        used = sum(1 for helper, _ in pairs if helper == row["id"])
        assert made.left[made.sets.position[row["id"]]] == row["capacity"] - used

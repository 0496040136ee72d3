"""Policies of programmes: who shares a pool, which languages are put into the file, and what a soft rule opens."""

from itertools import combinations
from typing import Any

import pytest

from services.matching.commands.rehearse import dry_run, preview
from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Consents, Participation
from services.matching.domain.policy import Policy, policy_document, read_policy
from services.matching.domain.pool import pool_file
from services.matching.domain.programme_policy import ProgrammePolicy, group_around, next_version
from services.matching.domain.relaxed import SOFT, relaxed
from services.matching.domain.rules import RULES, MentorSets, places_mask
from services.matching.domain.understanding import DEFAULT, NEVER, Understanding, named_as_spoken, with_understood
from services.matching.domain.waiting_since import Ended, waiting_on
from shared.kernel.errors import VersionLost
from tests.unit.matching.build import random_instance
from tests.unit.matching.test_pool import DAY, family, mentor, pool

DEFAULT_POLICY = policy_document(Policy())


def solve(file: object, policy: object) -> dict[str, Any]:
    return solve_instance(file, policy, lambda: 0.0)


def test_a_version_has_the_name_that_rounds_know_it_by_and_is_one_the_engine_reads() -> None:
    policy = next_version(ProgrammePolicy("nachbarn"), 2, 2)
    assert policy.engine.version == "nachbarn/3"
    assert read_policy(policy_document(policy.engine)) == policy.engine
    with pytest.raises(VersionLost):
        next_version(ProgrammePolicy("nachbarn"), 2, 1)


@pytest.mark.parametrize(
    ("shares", "group"),
    [
        ({}, ("a",)),
        ({"a": ["b"]}, ("a",)),
        ({"a": ["b"], "b": ["a"]}, ("a", "b")),
        ({"a": ["b"], "b": ["a", "c"], "c": ["b"]}, ("a", "b", "c")),
        ({"a": ["b"], "b": ["a", "c"], "c": []}, ("a", "b")),
        ({"b": ["c"], "c": ["b"]}, ("a",)),
    ],
)
def test_a_pool_is_shared_by_those_who_name_each_other(shares: dict[str, list[str]], group: tuple[str, ...]) -> None:
    policies = [ProgrammePolicy(slug, shares=tuple(shares.get(slug, ()))) for slug in "abc"]
    assert group_around("a", policies) == group


def test_who_is_understood_is_so_at_the_weaker_of_both_levels_one_step_far_and_never_worse_than_spoken() -> None:
    assert with_understood({"fa": "native", "de": "B1"}, DEFAULT) == {
        "fa": "native",
        "fa-AF": "C1",
        "de": "B1",
        "de-simple": "B1",
    }
    assert with_understood({"fa": "B1", "fa-AF": "native"}, DEFAULT) == {"fa": "C1", "fa-AF": "native"}
    chain = (Understanding("a", "b"), Understanding("b", "c"))
    assert with_understood({"a": "native"}, chain) == {"a": "native", "b": "C1"}


def test_the_default_table_knows_no_ukrainian_in_russian_and_no_kurmanji_in_sorani() -> None:
    pairs = {frozenset({entry.speaks, entry.understands}) for entry in DEFAULT}
    assert pairs.isdisjoint(NEVER)
    assert frozenset({"ru", "uk"}) not in pairs
    assert ("de-simple", "de") not in {(entry.speaks, entry.understands) for entry in DEFAULT}


def test_a_reason_names_the_language_that_is_spoken() -> None:
    reason = {"rule": "language", "language": "fa-AF", "level": "C1"}
    told = {"rule": "language", "language": "fa", "understood_as": "fa-AF", "level": "C1"}
    assert named_as_spoken(reason, {"fa": "native"}, DEFAULT) == told
    assert named_as_spoken(reason, {"fa": "native", "fa-AF": "A2"}, DEFAULT) == told
    assert named_as_spoken(reason, {"fa": "native", "fa-AF": "C1"}, DEFAULT) == reason
    assert named_as_spoken({"rule": "language", "interpreter": True}, {}, DEFAULT) == {
        "rule": "language",
        "interpreter": True,
    }


def test_who_does_not_wish_serbian_is_not_given_it_as_bosnian() -> None:
    one = mentor("serbian", levels={"sr": "native"})
    both = mentor("bosnian", levels={"sr": "native", "bs": "B1"})
    waits = family("f", levels={"bs": "native", "sr": "C2"}, not_wished=("sr",))
    file = pool_file(pool([one, both], [waits]))
    excluded = {row["id"]: row["excluded_families"] for row in file.document["mentors"]}
    assert excluded == {"serbian": ["f"], "bosnian": []}
    helped = family("f", levels={"bs": "native", "sr": "C2"}, not_wished=("sr",), interpreter=True)
    file = pool_file(pool([one], [helped]))
    assert [row["excluded_families"] for row in file.document["mentors"]] == [[]]
    (pair,) = solve(pool_file(pool([one, both], [waits])).document, None)["pairs"]
    assert pair["mentor"] == "bosnian"


@pytest.mark.parametrize(
    ("musts", "topics", "wishes"),
    [
        (None, ["health", "school", "x-token"], ["chess"]),
        (("health",), ["health"], ["chess", "school", "x-token"]),
        (("health", "special"), ["health", "x-token"], ["chess", "school"]),
        ((), [], ["chess", "health", "school", "x-token"]),
    ],
)
def test_topics_that_are_no_musts_become_wishes_before_the_file(
    musts: tuple[str, ...] | None, topics: list[str], wishes: list[str]
) -> None:
    one = family("f", topics=("school", "health"), wishes=("chess",), special=("token",))
    consents = Consents(frozenset({"fam-f"}), frozenset({"fam-f"}))
    file = pool_file(pool([], [one], consents=consents, policies={"p": ProgrammePolicy("p", musts=musts)}))
    (row,) = file.document["families"]
    assert (row["topics"], row["wishes"]) == (topics, wishes)


@pytest.mark.parametrize(
    ("ended", "since"),
    [
        (None, "2025-11-01"),
        (Ended("2026-01-02", "goal_reached"), "2026-01-03"),
        (Ended(DAY, "goal_reached"), DAY),
        (Ended("2026-02-01", "goal_reached"), DAY),
        (Ended("2026-01-02", "mentor_left"), "2025-11-01"),
        (Ended("2025-06-30", "goal_reached"), "2025-11-01"),
    ],
)
def test_a_family_waits_since_its_last_tandem_and_never_since_a_day_to_come(ended: Ended | None, since: str) -> None:
    one: Participation = family("f")
    waiting = waiting_on(one, {} if ended is None else {"f": ended}, ProgrammePolicy("p"), DAY)
    assert waiting.waits_since == since


@pytest.mark.parametrize("seed", range(20))
def test_a_soft_rule_is_passed_by_everybody_and_no_other_rule_changes(seed: int) -> None:
    file = full(random_instance(seed, 6, 8))
    for soft in (*combinations(SOFT, 1), SOFT):
        before, after = passing(file), passing(relaxed(file, soft))
        for number, (was, now) in enumerate(zip(before, after, strict=True)):
            for rule, (old, new) in zip(RULES, zip(was, now, strict=True), strict=True):
                assert new == ((1 << 6) - 1 if rule in soft else old), (number, rule, soft)


def full(file: dict[str, Any]) -> dict[str, Any]:
    """The file with a topic that nobody offers and a place for nobody in a district of its own."""
    odd = {**file["families"][0], "id": "odd", "district": "far", "topics": ["rare"], "gender_wish": "d"}
    return {**file, "families": [*file["families"], odd]}


def passing(file: dict[str, Any]) -> list[tuple[int, ...]]:
    instance = read_instance(file)
    sets, places = MentorSets.of(instance), places_mask(instance.free_places())
    return [sets.passing(family, places) for family in instance.families]


@pytest.mark.parametrize("seed", range(25))
def test_more_if_soft_never_takes_anybody_s_place_and_adds_up_with_a_round_of_the_softer_file(seed: int) -> None:
    file = full(random_instance(seed, 6, 20 if seed % 2 else 8))
    found = dry_run((file, DEFAULT_POLICY), [], {}, solve)
    assert found["matched"] == found["compared"]["round"]["matched"] >= found["compared"]["greedy"]["matched"]
    for rule, more in found["more_if_soft"].items():
        assert min(more.values()) >= 0
        softer = dry_run((file, DEFAULT_POLICY), [rule], {}, solve)
        assert softer["matched"] == found["matched"] + more["matched"]
        assert softer["counts"]["edges"] == found["counts"]["edges"] + more["edges"]
        assert rule not in softer["more_if_soft"]
        assert softer["input_sha256"] == found["input_sha256"], "the pool is the same"
    assert found["input_sha256"] == solve(file, None)["input_sha256"]


def test_a_preview_of_the_same_policy_changes_nothing() -> None:
    file = random_instance(3, 6, 8)
    found = preview((file, DEFAULT_POLICY), (file, DEFAULT_POLICY), solve)
    assert (found["gone"], found["new"]) == ([], [])
    assert found["before"] == found["after"]
    assert found["kept"] == found["before"]["matched"]

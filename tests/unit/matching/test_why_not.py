"""Why a pair is no proposal: the rule it fails, or what it would have cost, against trying every round with it."""

from collections import Counter
from typing import Any

import pytest

from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.known import Module, Programme
from services.matching.domain.policy import Policy, policy_document
from services.matching.domain.rules import RULES
from services.matching.domain.solved import SolvedRound, solved_round
from services.matching.domain.why_not import MentorFacts, Verdict, judge
from tests.unit.matching.build import family, instance, mentor, random_instance
from tests.unit.matching.oracle import edges_of, failing

Row = dict[str, Any]
PROGRAMME = Programme("p", modules=(Module("care", ("health",)), Module("talk", ("school",))))


def solved(data: Row) -> SolvedRound:
    return solved_round(data, solve_instance(data, None, lambda: 0.0), policy_document(Policy()), {})


def verdict(found: SolvedRound, one: str, other: str) -> Verdict:
    return judge(found, PROGRAMME, MentorFacts(), one, other)


def heaviest(found: SolvedRound, data: Row, forced: tuple[str, str] | None = None) -> int:
    """The most that any round weighs, or any round with that pair, by trying all."""
    weights = {pair: found.unit * found.ranks[pair[1]] + fit for pair, fit in edges_of(data).items()}
    taken = Counter(pair[0] for pair in data.get("frozen", []))
    left = {row["id"]: row["capacity"] - taken[row["id"]] for row in data["mentors"]}
    families = sorted({family for _, family in weights})
    worth = 0
    if forced is not None:
        left[forced[0]] -= 1
        families.remove(forced[1])
        worth = weights[forced]

    def go(place: int) -> int:
        if place == len(families):
            return 0
        best = go(place + 1)
        for helper in [one for one, places in left.items() if places > 0]:
            weight = weights.get((helper, families[place]))
            if weight is not None:
                left[helper] -= 1
                best = max(best, weight + go(place + 1))
                left[helper] += 1
        return best

    return worth + go(0)


@pytest.mark.parametrize("block", range(4))
def test_gap_is_what_the_best_round_with_the_pair_reaches_less(block: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(block * 25, block * 25 + 25):
        data = random_instance(seed, mentors=3 + seed % 3, families=4 + seed % 3)
        found = solved(data)
        most = heaviest(found, data)
        for pair in edges_of(data):
            told = verdict(found, *pair)
            seen[told.reason["rule"]] += 1
            if told.proof is None:
                assert told.reason == {"rule": "proposed"}
                continue
            with_pair = heaviest(found, data, pair)
            lost = most - with_pair
            same_ranks = most // found.unit == with_pair // found.unit
            assert told.costs == lost, f"seed {seed}, {pair}"
            assert 0 <= told.proof.gap <= lost
            assert (told.reason["rule"] == "equally-good") == (lost == 0)
            assert told.reason.get("points", lost) == lost
            assert ("points" in told.reason) == (same_ranks and lost > 0)
    assert min(seen["proposed"], seen["better-elsewhere"]) > 5, seen
    assert min(seen["needed-by-longer-waiting"], seen["needed-by-another"]) > 0, seen


def test_proof_is_checked_with_the_rounds_own_prices_by_subtraction() -> None:
    data = instance(
        [mentor("m1"), mentor("m2", languages={"ar": "B1"})], [family("f1"), family("f2")], drafts=[["m1", "f2"]]
    )
    result = solve_instance(data, None, lambda: 0.0)
    told = verdict(solved(data), "m1", "f1")
    assert told.proof is not None
    prices = result["certificate"]["prices"]
    assert told.proof.family_price == prices["families"]["f1"]
    assert told.proof.mentor_price == prices["mentors"]["m1"]
    assert told.proof.weight == told.proof.unit * told.proof.rank + told.proof.fit
    assert told.proof.gap == prices["families"]["f1"] + prices["mentors"]["m1"] - told.proof.weight


@pytest.mark.parametrize("seed", range(30))
def test_first_failed_rule_is_named_for_every_other_pair(seed: int) -> None:
    data = random_instance(seed, mentors=4, families=5)
    found = solved(data)
    for helper in data["mentors"]:
        for asking in data["families"]:
            broken = failing(helper, asking, helper["capacity"])
            if broken:
                assert verdict(found, helper["id"], asking["id"]).reason["rule"] == broken[0]


def test_whoever_waits_is_told_whom_the_place_goes_to_by_the_order_of_aims_and_never_by_name() -> None:
    rows = [family("f1"), family("f2", waiting_since="2025-06-01"), family("f3", urgent=True)]
    urgent = verdict(solved(instance([mentor()], rows)), "m1", "f1")
    assert urgent.reason == {"rule": "needed-by-urgent"}
    longer = verdict(solved(instance([mentor()], rows[:2])), "m1", "f1")
    assert longer.reason == {"rule": "needed-by-longer-waiting"}
    better = [family("f1", slots=["wed-pm"]), family("f4", slots=["wed-pm", "thu-pm"])]
    close = verdict(solved(instance([mentor(slots=["wed-pm", "thu-pm"])], better)), "m1", "f1")
    assert close.reason == {"rule": "better-elsewhere", "points": 25}
    for told in (urgent, longer, close):
        assert not any(row["id"] in str(told) for row in (*rows[1:], better[1]))


def test_one_of_two_equals_is_told_so() -> None:
    found = solved(instance([mentor("m1"), mentor("m2")], [family()]))
    taken = found.chosen["f1"]
    other = {"m1": "m2", "m2": "m1"}[taken]
    assert verdict(found, other, "f1").reason == {"rule": "equally-good"}
    assert verdict(found, taken, "f1").why[0] == {"rule": "language", "language": "ar", "level": "native"}


def test_pairs_that_run_and_families_that_have_somebody_are_answered_too() -> None:
    rows = [mentor("m1"), mentor("m2"), mentor("m3", languages={"uk": "C1"})]
    found = solved(instance(rows, [family()], frozen=[["m1", "f1"]]))
    assert verdict(found, "m1", "f1").reason == {"rule": "together"}
    assert verdict(found, "m2", "f1").reason == {"rule": "accompanied"}
    assert verdict(found, "m3", "f1").reason == {"rule": "language", "needed": "B1", "languages": ["ar"]}


def test_parameters_tell_what_was_needed_and_what_was_there() -> None:
    asking = family(gender_wish="f")
    facts = MentorFacts(modules_missing=("care",), places=2, taken=2)
    cases: list[tuple[Row, Row]] = [
        ({"languages": {"ar": "A2"}}, {"rule": "language", "needed": "B1", "language": "ar", "has": "A2"}),
        ({"topics": ["school"]}, {"rule": "topic", "topics": ["health"]}),
        ({"qualified": []}, {"rule": "qualification", "topics": ["health"], "modules": ["care"]}),
        ({"slots": ["mon-am"]}, {"rule": "availability", "slots": ["wed-pm"]}),
        ({"districts": ["Evershagen"]}, {"rule": "district", "district": "Schmarl"}),
        ({"gender": "m"}, {"rule": "gender", "wished": "f"}),
        ({"gender_wish": "m"}, {"rule": "gender", "wished": "m", "by": "mentor"}),
        ({"capacity": 0}, {"rule": "capacity", "places": 2, "taken": 2}),
    ]
    for changes, expected in cases:
        found = solved(instance([mentor(**changes)], [asking]))
        assert judge(found, PROGRAMME, facts, "m1", "f1").reason == expected
    assert {expected["rule"] for _, expected in cases} | {"consent", "exclusion"} == set(RULES)


def test_special_topic_is_never_named() -> None:
    token = "x-0123456789abcdef0123"
    found = solved(instance([mentor()], [family(topics=["health", token])]))
    assert verdict(found, "m1", "f1").reason == {"rule": "topic", "topics": ["special"]}


def test_file_that_was_reduced_since_proves_nothing() -> None:
    token = "x-0123456789abcdef0123"
    data = instance([mentor()], [family(topics=["health", token])])
    result = solve_instance(data, None, lambda: 0.0)
    assert verdict(solved(data), "m1", "f1").reason["rule"] == "topic"
    reduced = instance([mentor()], [family()])
    found = solved_round(reduced, result, policy_document(Policy()), {})
    assert verdict(found, "m1", "f1").reason == {"rule": "reduced"}
    elsewhere = solved_round(instance([mentor(slots=["sun-am"])], [family()]), result, policy_document(Policy()), {})
    assert verdict(elsewhere, "m1", "f1").reason["rule"] == "availability", "a rule that fails still does"


def test_unavailable_mentor_is_told_by_what_she_lacks() -> None:
    data = instance([], [family()])
    lacks = {"rule": "qualification", "modules": ["care"]}
    result = solve_instance(data, None, lambda: 0.0)
    found = solved_round(data, result, policy_document(Policy()), {"m9": lacks})
    assert verdict(found, "m9", "f1").reason == lacks


def test_search_that_is_given_up_leaves_the_gap_alone() -> None:
    data = instance([mentor()], [family("f1"), family("f2"), family("f3", waiting_since="2025-06-01")])
    found = solved(data)
    told = judge(found, PROGRAMME, MentorFacts(), "m1", "f1", patience=0)
    assert told.costs is None
    assert told.proof is not None
    assert told.reason["rule"] in ("hardly-worse", "needed-by-longer-waiting")

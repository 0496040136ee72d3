"""What a round's report says of who was helped, against small rounds that can be counted by hand."""

from typing import Any

import pytest

from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.baselines import every_edge, first_come, greedy
from services.matching.domain.fairness import fairness_of
from services.matching.domain.instance_check import read_instance
from services.matching.domain.policy import Policy
from services.matching.domain.tiers import family_ranks
from tests.unit.matching.build import family, instance, mentor, random_instance
from tests.unit.matching.oracle import edges_of


def report(data: dict[str, Any], pairs: dict[str, str] | None = None, **sizes: int) -> dict[str, Any]:
    known, policy = read_instance(data), Policy()
    if pairs is None:
        solved = solve_instance(data, None, lambda: 0.0)
        pairs = {pair["family"]: pair["mentor"] for pair in solved["pairs"]}
    return fairness_of(known, policy, every_edge(known, policy), pairs, sizes)


def test_who_has_no_candidate_is_counted_under_the_rule_at_which_the_last_mentor_falls_out() -> None:
    mentors = [mentor("m1"), mentor("m2", districts=["Evershagen"], languages={"fa": "C1"})]
    families = [
        family("f1"),
        family("f2", consent=False),
        family("f3", district="Reutershagen"),
        family("f4", languages={"fa": "native"}),
        family("f5", topics=["law"]),
    ]
    found = report(instance(mentors, families))
    assert found["without_candidate"] == {"consent": 1, "topic": 1, "district": 2}
    assert (found["families"], found["matchable"], found["matched"]) == (5, 1, 1)


def test_days_of_waiting_are_those_of_who_is_left() -> None:
    days = ["2026-01-14", "2026-01-10", "2026-01-05", "2025-12-16"]
    families = [family(f"f{number}", waiting_since=day) for number, day in enumerate(days)]
    found = report(instance([mentor()], [*families, family("f9", topics=["law"], waiting_since="2025-01-15")]))
    assert found["waiting_days_matchable"] == {"p50": 5, "p95": 10, "max": 10}
    assert found["waiting_days"] == {"p50": 5, "p95": 365, "max": 365}


def test_nobody_left_has_no_days() -> None:
    assert report(instance([mentor()], [family()]))["waiting_days"] == {}


@pytest.mark.parametrize(("earlier", "violations"), [("2025-11-01", 1), ("2026-01-02", 0)])
def test_somebody_passed_over_is_a_violation_from_one_band_on(earlier: str, violations: int) -> None:
    data = instance([mentor()], [family("f1", waiting_since=earlier), family("f2", waiting_since="2026-01-02")])
    assert report(data, {"f2": "m1"})["order_violations"] == violations


def test_urgency_before_waiting_is_no_violation() -> None:
    data = instance([mentor()], [family("f1", waiting_since="2025-11-01"), family("f2", urgent=True)])
    assert report(data, {"f2": "m1"})["order_violations"] == 0


def test_rates_are_of_those_who_could_be_matched_and_count_a_family_in_each_language() -> None:
    families = [
        family("f1", languages={"ar": "native", "fa": "B2"}),
        family("f2", waiting_since="2026-01-02"),
        family("f3", topics=["law"], languages={"fa": "native"}),
    ]
    rates = report(instance([mentor()], families), f1=6, f2=2)["rates"]
    assert rates["language"]["groups"] == [
        {"value": "ar", "families": 2, "matchable": 2, "matched": 1, "rate": 5_000},
        {"value": "fa", "families": 2, "matchable": 1, "matched": 1, "rate": 10_000},
    ]
    assert [row["value"] for row in rates["size"]["groups"]] == ["1-2", "5+", "unknown"]
    assert rates["language"]["least_over_most"] is None, "groups this small say nothing"


def test_least_served_group_is_set_against_the_best_served() -> None:
    mentors = [mentor(capacity=5), mentor("m2", languages={"fa": "native"}, capacity=2)]
    families = [family(f"a{number}") for number in range(5)]
    families += [family(f"p{number}", languages={"fa": "native"}) for number in range(5)]
    assert report(instance(mentors, families))["rates"]["language"]["least_over_most"] == 4_000


def test_load_counts_idle_and_full_mentors() -> None:
    mentors = [mentor("m1"), mentor("m2", capacity=2), mentor("m3", topics=[]), mentor("m4", capacity=0)]
    data = instance(mentors, [family("f1"), family("f2")], frozen=[["m2", "f1"]])
    load = report(data, {"f2": "m1"})["load"]
    assert load == {"mentors": 3, "idle": 1, "full": 1, "gini": 4_444}


def test_optimum_is_compared_with_greedy_and_first_come() -> None:
    # m1 fits both, better f1; m2 only f1. Greedy gives m1 to f1 and leaves f2, as does whoever comes first.
    mentors = [mentor("m1", slots=["wed-pm", "mon-am"]), mentor("m2", languages={"ar": "B1"})]
    families = [
        family("f1", slots=["wed-pm", "mon-am"], waiting_since="2026-01-01"),
        family("f2", slots=["mon-am"], waiting_since="2026-01-01"),
    ]
    found = report(instance(mentors, families))["compared"]
    assert {name: way["matched"] for name, way in found.items()} == {"round": 2, "greedy": 1, "first_come": 1}


@pytest.mark.parametrize("seed", range(120))
def test_rounds_never_pass_anybody_over_and_never_help_fewer(seed: int) -> None:
    data = random_instance(seed, mentors=6, families=18)
    found = report(data)
    compared = found["compared"]
    assert found["order_violations"] == 0
    assert compared["round"]["matched"] == found["matched"] >= max(way["matched"] for way in compared.values())
    assert compared["round"]["urgent"] == max(way["urgent"] for way in compared.values())
    assert sum(found["without_candidate"].values()) == found["families"] - found["matchable"]


@pytest.mark.parametrize("seed", range(60))
def test_greedy_leaves_no_pair_that_would_rather_be_together(seed: int) -> None:
    data = random_instance(seed, mentors=6, families=18)
    known, policy = read_instance(data), Policy()
    edges, families = every_edge(known, policy), known.open_families()
    named = {(known.mentors[m].id, families[f].id): fit for m, f, fit in edges}
    assert named == edges_of(data)
    ranks = family_ranks(known, policy)
    chosen = greedy(edges, [ranks[one.id] for one in families], known.free_places())
    pairs = {families[place].id: known.mentors[number].id for place, (number, _) in chosen.items()}
    assert fairness_of(known, policy, edges, pairs, {})["blocking_pairs"] == 0


def test_first_come_is_blind_to_urgency() -> None:
    data = instance([mentor()], [family("f1"), family("f2", urgent=True, waiting_since="2026-01-02")])
    known = read_instance(data)
    edges = every_edge(known, Policy())
    assert list(first_come(edges, [one.waiting_since for one in known.families], known.free_places())) == [0]

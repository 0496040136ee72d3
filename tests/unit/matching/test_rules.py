"""Each hard rule alone, their order in explanations, frozen pairs, drafts and the points of fit."""

import json
from typing import Any

import pytest

from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.instance import instance_document
from services.matching.domain.instance_check import read_instance
from services.matching.domain.rules import RULES
from tests.unit.matching.build import family, instance, mentor

Row = dict[str, Any]


def solved(mentors: list[Row], families: list[Row], **more: Any) -> Row:
    return solve_instance(instance(mentors, families, **more), None, lambda: 0.0)


def pairs(result: Row) -> list[tuple[str, str]]:
    return [(pair["mentor"], pair["family"]) for pair in result["pairs"]]


# One entry per rule: what to change in the right pair so that exactly this rule fails.
BROKEN: dict[str, tuple[Row, Row]] = {
    "consent": ({}, {"consent": False}),
    "exclusion": ({"excluded_families": ["f1"]}, {}),
    "language": ({"languages": {"ar": "A2"}}, {}),
    "topic": ({"topics": ["school"]}, {}),
    "qualification": ({"qualified": []}, {}),
    "availability": ({}, {"slots": ["wed-am", "thu-pm"]}),
    "district": ({}, {"district": "Lütten Klein"}),
    "gender": ({"gender": "m"}, {"gender_wish": "f"}),
    "capacity": ({"capacity": 0}, {}),
}


def test_right_pair_is_proposed_with_its_reasons() -> None:
    result = solved([mentor()], [family(gender_wish="f", urgent=True)])
    assert pairs(result) == [("m1", "f1")]
    assert result["waiting"] == []
    assert result["pairs"][0]["why"] == [
        {"rule": "language", "language": "ar", "level": "native"},
        {"rule": "qualification", "topics": ["health"]},
        {"rule": "availability", "slots": ["wed-pm"]},
        {"rule": "district", "district": "Schmarl"},
        {"rule": "gender", "gender": "f"},
        {"rule": "urgent"},
        {"rule": "waiting", "days": 14, "band": 2},
    ]


def test_points_are_whole_numbers_also_where_a_share_is_none() -> None:
    asking = family(wishes=["health", "school", "work"])
    result = solve_instance(instance([mentor()], [asking]), {"version": "v", "weights": {"topics": 100}}, lambda: 0.0)
    assert json.dumps(result["pairs"][0]["fit"]["topics"]) == "33"


@pytest.mark.parametrize(
    ("wish", "gender", "fits"), [(None, None, True), ("f", "f", True), ("f", "m", False), ("f", None, False)]
)
def test_mentor_s_wish_counts_and_who_did_not_say_fulfils_none(
    wish: str | None, gender: str | None, fits: bool
) -> None:
    helper = mentor(**({"gender_wish": wish} if wish else {}))
    asking = family(**({"gender": gender} if gender else {}))
    result = solved([helper], [asking])
    assert pairs(result) == ([("m1", "f1")] if fits else [])
    if fits and wish:
        assert {"rule": "gender", "gender_by_mentor": wish} in result["pairs"][0]["why"]
    if not fits:
        assert result["waiting"][0]["first_failed"] == {"gender": 1}


@pytest.mark.parametrize(
    ("helper", "asks", "fits"),
    [
        ({"gender_wish": "x"}, {"gender": "x"}, True),
        ({"gender_wish": "m", "gender": "f"}, {"gender_wish": "f", "gender": "m"}, True),
        ({"gender_wish": "m", "gender": "m"}, {"gender_wish": "f", "gender": "m"}, False),
        ({"gender_wish": "m", "gender": "f"}, {"gender_wish": "f", "gender": "f"}, False),
    ],
)
def test_both_wishes_must_be_met_and_reasons_tell_both(helper: Row, asks: Row, fits: bool) -> None:
    result = solved([mentor(**helper), mentor("m2", slots=[])], [family(**asks)])
    assert pairs(result) == ([("m1", "f1")] if fits else [])
    if fits and "gender_wish" in asks:
        assert {"rule": "gender", "gender": "f", "gender_by_mentor": "m"} in result["pairs"][0]["why"]
    if not fits:
        assert result["waiting"][0]["first_failed"] == {"availability": 1, "gender": 1}


def test_file_without_the_newer_keys_has_the_hash_that_it_always_had() -> None:
    assert "gender_wish" not in json.dumps(instance_document(read_instance(instance([mentor()], [family()]))))


@pytest.mark.parametrize("rule", RULES)
def test_one_broken_rule_keeps_a_pair_apart_and_is_named(rule: str) -> None:
    changed_mentor, changed_family = BROKEN[rule]
    result = solved([mentor(**changed_mentor)], [family(**changed_family)])
    assert result["pairs"] == []
    assert result["waiting"] == [
        {"family": "f1", "first_failed": {rule: 1}, "would_help": [{"rule": rule, "mentors": 1}]}
    ]


def test_broken_covers_every_rule_in_the_fixed_order() -> None:
    assert list(BROKEN) == list(RULES)


@pytest.mark.parametrize("later", range(1, len(RULES)))
def test_the_earlier_of_two_broken_rules_is_counted_and_no_single_change_helps(later: int) -> None:
    first, second = RULES[later - 1], RULES[later]
    changes = [{**BROKEN[first][side], **BROKEN[second][side]} for side in (0, 1)]
    waiting = solved([mentor(**changes[0])], [family(**changes[1])])["waiting"]
    assert waiting == [{"family": "f1", "first_failed": {first: 1}, "would_help": []}]


def test_family_excludes_a_mentor_as_well_as_the_other_way_round() -> None:
    result = solved([mentor()], [family(excluded_mentors=["m1", "gone"])])
    assert result["waiting"][0]["first_failed"] == {"exclusion": 1}


@pytest.mark.parametrize(("theirs", "matched"), [("A1", 0), ("A2", 0), ("B1", 1), ("C2", 1), ("native", 1)])
def test_language_needs_b1_on_both_sides(theirs: str, matched: int) -> None:
    assert len(solved([mentor(languages={"ar": theirs})], [family()])["pairs"]) == matched
    assert len(solved([mentor()], [family(languages={"ar": theirs})])["pairs"]) == matched


def test_a_language_that_is_not_wished_does_not_count() -> None:
    both = {"ar": "native", "de": "B1"}
    result = solved([mentor()], [family(languages=both, not_wished=["ar"])])
    assert result["pairs"][0]["why"][0] == {"rule": "language", "language": "de", "level": "B1"}
    assert solved([mentor()], [family(languages=both, not_wished=["ar", "de"])])["pairs"] == []


@pytest.mark.parametrize(("theirs", "asked"), [("kmr", "ckb"), ("fa", "fa-AF"), ("fa-AF", "fa"), ("ru", "uk")])
def test_languages_that_are_near_are_not_one(theirs: str, asked: str) -> None:
    result = solved([mentor(languages={theirs: "native"})], [family(languages={asked: "native"})])
    assert (result["pairs"], result["waiting"][0]["first_failed"]) == ([], {"language": 1})
    assert pairs(solved([mentor(languages={asked: "B1"})], [family(languages={asked: "native"})])) == [("m1", "f1")]


@pytest.mark.parametrize("languages", [{}, {"pl": "native"}, {"ar": "A1"}])
def test_interpreter_admits_a_mentor_without_a_common_language(languages: Row) -> None:
    result = solved([mentor(languages=languages)], [family(interpreter=True)])
    assert pairs(result) == [("m1", "f1")]
    assert result["pairs"][0]["fit"]["language"] == 0
    assert result["pairs"][0]["why"][0] == {"rule": "language", "interpreter": True}


def test_every_topic_of_the_family_must_be_offered_and_qualified() -> None:
    asks = family(topics=["health", "school"])
    assert solved([mentor(topics=["health", "school"])], [asks])["waiting"][0]["first_failed"] == {"qualification": 1}
    assert solved([mentor(qualified=["health", "school"])], [asks])["waiting"][0]["first_failed"] == {"topic": 1}
    able = mentor(topics=["school", "health"], qualified=["school", "health"])
    assert pairs(solved([able], [asks])) == [("m1", "f1")]


def test_capacity_counts_places_taken_in_this_round() -> None:
    families = [family(f"f{number}") for number in range(4)]
    result = solved([mentor(capacity=3)], families)
    assert len(result["pairs"]) == 3
    assert result["waiting"][0]["first_failed"] == {"capacity": 1}


def test_first_failed_adds_up_to_all_mentors_and_help_is_ordered() -> None:
    mentors = [
        mentor("m1", gender="m"),
        mentor("m2", gender="m"),
        mentor("m3", qualified=[]),
        mentor("m4", slots=[], districts=[]),
    ]
    waiting = solved(mentors, [family(gender_wish="f")])["waiting"][0]
    assert waiting["first_failed"] == {"qualification": 1, "availability": 1, "gender": 2}
    assert waiting["would_help"] == [{"rule": "gender", "mentors": 2}, {"rule": "qualification", "mentors": 1}]


def test_frozen_pair_uses_a_place_and_is_not_repeated_though_it_breaks_rules() -> None:
    strangers = family("f1", consent=False, district="elsewhere")
    result = solved([mentor(capacity=2)], [strangers, family("f2"), family("f3")], frozen=[["m1", "f1"]])
    assert len(result["pairs"]) == 1
    assert [one["family"] for one in result["waiting"]] != ["f1"]
    assert "f1" not in result["certificate"]["prices"]["families"]
    assert result["objective"]["matched"] == 1
    assert result["waiting"][0]["first_failed"] == {"capacity": 1}


def test_draft_is_kept_among_equals_and_against_a_little_fit_but_costs_no_family() -> None:
    better = mentor("m1", slots=["wed-pm", "wed-am"])
    asks = family(slots=["wed-pm", "wed-am"])
    assert pairs(solved([better, mentor("m2")], [asks])) == [("m1", "f1")]
    assert pairs(solved([better, mentor("m2")], [asks], drafts=[["m2", "f1"]])) == [("m2", "f1")]
    only_m2 = family("f2", excluded_mentors=["m1"])
    moved = solved([better, mentor("m2")], [asks, only_m2], drafts=[["m2", "f1"]])
    assert pairs(moved) == [("m1", "f1"), ("m2", "f2")]


def test_drafts_of_people_who_left_or_no_longer_fit_are_ignored() -> None:
    drafts = [["gone", "f1"], ["m1", "gone"], ["m2", "f1"]]
    result = solved([mentor(), mentor("m2", gender="m")], [family(gender_wish="f")], drafts=drafts)
    assert pairs(result) == [("m1", "f1")]
    assert result["pairs"][0]["fit"]["continuity"] == 0


def test_urgent_comes_before_waiting_and_number_before_fit() -> None:
    waits_long = family("f1", waiting_since="2024-01-01")
    result = solved([mentor()], [waits_long, family("f2", urgent=True)])
    assert pairs(result) == [("m1", "f2")]
    assert result["objective"]["wait_bands"] == [[106, 0], [2, 1]]
    assert pairs(solved([mentor()], [waits_long, family("f2")])) == [("m1", "f1")]


def test_fit_decides_within_a_band_of_seven_days_only() -> None:
    weaker = family("f1", waiting_since="2026-01-01", languages={"ar": "B1"})
    stronger = family("f2", waiting_since="2025-12-26")
    assert solved([mentor()], [weaker, stronger])["objective"]["wait_bands"] == [[2, 1]]
    for since, expected in (("2025-12-26", "f2"), ("2025-12-25", "f1")):
        rows = [family("f1", waiting_since=since, languages={"ar": "B1"}), family("f2")]
        assert pairs(solved([mentor()], rows)) == [("m1", expected)]


def test_special_topics_are_never_named_in_a_reason() -> None:
    topics = ["x-3f9a", "x-77b0", "health"]
    result = solved([mentor(topics=topics, qualified=topics)], [family(topics=topics, wishes=["x-3f9a"])])
    assert "x-" not in str(result)
    assert {"rule": "qualification", "topics": ["health", "special"]} in result["pairs"][0]["why"]
    assert {"rule": "wishes", "topics": ["special"]} in result["pairs"][0]["why"]


def test_fit_has_whole_points_by_reason() -> None:
    helper = mentor(
        languages={"ar": "C1", "de": "B1"},
        topics=["health", "a", "b"],
        qualified=["health", "a"],
        slots=["mon-am", "mon-pm", "tue-eve", "wed-pm", "sun-noon"],
    )
    asks = family(wishes=["a", "b", "c"], slots=["mon-am", "mon-pm", "wed-pm"])
    fit = solved([helper], [asks], drafts=[["m1", "f1"]])["pairs"][0]["fit"]
    assert fit == {"language": 180, "distance": 200, "topics": 60, "time": 75, "continuity": 100, "total": 615}


def test_empty_pools_have_an_answer() -> None:
    assert solved([], [])["objective"] == {"urgent": 0, "matched": 0, "wait_bands": [], "fit": 0}
    lonely = solved([], [family()])
    assert lonely["waiting"] == [{"family": "f1", "first_failed": {}, "would_help": []}]
    assert solved([mentor()], [])["certificate"]["prices"] == {"mentors": {"m1": 0}, "families": {}}


def test_a_capacity_beyond_every_machine_word_is_only_many_places() -> None:
    result = solved([mentor(capacity=1 << 80)], [family("f1"), family("f2")], frozen=[["m1", "f2"]])
    assert pairs(result) == [("m1", "f1")]

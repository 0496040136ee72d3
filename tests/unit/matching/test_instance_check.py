"""What a matching file and a policy must look like: every refusal with its pointer, and what is let through."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.matching.domain.instance import input_sha256, instance_document
from services.matching.domain.instance_check import family_findings, mentor_findings, read_instance
from services.matching.domain.policy import Policy, Weights, policy_document, policy_schema, read_policy
from services.matching.domain.shapes import parse_json
from shared.kernel.errors import Refused
from tests.unit.matching.build import DATE, family, instance, mentor

Row = dict[str, Any]


def faults(data: object) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        read_instance(data)
    assert all(finding.expected for finding in refused.value.findings), "every error says what would be right"
    return [(finding.pointer, finding.code) for finding in refused.value.findings]


def without(row: Row, key: str) -> Row:
    return {name: value for name, value in row.items() if name != key}


@pytest.mark.parametrize("data", [None, [], "x", 7, True])
def test_a_file_is_an_object(data: object) -> None:
    assert faults(data) == [("", "wrong-type")]


@pytest.mark.parametrize("key", ["city", "date", "mentors", "families"])
def test_a_file_needs_its_parts(key: str) -> None:
    assert faults(without(instance([], []), key)) == [(f"/{key}", "missing")]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("city", None, "wrong-type"),
        ("city", "", "wrong-value"),
        ("date", 20260115, "wrong-type"),
        ("date", "2026-02-30", "wrong-value"),
        ("date", "20260115", "wrong-value"),
        ("date", "2026-01-15\n", "wrong-value"),
        ("mentors", {}, "wrong-type"),
        ("families", None, "wrong-type"),
        ("frozen", None, "wrong-type"),
        ("drafts", "", "wrong-type"),
    ],
)
def test_top_level_values_are_checked(key: str, value: object, code: str) -> None:
    assert faults({**instance([], []), key: value}) == [(f"/{key}", code)]


@pytest.mark.parametrize("key", list(mentor()))
def test_a_mentor_needs_each_key_and_none_may_be_null(key: str) -> None:
    assert faults(instance([without(mentor(), key)], [])) == [(f"/mentors/0/{key}", "missing")]
    assert faults(instance([{**mentor(), key: None}], [])) == [(f"/mentors/0/{key}", "wrong-type")]


@pytest.mark.parametrize("key", list(family()))
def test_a_family_needs_each_key_and_none_may_be_null(key: str) -> None:
    assert faults(instance([], [without(family(), key)])) == [(f"/families/0/{key}", "missing")]
    assert faults(instance([], [{**family(), key: None}])) == [(f"/families/0/{key}", "wrong-type")]


@pytest.mark.parametrize(
    ("changes", "where", "code"),
    [
        ({"capacity": -1}, "capacity", "wrong-value"),
        ({"capacity": 2.0}, "capacity", "wrong-type"),
        ({"capacity": True}, "capacity", "wrong-type"),
        ({"capacity": "2"}, "capacity", "wrong-type"),
        ({"gender": ""}, "gender", "wrong-value"),
        ({"gender_wish": None}, "gender_wish", "wrong-type"),
        ({"gender_wish": ""}, "gender_wish", "wrong-value"),
        ({"slots": ["wed-pm", "wed-night"]}, "slots/1", "unknown-slot"),
        ({"slots": "wed-pm"}, "slots", "wrong-type"),
        ({"topics": ["health", 3]}, "topics/1", "wrong-type"),
        ({"districts": [None]}, "districts/0", "wrong-type"),
        ({"languages": []}, "languages", "wrong-type"),
        ({"languages": {"ar": "B3"}}, "languages/ar", "unknown-level"),
        ({"languages": {"ar": "b1"}}, "languages/ar", "unknown-level"),
        ({"languages": {"a/b~c": None}}, "languages/a~1b~0c", "wrong-type"),
        ({"languages": {"": "B1"}}, "languages/", "wrong-value"),
        ({"excluded_families": None}, "excluded_families", "wrong-type"),
        ({"excluded_families": [""]}, "excluded_families/0", "wrong-value"),
        ({"name": "somebody"}, "name", "unknown-key"),
        ({"x/y~z": 1}, "x~1y~0z", "unknown-key"),
        ({"k" * 50: 1}, "k" * 40, "unknown-key"),
        ({"topics": ["\ud800"]}, "topics/0", "wrong-value"),
    ],
)
def test_wrong_values_of_a_mentor_are_named(changes: Row, where: str, code: str) -> None:
    assert faults(instance([mentor("m0"), {**mentor(), **changes}], [])) == [(f"/mentors/1/{where}", code)]
    assert [(one.pointer, one.code) for one in mentor_findings({**mentor(), **changes})] == [(f"/{where}", code)]


@pytest.mark.parametrize(
    ("changes", "where", "code"),
    [
        ({"urgent": 1}, "urgent", "wrong-type"),
        ({"urgent": None}, "urgent", "wrong-type"),
        ({"interpreter": "no"}, "interpreter", "wrong-type"),
        ({"gender_wish": None}, "gender_wish", "wrong-type"),
        ({"gender": None}, "gender", "wrong-type"),
        ({"gender": ""}, "gender", "wrong-value"),
        ({"wishes": None}, "wishes", "wrong-type"),
        ({"not_wished": [1]}, "not_wished/0", "wrong-type"),
        ({"excluded_mentors": "m1"}, "excluded_mentors", "wrong-type"),
        ({"waiting_since": "2026-01-16"}, "waiting_since", "after-date"),
        ({"waiting_since": "yesterday"}, "waiting_since", "wrong-value"),
        ({"district": ["Schmarl"]}, "district", "wrong-type"),
        ({"capacity": 1}, "capacity", "unknown-key"),
    ],
)
def test_wrong_values_of_a_family_are_named(changes: Row, where: str, code: str) -> None:
    assert faults(instance([], [{**family(), **changes}])) == [(f"/families/0/{where}", code)]
    assert [(one.pointer, one.code) for one in family_findings({**family(), **changes}, DATE)] == [(f"/{where}", code)]


def test_waiting_may_begin_on_the_day_of_the_round() -> None:
    assert read_instance(instance([], [family(waiting_since=DATE)])).families[0].waiting_since == DATE


def test_ids_are_unique_within_each_list_only() -> None:
    assert faults(instance([mentor(), mentor()], [])) == [("/mentors/1/id", "double-id")]
    assert faults(instance([], [family(), family("f2"), family()])) == [("/families/2/id", "double-id")]
    assert read_instance(instance([mentor("same")], [family("same")])).families[0].id == "same"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([["m1"]], [("/frozen/0", "wrong-type")]),
        ([["m1", "f1", "f2"]], [("/frozen/0", "wrong-type")]),
        ([{"mentor": "m1"}], [("/frozen/0", "wrong-type")]),
        ([["m1", None]], [("/frozen/0/1", "wrong-type")]),
        ([["m1", "f1"], ["m1", "f1"]], [("/frozen/1", "double-pair")]),
        ([["m9", "f1"]], [("/frozen/0/0", "unknown-id")]),
        ([["m1", "f9"]], [("/frozen/0/1", "unknown-id")]),
        ([["f1", "m1"]], [("/frozen/0/0", "unknown-id"), ("/frozen/0/1", "unknown-id")]),
        ([["m1", "f1"], ["m1", "f2"]], [("/frozen/1", "above-capacity")]),
    ],
)
def test_frozen_pairs_are_known_single_and_within_capacity(pairs: list[Any], expected: list[tuple[str, str]]) -> None:
    assert faults(instance([mentor()], [family(), family("f2")], frozen=pairs)) == expected


def test_drafts_may_name_strangers_but_not_twice_or_badly_written() -> None:
    rows: Any = [mentor()], [family()]
    assert read_instance(instance(*rows, drafts=[["m9", "f1"], ["m1", "f9"]])).city == "rostock"
    assert faults(instance(*rows, drafts=[["m9", "f1"], ["m9", "f1"]])) == [("/drafts/1", "double-pair")]
    assert faults(instance(*rows, drafts=[["m9", 1]])) == [("/drafts/0/1", "wrong-type")]


def test_all_faults_are_named_at_once_and_none_brings_a_second_one() -> None:
    data: Row = instance(
        [mentor(gender=None, capacity=1)],
        [family(waiting_since="2027-01-01", urgent=None)],
        frozen=[["m1", "f1"], ["m1", "f2"]],
    )
    data["families"].append(5)
    assert sorted(faults(data)) == [
        ("/families/0/urgent", "wrong-type"),
        ("/families/0/waiting_since", "after-date"),
        ("/families/1", "wrong-type"),
        ("/frozen/1", "above-capacity"),
        ("/frozen/1/1", "unknown-id"),
        ("/mentors/0/gender", "wrong-type"),
    ]


def test_double_keys_of_json_are_refused_and_not_silently_dropped() -> None:
    text = '{"city": "a", "city": "b", "mentors": [], "families": [{"languages": {"ar": "B1", "ar": "B2"}}]}'
    found = faults(parse_json(text))
    assert ("/city", "double-key") in found
    assert ("/families/0/languages/ar", "double-key") in found


@pytest.mark.parametrize("text", ["", "{", '{"a": NaN}', '{"a": Infinity}', "[" * 100_000, "1" * 5000, "{'a': 1}"])
def test_broken_json_is_one_fault(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_json(text)
    assert [(one.pointer, one.code) for one in refused.value.findings] == [("", "not-json")]


def test_hash_knows_content_and_not_order_or_what_was_left_out() -> None:
    plain = read_instance(instance([mentor("a"), mentor("b")], [family()]))
    written = instance([mentor("b", excluded_families=[]), mentor("a")], [family(urgent=False, wishes=[])], frozen=[])
    assert input_sha256(read_instance(written)) == input_sha256(plain)
    assert input_sha256(read_instance(instance([mentor("a")], [family()]))) != input_sha256(plain)
    again = read_instance(instance_document(plain))
    assert again == plain


def test_hash_of_a_file_of_earlier_days_stays_so_that_stored_rounds_can_be_solved_again() -> None:
    earlier = json.loads(Path(__file__).with_name("example_instance.json").read_text())
    known = "2ed75b32ff5ddfcc5026b4aa98b746d08c1f4fd34d44bc3995705cc624fef6ed"
    assert input_sha256(read_instance(earlier)) == known


def test_genders_told_are_in_the_canonical_file_and_in_its_hash() -> None:
    silent = read_instance(instance([mentor()], [family()]))
    told = read_instance(instance([mentor(gender_wish="f")], [family(gender="f")]))
    assert (told.mentors[0].gender_wish, told.families[0].gender) == ("f", "f")
    assert read_instance(instance_document(told)) == told
    assert input_sha256(told) != input_sha256(silent)


def test_policy_has_defaults_and_refuses_with_pointers() -> None:
    assert read_policy(policy_document(Policy())) == Policy()
    assert read_policy({"version": "2", "weights": {"time": 0}}) == Policy("2", 7, Weights(time=0))
    bad = {"weights": {"time": -1, "speed": 1, "topics": 1.5}, "wait_band_days": 0, "more": 1}
    with pytest.raises(Refused) as refused:
        read_policy(bad)
    assert sorted((one.pointer, one.code) for one in refused.value.findings) == [
        ("/more", "unknown-key"),
        ("/version", "missing"),
        ("/wait_band_days", "wrong-value"),
        ("/weights/speed", "unknown-key"),
        ("/weights/time", "wrong-value"),
        ("/weights/topics", "wrong-type"),
    ]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, policy_schema())


def test_policy_schema_is_valid_and_carries_a_valid_default() -> None:
    jsonschema.Draft202012Validator.check_schema(policy_schema())
    jsonschema.validate(policy_schema()["default"], policy_schema())
    assert policy_schema()["default"] == policy_document(Policy())

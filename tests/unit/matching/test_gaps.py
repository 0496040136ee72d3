"""What a round shows to be missing, against counting by hand."""

from typing import Any

import pytest

from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.gaps import Gaps, LanguageGap, Recruiting, Training, gaps_of
from services.matching.domain.gaps_shown import without_small
from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Engagement, Module, Programme
from services.matching.domain.policy import Policy, policy_document
from services.matching.domain.solved import solved_round
from services.matching.domain.suppress import hidden_if_small
from tests.unit.matching.build import family, instance, mentor, random_instance
from tests.unit.matching.oracle import ORDER

Row = dict[str, Any]
PROGRAMME = Programme("p", modules=(Module("care", ("health",)), Module("talk", ("school", "health"))))


def gaps(data: Row, outside: dict[str, tuple[Row, Row]] | None = None) -> Gaps:
    """``outside``: for each mentor that may take nobody the reason, and her row as if she could."""
    others = outside or {}
    reasons = {key: reason for key, (reason, _) in others.items()}
    found = solved_round(data, solve_instance(data, None, lambda: 0.0), policy_document(Policy()), reasons)
    mentors = read_instance({**data, "mentors": [row for _, row in others.values()], "families": []}).mentors
    engagements = [
        Engagement(
            id=one.id,
            programme="p",
            person="x",
            stage="active",
            levels=one.languages,
            reach=tuple(one.districts),
            modules_missing=tuple(reasons[one.id].get("modules", ())),
        )
        for one in mentors
    ]
    return gaps_of(found, lambda _: PROGRAMME, list(zip(engagements, mentors, strict=True)))


def persian(identity: str, **changes: Any) -> Row:
    return family(identity, languages={"fa": "native", "de": "A2"}, district="Lichtenhagen", **changes)


def test_family_without_a_mentor_of_its_language_raises_the_gap_by_exactly_one() -> None:
    before = gaps(instance([mentor()], [family()]))
    assert before.language == ()
    after = gaps(instance([mentor()], [family(), persian("f2")]))
    assert after.language == (LanguageGap("fa", "Lichtenhagen", 1, (("health", 1),), 0, 0),)
    assert gaps(instance([mentor()], [persian("f2"), persian("f3", topics=["school"])])).language == (
        LanguageGap("fa", "Lichtenhagen", 2, (("health", 1), ("school", 1)), 0, 0),
    )


def test_persian_at_less_than_needed_or_elsewhere_or_without_a_place_leaves_the_gap() -> None:
    weak = mentor("m1", languages={"fa": "A2"}, districts=["Lichtenhagen"])
    elsewhere = mentor("m2", languages={"fa": "native"}, districts=["Schmarl"])
    full = mentor("m3", languages={"fa": "native"}, districts=["Lichtenhagen"], capacity=1)
    rows = [weak, elsewhere, full]
    (gap,) = gaps(instance(rows, [persian("f1"), persian("f2")])).language
    assert (gap.families, gap.full) == (1, 1), "one of the two got the only place"
    paused = {"m9": ({"rule": "paused"}, mentor("m9", languages={"fa": "B1"}, districts=["Lichtenhagen"]))}
    (gap,) = gaps(instance([weak, elsewhere], [persian("f1")]), paused).language
    assert (gap.families, gap.full, gap.unavailable) == (1, 0, 1)


def test_family_left_for_another_reason_is_no_language_gap() -> None:
    able = mentor(languages={"fa": "native"}, districts=["Lichtenhagen"], slots=["sun-eve"], capacity=3)
    rows = [
        persian("f1"),
        persian("f2", topics=["school"]),
        family("f3", consent=False, languages={"ti": "native"}),
        family("f4", languages={"ti": "native"}, interpreter=True),
    ]
    found = gaps(instance([able], rows))
    assert found.language == ()
    assert (found.families, found.without_language) == (3, 0)


def test_special_topic_of_a_gap_is_not_named() -> None:
    (gap,) = gaps(instance([], [persian("f1", topics=["health", "x-0123456789abcdef"])])).language
    assert gap.topics == (("health", 1), ("special", 1))


@pytest.mark.parametrize("seed", range(25))
def test_gap_counts_each_family_once_for_each_language_that_helps(seed: int) -> None:
    data = random_instance(seed, mentors=4, families=8)
    result = solve_instance(data, None, lambda: 0.0)
    left = {row["id"]: row["capacity"] for row in data["mentors"]}
    for pair in result["pairs"]:
        left[pair["mentor"]] -= 1
    waiting = {one["family"] for one in result["waiting"]}
    expected: dict[tuple[str, str], int] = {}
    for row in data["families"]:
        good = [tag for tag, level in row["languages"].items() if ORDER.index(level) >= 2] or list(row["languages"])
        reached = [
            one["id"]
            for one in data["mentors"]
            if left[one["id"]] > 0
            and row["district"] in one["districts"]
            and any(ORDER.index(one["languages"].get(tag, "A1")) >= 2 for tag in good)
        ]
        if row["id"] in waiting and row["consent"] and not row["interpreter"] and not reached:
            for tag in good:
                expected[tag, row["district"]] = expected.get((tag, row["district"]), 0) + 1
    found = gaps(data)
    assert {(gap.language, gap.district): gap.families for gap in found.language} == expected


def test_module_that_opens_waiting_families_is_told_with_how_many_mentors_would_need_it() -> None:
    mentors = [mentor(f"m{number}", qualified=[], capacity=2) for number in range(3)]
    families = [family(f"f{number}") for number in range(5)]
    (row,) = gaps(instance(mentors, families)).training
    assert row == Training(("care",), "ar", mentors=3, families=5)
    both = gaps(instance([mentor(topics=["health", "school"], qualified=[])], [family(topics=["health", "school"])]))
    assert both.training == (Training(("talk",), "ar", 1, 1),), "one module that teaches all comes before two"


def test_trainee_is_told_by_the_modules_that_she_lacks_and_other_trainees_apart() -> None:
    as_if = {"qualified": ["health", "school"]}
    outside: dict[str, tuple[Row, Row]] = {
        "t1": ({"rule": "qualification", "modules": ["care"]}, mentor("t1", **as_if)),
        "t2": ({"rule": "qualification", "modules": ["care"]}, mentor("t2", languages={"uk": "C1"}, **as_if)),
        "t3": ({"rule": "qualification", "modules": ["care", "talk"]}, mentor("t3", **as_if)),
        "t4": ({"rule": "clearance"}, mentor("t4", **as_if)),
    }
    found = gaps(instance([], [family("f1"), family("f2", slots=["sun-am"])]), outside)
    assert found.training == (Training(("care",), "ar", 1, 1), Training(("care", "talk"), "ar", 1, 1))


def test_mentors_are_to_be_won_where_they_help_most_one_after_the_other() -> None:
    busy = [mentor(languages={"uk": "C1"}, districts=["Evershagen"], capacity=2)]
    waiting = [persian(f"f{number}") for number in range(3)] + [family("f7"), family("f8")]
    found = gaps(instance(busy, waiting)).recruiting
    assert found == (
        Recruiting("fa", "Lichtenhagen", ("health",), families=2, waiting=3),
        Recruiting("ar", "Schmarl", ("health",), families=2, waiting=2),
        Recruiting("fa", "Lichtenhagen", ("health",), families=1, waiting=1),
    )
    assert sum(row.families for row in found) == len(waiting)


def test_nobody_left_means_nothing_missing() -> None:
    assert gaps(instance([mentor()], [family()])) == Gaps(0, 0, (), (), ())


def test_small_counts_are_hidden_and_never_one_row_alone() -> None:
    rows = [{"language": tag, "families": count, "full": 0} for tag, count in (("ar", 9), ("fa", 3), ("uk", 7))]
    shown = without_small(rows, "families", "full")
    assert [row["families"] for row in shown] == [9, None, None]
    assert [row["full"] for row in shown] == [0, None, None]
    two = [*rows, {"language": "ti", "families": 1, "full": 0}]
    assert [row["families"] for row in without_small(two, "families", "full")] == [9, None, 7, None]
    assert [hidden_if_small(count) for count in (0, 1, 4, 5)] == [0, None, None, 5]

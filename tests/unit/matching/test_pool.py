"""From what is known to a file: who is in it, with how many places, and what waiting families are told."""

import dataclasses
from typing import Any

import pytest

from services.matching.commands.solve_instance import solve_instance
from services.matching.domain.availability import unavailable
from services.matching.domain.candidates import candidates_for
from services.matching.domain.explanation import Reason
from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Consents, Engagement, Module, Participation, Programme
from services.matching.domain.pool import LeftOut, Pool, PoolFile, excluded_families, pool_file
from services.matching.domain.standing import Standing, family_of
from services.matching.domain.waiting import reasons_of, with_unavailable
from shared.kernel.dates import Dated

DAY = "2026-01-15"
GAP: Reason = {"rule": "language-gap", "mentors": 0, "languages": ["ar"], "district": "schmarl"}
"""Nobody with a place speaks the language and reaches the district."""


def mentor(key: str, **changes: Any) -> Engagement:
    given = Engagement(
        id=key,
        programme="p",
        person=f"per-{key}",
        stage="active",
        levels={"ar": "native"},
        reach=("schmarl",),
        topics=("health",),
        qualified=("health",),
        slots=("mon-am",),
        capacity=1,
        gender="f",
        clearance_until="2027-01-01",
    )
    return dataclasses.replace(given, **changes)


def family(key: str, **changes: Any) -> Participation:
    given = Participation(
        id=key,
        programme="p",
        date="2025-11-01",
        family=f"fam-{key}",
        districts=(Dated("2025-01-01", "schmarl"), Dated("2026-06-01", "lichtenhagen")),
        levels={"ar": "native"},
        topics=("health",),
        slots=("mon-am",),
    )
    return dataclasses.replace(given, **changes)


def pool(engagements: list[Engagement], participations: list[Participation], **changes: Any) -> Pool:
    given = Pool(
        city="rostock",
        date=DAY,
        programme=Programme("p", modules=(Module("care", ("health",)),)),
        engagements=tuple(engagements),
        participations=tuple(participations),
        consents=Consents(matching=frozenset(one.subjects[-1] for one in participations)),
    )
    return dataclasses.replace(given, **changes)


def rows(file: PoolFile, kind: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in file.document[kind]}


def solved(file: PoolFile) -> dict[str, Any]:
    return solve_instance(file.document, None, lambda: 0.0)


def test_first_reason_is_the_certificate_then_the_clearance_then_the_pause() -> None:
    lacking = {"needs_certificate": True, "modules_missing": ("care",), "clearance_until": DAY, "stage": "paused"}
    qualification: Reason = {"rule": "qualification", "modules": ["care"]}
    assert unavailable(mentor("m", **lacking), DAY) == qualification
    assert unavailable(mentor("m", **lacking, certified_on="2026-01-16"), DAY) == qualification
    certified = mentor("m", **lacking, certified_on=DAY)
    assert unavailable(certified, DAY) == {"rule": "clearance", "until": DAY}
    assert unavailable(certified, "2026-01-14") == qualification
    cleared = dataclasses.replace(certified, clearance_until="2026-01-16")
    assert unavailable(cleared, DAY) == {"rule": "paused"}
    assert unavailable(dataclasses.replace(cleared, stage="certified"), DAY) is None, "the day decides, not the stage"
    assert unavailable(mentor("m"), DAY) is None, "a programme without modules needs no certificate"


def test_whoever_has_ended_or_was_erased_is_not_there() -> None:
    gone = [mentor("m1", stage="left"), mentor("m2", person=None), mentor("m3", left_on="2026-01-01")]
    ended = [family("f1", ended_on=DAY), family("f2", family=None)]
    file = pool_file(pool(gone, ended, consents=Consents()))
    assert (file.document["mentors"], file.document["families"], file.unavailable) == ([], [], {})


def test_places_are_the_larger_of_capacity_and_running_and_none_for_whoever_may_take_nobody() -> None:
    engagements = [mentor("full"), mentor("free", capacity=3), mentor("paused", capacity=3, stage="paused")]
    running = (("full", "f1"), ("full", "f2"), ("free", "f3"), ("paused", "f4"))
    families = [family(f"f{number}") for number in range(1, 6)]
    file = pool_file(pool(engagements, families, running=running))
    assert {key: row["capacity"] for key, row in rows(file, "mentors").items()} == {"full": 2, "free": 3, "paused": 1}
    assert file.document["frozen"] == [list(pair) for pair in sorted(running)]
    assert solved(file)["pairs"][0]["mentor"] == "free"
    assert file.unavailable == {"paused": {"rule": "paused"}}


def test_running_tandem_whose_other_side_is_left_out_still_takes_its_place() -> None:
    running = (("m1", "nowhere"), ("wrong", "f2"), ("m1", "not-arrived"))
    engagements = [mentor("m1", capacity=3), mentor("wrong", slots=("sometimes",))]
    families = [family("nowhere", districts=()), family("f2"), family("f3")]
    file = pool_file(pool(engagements, families, running=running))
    assert rows(file, "mentors")["m1"]["capacity"] == 1
    assert set(rows(file, "families")) == {"f3"}
    assert file.document["frozen"] == []
    assert file.left_out == (LeftOut("wrong", "/slots/0"), LeftOut("nowhere", "/district"))
    read_instance(file.document)


def test_exclusions_by_family_person_or_participation_and_rejections_stand_on_the_mentor() -> None:
    engagements = [
        mentor("m1", excluded=("fam-f1",)),
        mentor("m2", person="per-x"),
        mentor("m3"),
        mentor("m4", excluded=("f2",)),
    ]
    families = [family("f1", excluded=("per-x",)), family("f2", excluded=("m3",)), family("f3", person="per-x")]
    known = pool(engagements, families, rejected=frozenset({("m1", "f3")}))
    expected = {"m1": {"f1", "f3"}, "m2": {"f1", "f3"}, "m3": {"f2"}, "m4": {"f2"}}
    assert {key: found for key, found in excluded_families(known).items() if found} == expected
    assert rows(pool_file(known), "mentors")["m2"]["excluded_families"] == ["f1", "f3"]


def test_genders_and_wishes_for_them_are_in_the_file_of_both_sides_where_they_are_known() -> None:
    known = pool([mentor("m1", gender_wish="f"), mentor("m2", gender=None)], [family("f1", gender="m"), family("f2")])
    file = pool_file(known)
    keys = ("gender", "gender_wish")
    told = {
        row["id"]: {key: row[key] for key in keys if key in row}
        for kind in ("mentors", "families")
        for row in rows(file, kind).values()
    }
    assert told == {
        "m1": {"gender": "f", "gender_wish": "f"},
        "m2": {"gender": "unknown"},
        "f1": {"gender": "m"},
        "f2": {},
    }


def test_mentor_without_a_clearance_helps_only_those_whom_she_wishes_to_accompany() -> None:
    known = pool([mentor("m1", clearance_until=None, gender_wish="f")], [family("f1", gender="f"), family("f2")])
    file = pool_file(known)
    helps = with_unavailable(known, file, solved(file)["waiting"], [])
    assert helps == {"f1": ({"rule": "clearance", "mentors": 1}, GAP), "f2": (GAP,)}


@pytest.mark.parametrize(
    ("helper", "asks", "told"),
    [
        ({"gender_wish": "f"}, {"gender": "m"}, {"wished": "f", "by": "mentor"}),
        ({"gender_wish": "f"}, {}, {"wished": "f", "by": "mentor"}),
        ({"gender_wish": "f"}, {"gender": "f", "gender_wish": "m"}, {"wished": "m"}),
        ({"gender_wish": "f"}, {"gender": "m", "gender_wish": "f"}, {"wished": "f", "by": "mentor"}),
        ({"gender_wish": "f"}, {"gender": "m", "gender_wish": "m"}, {"wished": "m"}),
    ],
)
def test_why_not_names_the_wish_that_is_not_met_and_the_familys_first(
    helper: dict[str, str], asks: dict[str, str], told: dict[str, str]
) -> None:
    known = pool([mentor("m1", **helper)], [family("f1", **asks)])
    asking, _ = family_of(known)
    assert asking is not None
    standing = Standing.of(known, {})
    found = candidates_for(standing, asking, standing.shown(["m1"]))
    assert [one.reason for one in found.others] == [{"rule": "gender", **told}]
    assert found.would_help == ({"rule": "gender", "mentors": 1},)


def test_district_and_waiting_are_those_of_the_day() -> None:
    known = pool([], [family("f1"), family("f2", waiting_since="2025-10-05")])
    found = rows(pool_file(known), "families")
    assert (found["f1"]["district"], found["f1"]["waiting_since"]) == ("schmarl", "2025-11-01")
    assert found["f2"]["waiting_since"] == "2025-10-05"
    later = rows(pool_file(dataclasses.replace(known, date="2026-06-01")), "families")
    assert later["f1"]["district"] == "lichtenhagen"


def test_special_topics_need_both_consents_of_their_own_side() -> None:
    token = "0123456789abcdef"
    known = pool([mentor("m1", special=(token,))], [family("f1", special=(token,))])

    def topics(matching: set[str], special: set[str]) -> tuple[list[str], list[str]]:
        consents = Consents(frozenset(matching), frozenset(special))
        file = pool_file(dataclasses.replace(known, consents=consents))
        return rows(file, "mentors")["m1"]["topics"], rows(file, "families")["f1"]["topics"]

    plain, both = ["health"], ["health", f"x-{token}"]
    assert topics({"fam-f1"}, set()) == (plain, plain)
    assert topics({"fam-f1"}, {"fam-f1"}) == (plain, both)
    assert topics({"fam-f1"}, {"fam-f1", "m1"}) == (plain, both)
    assert topics({"f1", "per-m1"}, {"fam-f1", "m1"}) == (both, both)


def test_waiting_families_are_told_of_those_who_could_help_after_a_certificate() -> None:
    trainee = {"needs_certificate": True, "certified_on": None, "qualified": ()}
    engagements = [
        mentor("m1", levels={"uk": "C1"}),
        mentor("m2", **trainee, modules_missing=("care",)),
        mentor("m3", **trainee, modules_missing=("talk",), levels={"uk": "C1"}),
        mentor("m4", clearance_until=None),
        mentor("m5", clearance_until=None, excluded=("f1",)),
    ]
    known = pool(engagements, [family("f1")])
    file = pool_file(known)
    (waiting,) = solved(file)["waiting"]
    assert reasons_of(waiting["first_failed"], file) == (("qualification", 2), ("clearance", 2), ("language", 1))
    assert with_unavailable(known, file, [waiting], [])["f1"] == (
        {
            "rule": "qualification",
            "mentors": 1,
            "modules": ["care"],
            "changes": [{"modules": ["care"], "mentors": 1}],
        },
        {"rule": "clearance", "mentors": 1},
        {"rule": "language", "mentors": 1},
        GAP,
    )


def test_mentor_with_a_running_tandem_is_counted_once_among_the_reasons() -> None:
    known = pool([mentor("m1", stage="paused")], [family("f1"), family("f2")], running=(("m1", "f1"),))
    file = pool_file(known)
    (waiting,) = solved(file)["waiting"]
    assert reasons_of(waiting["first_failed"], file) == (("capacity", 1),)


def test_family_waits_in_the_languages_it_speaks_well_and_wishes() -> None:
    assert family("f", levels={"fa": "native", "de": "A2", "en": "B1"}).helpful_languages == ("en", "fa")
    assert family("f", levels={"fa": "native", "ru": "C1"}, not_wished=("ru",)).helpful_languages == ("fa",)
    assert family("f", levels={"fa": "A1", "de": "A2"}).helpful_languages == ("de", "fa")

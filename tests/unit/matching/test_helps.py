"""What would help a family that waits: the change, and how many mentors it opens."""

import dataclasses
import random

from services.matching.domain.explanation import Reason
from services.matching.domain.instance_check import read_instance
from services.matching.domain.known import Engagement, Participation
from services.matching.domain.pool import pool_file
from services.matching.domain.rules import MentorSets, members
from services.matching.domain.waiting import with_unavailable
from tests.unit.matching.test_pool import GAP, family, mentor, pool, solved


def helped(engagements: list[Engagement], asking: Participation) -> dict[str, Reason]:
    known = pool(engagements, [asking])
    file = pool_file(known)
    return {one["rule"]: one for one in with_unavailable(known, file, [{"family": asking.id}], [])[asking.id]}


def test_change_that_would_help_is_told_with_how_many_mentors_it_opens() -> None:
    engagements = [
        mentor("m1", slots=("mon-pm", "tue-am")),
        mentor("m2", slots=("mon-pm",)),
        mentor("m3", slots=("mon-pm", "tue-am", "wed-am")),
        mentor("m4", slots=("fri-eve",), levels={"uk": "native"}),
        mentor("m5", levels={"ar": "A2"}),
        mentor("m6", reach=("dorf",)),
        mentor("m7", topics=("school",)),
        mentor("m8", qualified=()),
        mentor("m9", topics=(), qualified=()),
    ]
    told = helped(engagements, family("f1"))
    assert told["availability"] == {
        "rule": "availability",
        "mentors": 3,
        "changes": [
            {"slot": "mon-pm", "mentors": 3},
            {"slot": "tue-am", "mentors": 2},
            {"slot": "wed-am", "mentors": 1},
        ],
    }, "whoever fails at another rule too is not opened by a time"
    assert told["language"]["changes"] == [{"language": "ar", "has": "A2", "needed": "B1", "mentors": 1}]
    assert told["district"]["changes"] == [{"district": "schmarl", "mentors": 1}]
    assert told["topic"]["changes"] == [{"topics": ["health"], "mentors": 1}]
    assert told["qualification"]["changes"] == [{"modules": ["care"], "mentors": 1}]


def test_every_change_told_opens_as_many_mentors_as_it_says() -> None:
    draw = random.Random(7)
    slots = ("mon-am", "mon-pm", "tue-am", "tue-pm", "wed-am")
    engagements = [
        mentor(
            f"m{number}",
            slots=tuple(draw.sample(slots, 2)),
            levels={draw.choice(["ar", "uk"]): draw.choice(["A2", "native"])},
            reach=tuple(draw.sample(["schmarl", "dorf"], 1)),
        )
        for number in range(40)
    ]
    asking = family("f1", slots=("wed-am",))
    told = helped(engagements, asking)
    before = len(fitting(engagements, asking))
    for change in told["availability"]["changes"]:
        more = dataclasses.replace(asking, slots=(*asking.slots, change["slot"]))
        assert len(fitting(engagements, more)) - before == change["mentors"] > 0
    (level,) = told["language"]["changes"]
    taught = [dataclasses.replace(one, levels={tag: "B1" for tag in one.levels}) for one in engagements]
    assert len(fitting(taught, asking)) - before == level["mentors"] > 0
    moved = [dataclasses.replace(one, reach=("schmarl",)) for one in engagements]
    assert len(fitting(moved, asking)) - before == told["district"]["changes"][0]["mentors"] > 0


def fitting(engagements: list[Engagement], asking: Participation) -> list[str]:
    instance = read_instance(pool_file(pool(engagements, [asking])).document)
    sets = MentorSets.of(instance)
    passing = sets.candidates(instance.families[0], sets.everyone)
    return [instance.mentors[number].id for number in members(passing)]


def test_place_that_the_round_gave_away_is_one_that_would_help() -> None:
    known = pool([mentor("m1")], [family("f1"), family("f2")])
    file = pool_file(known)
    result = solved(file)
    (waiting,) = result["waiting"]
    told = with_unavailable(known, file, [waiting], result["pairs"])[waiting["family"]]
    assert told == ({"rule": "capacity", "mentors": 1}, GAP)


def test_mentor_on_a_break_with_a_tandem_is_not_told_as_one_who_lacks_a_place() -> None:
    known = pool([mentor("m1", stage="paused")], [family("f1"), family("f2")], running=(("m1", "f1"),))
    file = pool_file(known)
    assert with_unavailable(known, file, solved(file)["waiting"], [])["f2"] == ({"rule": "paused", "mentors": 1}, GAP)

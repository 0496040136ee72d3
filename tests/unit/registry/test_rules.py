"""Registry's rules: stages, clearances, periods, consents, tokens, erasures."""

from dataclasses import replace

import pytest

from services.registry.domain.consents import Consent, allows_special
from services.registry.domain.engagements import Clearance, Engagement
from services.registry.domain.erasures import Erasure, without_family, without_person
from services.registry.domain.modules import Module
from services.registry.domain.outcomes import Attendance, modules_passed
from services.registry.domain.participations import Participation
from services.registry.domain.places import Place, Programme
from services.registry.domain.proofs import months_after
from services.registry.domain.topics import sort_out, special_token
from shared.kernel.dates import Dated
from shared.kernel.errors import Conflict, Refused

MODULES = (
    Module("health", "Gesundheit", topics=("health",)),
    Module("violence", "Gewaltprävention", topics=("upbringing",), special=("token",)),
    Module("rest", "Entspannung", required=False),
)
PROGRAMME = Programme("muetter", "Stadtteilmütter", begin="2025-10-01", until="2026-10-01", modules=MODULES)
ENGAGEMENT = Engagement("eng_1", "per_1", "muetter", "mother", "2025-10-15", first=True, topics=("health",))
DAY = "2026-01-15"


def test_stage_follows_from_facts() -> None:
    enrolled = replace(ENGAGEMENT, cohort="coh_1")
    complete = replace(enrolled, passed=("health", "violence"))
    certified = complete.certified("2026-01-10", PROGRAMME)
    cleared = certified.cleared(Clearance("2025-12-01", "2026-01-02"))
    stages = [entry.stage(PROGRAMME, DAY) for entry in (ENGAGEMENT, enrolled, complete, certified, cleared)]
    assert stages == ["interested", "in_qualification", "qualified", "certified", "active"]
    assert cleared.paused(DAY).stage(PROGRAMME, DAY) == "paused"
    assert cleared.left(DAY, "moved_away").stage(PROGRAMME, DAY) == "left"
    assert cleared.stage(PROGRAMME, "2030-11-30") == "active"
    assert cleared.stage(PROGRAMME, "2030-12-01") == "certified"


def test_programme_without_modules_needs_the_clearance_only_and_qualifies_for_what_is_offered() -> None:
    bare = replace(PROGRAMME, modules=())
    cleared = ENGAGEMENT.cleared(Clearance("2025-12-01", "2026-01-02"))
    assert (ENGAGEMENT.stage(bare, DAY), cleared.stage(bare, DAY)) == ("interested", "active")
    assert ENGAGEMENT.qualified(bare) == ("health",)


def test_nothing_is_qualified_before_the_certification() -> None:
    complete = replace(ENGAGEMENT, passed=("health", "violence"), special=("token", "other"), tells_special=True)
    assert (complete.qualified(PROGRAMME), complete.told_special(PROGRAMME)) == ((), ())
    certified = complete.certified("2026-01-10", PROGRAMME)
    assert certified.qualified(PROGRAMME) == ("health", "upbringing")
    assert certified.told_special(PROGRAMME) == ("token",)
    assert replace(certified, tells_special=False).told_special(PROGRAMME) == ()


def test_certification_names_the_missing_modules() -> None:
    with pytest.raises(Refused, match="qualification") as refusal:
        replace(ENGAGEMENT, passed=("rest", "violence")).certified(DAY, PROGRAMME)
    assert refusal.value.params == {"missing": ["health"]}


@pytest.mark.parametrize(("seen", "fits"), [("2025-11-30", True), ("2025-12-01", False)])
def test_certificate_of_good_conduct_may_be_three_months_old_when_seen(seen: str, fits: bool) -> None:
    clearance = Clearance("2025-08-30", seen)
    if fits:
        assert ENGAGEMENT.cleared(clearance).clearance == clearance
    else:
        with pytest.raises(Refused, match="certificate-too-old"):
            ENGAGEMENT.cleared(clearance)


def test_months_after_ends_of_months() -> None:
    assert months_after("2024-02-29", 60) == "2029-02-28"
    assert months_after("2025-11-30", 3) == "2026-02-28"


@pytest.mark.parametrize(
    ("day", "fits"), [("2025-09-30", False), ("2025-10-01", True), ("2026-09-30", True), ("2026-10-01", False)]
)
def test_things_begin_inside_the_period_only(day: str, fits: bool) -> None:
    if fits:
        PROGRAMME.require_open(day)
        return
    with pytest.raises(Refused, match="outside-programme") as refusal:
        PROGRAMME.require_open(day)
    assert refusal.value.findings[0].expected == "2025-10-01 … 2026-09-30"


def test_programme_states_over_time() -> None:
    days = ("2025-09-30", "2025-10-01", "2026-09-30", "2026-10-01")
    assert [PROGRAMME.state(day) for day in days] == ["planned", "running", "running", "ended"]
    assert replace(PROGRAMME, until=None, closed=True).state(DAY) == "ended"
    ending = PROGRAMME.ending("2026-02-01", DAY, (), open_cases=1)
    assert (ending.state(DAY), ending.settled(DAY, 0).state(DAY)) == ("ending", "ended")
    with pytest.raises(Refused):
        PROGRAMME.ending("2025-10-01", DAY, (), open_cases=0)


def test_only_who_was_there_passes() -> None:
    def attended(module: str, state: str, status: str = "valid", date: str = "2025-11-01") -> Attendance:
        return Attendance(f"att_{module}", "coh_1", "eng_1", "muetter", module, date, state, status=status)

    entries = [
        attended("a", "present", date="2025-11-03"),
        attended("b", "excused"),
        attended("c", "made_up", date="2025-11-02"),
        attended("d", "present", status="withdrawn"),
        attended("e", "absent"),
    ]
    assert modules_passed(entries) == ("c", "a")


def test_special_topics_become_tokens_and_others_stay() -> None:
    token = special_token(b"k" * 32, "kreis", "disability")
    topics = sort_out(b"k" * 32, "kreis", (token,), ("disability", "health", "health"))
    assert (topics.plain, topics.special) == (("health",), (token,))
    assert len(token) == 16
    others = {special_token(b"x" * 32, "kreis", "disability"), special_token(b"k" * 32, "andere", "disability")}
    assert token not in others


def test_tokens_need_both_consents_on_that_day() -> None:
    base = Consent("con_1", "fam_1", "matching", "self", "text", 1, "uk", "in_writing", "2026-01-01")
    special = replace(base, purpose="special_category", expires_on="2026-02-01")
    assert allows_special([base, special], "2026-01-31")
    assert not allows_special([base, special], "2026-02-01")
    assert not allows_special([base, special], "2025-12-31")
    assert not allows_special([base], "2026-01-31")
    assert not allows_special([base, special.withdrawn("2026-01-20T00:00:00.000Z")], "2026-01-31")
    with pytest.raises(Conflict):
        special.withdrawn("x").withdrawn("y")


def test_erased_engagement_keeps_what_is_counted_by_month_and_nothing_else() -> None:
    place = Place("haus", "awo", "nordufer")
    version = {"date": "2025-10-15", "certified_on": None, "left_on": None, "recorded_at": "t", "role": "mother"}
    before = replace(
        ENGAGEMENT,
        place=place,
        sites=(Dated("2025-10-15", "haus"), Dated("2026-01-07", "insel")),
        languages={"uk": "native"},
        slots=("wed-pm",),
        reach=("nordufer",),
        gender="f",
        gender_wish="f",
        special=("token",),
        tells_special=True,
        excluded=("ptc_1",),
        clearance=Clearance("2025-10-01", "2025-10-02"),
        certified_on="2026-01-10",
        versions=(version,),
        version=4,
    )
    after = without_person(before)
    kept = Engagement(
        "eng_1",
        None,
        "muetter",
        "mother",
        "2025-10-01",
        first=True,
        place=place,
        sites=(Dated("2025-10-01", "haus"),),
        erased_languages=("uk",),
        capacity=0,
        certified_on="2026-01-01",
        versions=({**version, "date": "2025-10-01"},),
        version=4,
    )
    assert after == kept
    with pytest.raises(Conflict, match="erased"):
        after.left(DAY, "x")
    assert without_person(after) == after


def test_erased_participation_keeps_its_own_district_and_no_moves() -> None:
    districts = (Dated("2020-05-17", "nordufer"), Dated("2025-10-10", "suedufer"), Dated("2026-01-03", "nordufer"))
    before = Participation(
        "ptc_1", "fam_1", None, "muetter", "2025-10-15", first=True, districts=districts, topics=("health",),
        special=("token",), languages={"uk": "native"}, waiting_since="2025-09-01", ended_on="2026-01-09",
    )  # fmt: skip
    after = without_family(before)
    assert after.districts == (Dated("2025-10-01", "suedufer"),)
    assert (after.family, after.special, after.waiting_since, after.languages) == (None, (), None, None)
    assert (after.ended_on, after.topics, after.erased_languages) == ("2026-01-01", ("health",), ("uk",))


def test_erasure_is_complete_only_with_own_keys_gone_and_all_confirmed() -> None:
    erasure = Erasure("era_1", "per_1", ("eng_1",), "t0")
    assert erasure.confirmed(True, "t1").completed_at is None
    gone = erasure.keys_gone("t1")
    assert gone.confirmed(False, "t2").completed_at is None
    complete = gone.confirmed(True, "t2")
    assert (complete.completed_at, complete.confirmed(True, "t3")) == ("t2", complete)


def test_clearance_issued_last_stands_whenever_it_is_recorded_and_the_others_are_kept_beside_it() -> None:
    new, old, between = (Clearance(f"{day}-10", f"{day}-20") for day in ("2026-05", "2024-02", "2025-03"))
    cleared = ENGAGEMENT.cleared(new).cleared(old).cleared(between)
    assert (cleared.clearance, cleared.earlier_clearances) == (new, (old, between))
    again = cleared.cleared(replace(new, seen_on="2026-06-01"))
    assert (again.clearance, again.earlier_clearances) == (replace(new, seen_on="2026-06-01"), (old, between))
    corrected = cleared.cleared(replace(old, issued_on="2024-02-11"), corrects=True)
    assert (corrected.clearance, len(corrected.earlier_clearances)) == (between, 2)
    left = cleared.left("2026-06-01", "moved_away").forgetting(PROGRAMME, "2200-01-01")
    assert (left.clearance, left.earlier_clearances) == (None, ())
    many = ENGAGEMENT
    for year in range(2000, 2020):
        many = many.cleared(Clearance(f"{year}-01-10", f"{year}-01-20"))
    with pytest.raises(Conflict, match="too-many-versions"):
        many.cleared(new)

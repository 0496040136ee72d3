"""Households and languages of families, urgencies, and what a mentor's phone may keep."""

from dataclasses import replace

import pytest

from services.registry import publishing
from services.registry.domain.consents import Consent
from services.registry.domain.engagements import Engagement
from services.registry.domain.households import counted, household_findings, month_after
from services.registry.domain.participations import Participation
from services.registry.domain.people import Family
from services.registry.domain.phones import allowing, recorded_since, why_not
from shared.kernel.dates import Dated
from shared.kernel.errors import Refused
from shared.kernel.people import PersonName, first_name

DAY = "2026-01-15"
FAMILY = Family(
    "fam_1", (), 2, 3, (Dated("2024-01-01", "nordufer"),), {"uk": "native", "ru": "C1", "de": "A2"},
    mother_tongues=("uk",), reads=("uk", "ru"), not_wished=("ru",),
)  # fmt: skip
NOW = "2026-01-01T10:00:00.000Z"
PARTICIPATION = Participation(
    f"ptc_{'0' * 26}", f"fam_{'0' * 26}", None, "paten", "2026-01-01", first=True, recorded_at=NOW
)
ENGAGEMENT = Engagement("eng_1", "per_1", "paten", "volunteer", "2025-10-15", first=True)


def test_those_abroad_and_those_unborn_are_not_counted() -> None:
    household = {
        "adults": [{"relation": "mother"}, {"relation": "father", "abroad": True}],
        "children": [{"birth": "2018"}, {}, {"abroad": True}],
        "pregnancies": [{"due": "2026-05", "unborn": 2}],
    }
    assert counted(household) == (1, 2)
    assert counted({}) == (0, 0)


@pytest.mark.parametrize(
    ("child", "found"),
    [
        ({}, []),
        ({"birth": "2018"}, []),
        ({"birth": "2018-21?"}, []),
        ({"birth": "2026-01"}, []),
        ({"birth": "2026-24"}, []),
        ({"birth": "2026-02"}, ["/children/0/birth"]),
        ({"birth": "2027"}, ["/children/0/birth"]),
        ({"birth": "2018-05-17"}, ["/children/0/source"]),
        ({"birth": "2018-05-17", "source": "statement"}, []),
        ({"homes": ["mother", "father"]}, ["/children/0/homes/1"]),
        ({"guardians": [{"person": "per_1", "capacity": "mother"}]}, []),
        ({"guardians": [{"capacity": "mother"}]}, ["/children/0/guardians/0"]),
    ],
)
def test_a_year_is_enough_of_a_birth_and_a_whole_day_has_a_source(child: dict[str, object], found: list[str]) -> None:
    household = {"homes": ["mother"], "children": [child]}
    assert [finding.pointer for finding in household_findings(household, DAY)] == found


def test_pregnancy_is_expected_within_ten_months() -> None:
    months = [{"due": "2025-12"}, {"due": "2026-11"}, {"due": "2026-12"}]
    (finding,) = household_findings({"pregnancies": months}, DAY)
    assert (finding.pointer, finding.expected) == ("/pregnancies/2/due", "<= 2026-11")
    assert (month_after("2026-12", 1), month_after("2026-01", 10)) == ("2027-01", "2026-11")


def test_what_is_said_of_a_language_is_said_of_one_they_speak_and_goes_with_it() -> None:
    changed = FAMILY.changed({"languages": {"ru": None}})
    assert (changed.reads, changed.not_wished, changed.mother_tongues) == (("uk",), (), ("uk",))
    with pytest.raises(Refused) as refusal:
        FAMILY.changed({"reads": ("uk", "ar")})
    assert refusal.value.findings[0].pointer == "/reads/1"


def test_language_not_wished_at_home_is_told_as_not_wished_whatever_the_participation_says() -> None:
    one = replace(PARTICIPATION, languages=FAMILY.languages, not_wished=("de",), not_wished_at_home=FAMILY.not_wished)
    assert publishing.participation(one).not_wished == ("de", "ru")


def test_without_districts_nothing_tells_where_they_live_or_lived() -> None:
    version = {"date": "2026-01-01", "district": "nordufer", "recorded_at": "t"}
    one = replace(PARTICIPATION, districts=FAMILY.districts, versions=(version,))
    assert "nordufer" not in str(one.without_districts())
    told = publishing.participation(replace(one, versions=()).without_districts())
    assert (told.district, told.districts) == (None, ())


def test_phone_keeps_running_tandems_of_sides_that_are_there_and_agree() -> None:
    assert why_not(ENGAGEMENT, PARTICIPATION, allowed=True) is None
    ended = replace(PARTICIPATION, ended_on="2026-01-10")
    left = replace(ENGAGEMENT, left_on="2026-01-10")
    assert why_not(ENGAGEMENT, PARTICIPATION, allowed=False) == "consent_gone"
    assert why_not(ENGAGEMENT, ended, allowed=True) == "participation_ended"
    assert why_not(left, PARTICIPATION, allowed=True) == "engagement_left"
    assert why_not(ENGAGEMENT, replace(PARTICIPATION, family=None), allowed=True) == "erased"
    assert why_not(ENGAGEMENT, None, allowed=True) == "erased"


def test_consent_to_matching_allows_as_long_as_it_stands() -> None:
    base = Consent("con_1", "fam_1", "matching", "self", "text", 1, "uk", "in_writing", "2026-01-01")
    others = [replace(base, subject="fam_2", expires_on=DAY), replace(base, subject="fam_3", purpose="photo")]
    assert allowing([base, *others], DAY) == {"fam_1"}
    assert recorded_since("2026-01-15T10:00:30.000Z") == "2026-01-15T09:59:30.000Z"


def test_first_name_is_the_call_name_or_the_first_word() -> None:
    names = [PersonName("Oksana Beispiel"), PersonName("Oksana Beispiel", "Xenia"), PersonName("Suharto")]
    assert [first_name(name) for name in names] == ["Oksana", "Xenia", "Suharto"]

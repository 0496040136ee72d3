"""What changes of programmes and sites while they run: by its own day, as recorded; and who may be told of it."""

from dataclasses import replace
from typing import Any

import pytest
from bson import BSON

from services.registry.domain.engagements import Engagement
from services.registry.domain.modules import Module
from services.registry.domain.places import Programme, Site
from services.registry.domain.roles import RoleHeld, require_roles
from services.registry.domain.terms import EVER, MOST, Target, Terms, require_targets
from shared.kernel.errors import Conflict, Refused
from shared.kernel.recorded import Recorded
from shared.storage.documents import from_document, to_document

EARLY, LATER, TODAY = "2025-01-10T08:00:00.000Z", "2025-07-01T08:00:00.000Z", "2026-02-01T08:00:00.000Z"
PROGRAMME = Programme(
    "paten", "Paten", begin="2025-01-01", until="2027-01-01", topics=("kita",), services=("einkauf",), version=0
).provided(EARLY)


def test_catalogue_grows_from_a_day_on_and_earlier_days_keep_theirs() -> None:
    grown = PROGRAMME.agreed(Terms(services=("einkauf", "begleitung")), "2025-07-01", EARLY)
    assert grown.on("2025-06-30").services == ("einkauf",)
    assert grown.on("2025-07-01").services == ("einkauf", "begleitung")
    assert grown.on("2025-07-01").topics == ("kita",)
    grown.on("2025-06-30").require_topics(("kita",), "/topics")


def test_each_term_has_its_own_history() -> None:
    """A correction of the targets for 2025 undoes nothing that was agreed of topics since."""
    topics = PROGRAMME.agreed(Terms(topics=("kita", "schule")), "2025-07-01", LATER)
    both = topics.agreed(Terms(targets=(Target("families", 10),)), "2025-01-01", TODAY)
    assert both.on("2026-01-01").topics == ("kita", "schule")
    assert both.on("2025-02-01").targets == (Target("families", 10),)
    assert both.on("2025-02-01", LATER).targets == ()
    assert both.on("2025-02-01", "2025-01-09T00:00:00.000Z").terms == both.terms


def test_entries_tell_by_which_version_they_came() -> None:
    saved = replace(PROGRAMME, version=1)
    assert [entry.version for entry in saved.agreed(Terms(topics=()), "2025-07-01", LATER).terms] == [1, 2]
    with pytest.raises(Conflict, match="too-many-versions"):
        replace(saved, terms=saved.terms * MOST).agreed(Terms(topics=()), "2025-07-01", LATER)


def test_stored_programmes_and_sites_of_older_releases_read_as_known_ever_since() -> None:
    old: dict[str, Any] = {"_id": "alt", "name": "Alt", "topics": ["kita"], "targets": [{"indicator": "families"}]}
    programme = from_document(Programme, old | {"version": 3})
    assert programme.on("1999-01-01", "1999-01-01T00:00:00.000Z").topics == ("kita",)
    changed = programme.agreed(Terms(topics=("schule",)), "2025-07-01", LATER)
    assert [(entry.since, entry.at, entry.version) for entry in changed.terms] == [
        (EVER, "", 0),
        ("2025-07-01", LATER, 4),
    ]
    assert (changed.on("2025-06-30").topics, changed.on("2025-07-01", EARLY).topics) == (("kita",), ("kita",))
    site = {"_id": "haus", "name": "Haus", "district": "nord", "carriers": [{"since": "2020-01-01", "value": "awo"}]}
    read = from_document(Site, {**site, "version": 2})
    assert read.carriers == (Recorded("2020-01-01", "awo"),)
    assert read.carried_by("insel", "2025-01-01", LATER).carrier_on("2025-01-01", EARLY) == "awo"


def test_terms_come_back_from_the_store_as_they_were() -> None:
    agreed = PROGRAMME.agreed(Terms(targets=(Target("families", 1, 9, None, "women"),), topics=()), "2025-07-01", LATER)
    held = replace(agreed, roles=(RoleHeld("coordinator", "per_1", "2025-01-01", "2026-01-01", True),))
    document = BSON(BSON.encode(to_document(held))).decode()
    assert from_document(Programme, document) == held


def test_terms_without_a_day_hold_from_today_or_from_the_last_day_of_a_programme_that_is_over() -> None:
    days = ("2024-05-05", "2026-12-31", "2027-01-01", "2030-01-01")
    assert [PROGRAMME.latest_day(day) for day in days] == ["2024-05-05", "2026-12-31", "2026-12-31", "2026-12-31"]
    assert replace(PROGRAMME, until=None).latest_day("2030-01-01") == "2030-01-01"


@pytest.mark.parametrize(("day", "certified"), [("2025-06-30", None), ("2025-07-01", "2025-07-01")])
def test_rule_of_certification_is_that_of_the_day_of_the_attendance(day: str, certified: str | None) -> None:
    programme = replace(PROGRAMME, modules=(Module("health", "Gesundheit"),))
    programme = programme.agreed(Terms(certification="automatic"), "2025-07-01", EARLY)
    trainee = Engagement("eng_1", "per_1", "paten", "mother", "2025-01-15", first=True)
    assert trainee.with_passed(("health",), programme, day).certified_on == certified


def test_programme_is_ending_and_ended_by_the_day_that_is_looked_at() -> None:
    ending = PROGRAMME.ending("2026-03-01", "2026-02-01", (), open_cases=1)
    ended = ending.settled("2026-04-01", 0)
    days = ("2026-01-31", "2026-02-01", "2026-03-31", "2026-04-01")
    assert [ended.state(day) for day in days] == ["running", "ending", "ending", "ended"]


@pytest.mark.parametrize(
    ("target", "special", "fits"),
    [
        (Target("families", 5, 5), False, True),
        (Target("families", 6, 5), False, False),
        (Target("families", 5, for_whom="women"), False, True),
        (Target("families", 5, for_whom="women"), True, False),
        (Target("families", 5), True, True),
    ],
)
def test_range_holds_something_and_special_programmes_tell_no_group(target: Target, special: bool, fits: bool) -> None:
    if fits:
        require_targets((target,), special=special)
        return
    with pytest.raises(Refused) as refusal:
        require_targets((Target("visits"), target), special=special)
    assert refusal.value.findings[0].pointer.startswith("/targets/1/")


def test_programme_of_special_kind_has_a_neutral_code_and_tells_no_aims() -> None:
    special = replace(PROGRAMME, special=True)
    replace(special, kind="mentoring").require_neutral()
    replace(PROGRAMME, kind="parent_mentors", aims=("Eltern stärken",)).require_neutral()
    for telling in (replace(special, kind="parent_mentors"), replace(special, aims=("Eltern stärken",))):
        with pytest.raises(Refused):
            telling.require_neutral()


def test_roles_have_their_days_and_the_last_one_counts() -> None:
    held = RoleHeld("coordinator", "per_1", "2025-01-01", "2026-01-01")
    assert [held.held_on(day) for day in ("2024-12-31", "2025-01-01", "2025-12-31", "2026-01-01")] == [
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(Refused) as refusal:
        require_roles((held, replace(held, until="2025-01-01")))
    assert refusal.value.findings[0].pointer == "/roles/1/until"
    assert replace(PROGRAMME, roles=(held,)).without("per_1").roles == ()

"""Whom a due thing waits for, on the days around a deputy's first and last and around each step."""

from dataclasses import replace

import pytest

from services.registry.api.words import waiting_sentence
from services.registry.domain.roles import RoleHeld
from services.registry.domain.waiting import DEPUTY_AFTER_DAYS, LEAD_AFTER_DAYS, Waiting, waiting, waiting_in_all
from shared.kernel.dates import days_after
from shared.web.catalogues import LANGUAGES

DUE = "2026-03-01"
HER = RoleHeld("coordinator", "per_her", "2025-01-01")
DEPUTY = RoleHeld("coordinator", "per_deputy", "2025-01-01", deputy=True)
AWAY = replace(DEPUTY, person="per_away", since="2026-03-05", until="2026-03-20")
LEAD = RoleHeld("lead", "per_lead", "2025-01-01")


def after(days: int, *roles: RoleHeld) -> tuple[str, str | None, tuple[str, ...]]:
    found = waiting(roles, DUE, days_after(DUE, days))
    return found.waits_for, found.responsible, found.also


def test_each_step_is_on_its_day_and_takes_the_thing_from_nobody() -> None:
    assert (DEPUTY_AFTER_DAYS, LEAD_AFTER_DAYS) == (7, 14)
    everybody = (LEAD, DEPUTY, HER)
    for days in (-60, 0, 6):
        assert after(days, *everybody) == ("coordinator", "per_her", ())
    for days in (7, 13):
        assert after(days, *everybody) == ("deputy", "per_deputy", ("per_her",))
    for days in (14, 400):
        assert after(days, *everybody) == ("lead", "per_lead", ("per_deputy", "per_her"))


def test_deputy_stands_in_from_her_first_day_to_her_last() -> None:
    found = [
        waiting((HER, AWAY), "2026-03-19", day) for day in ("2026-03-04", "2026-03-05", "2026-03-19", "2026-03-20")
    ]
    assert [(one.waits_for, one.responsible) for one in found] == [
        ("coordinator", "per_her"), ("deputy", "per_away"), ("deputy", "per_away"), ("coordinator", "per_her")
    ]  # fmt: skip
    # Who is away is not asked, whoever else is.
    assert after(18, HER, DEPUTY, AWAY, LEAD) == ("lead", "per_lead", ("per_away", "per_deputy"))
    assert after(8, HER, DEPUTY, AWAY) == ("deputy", "per_away", ("per_deputy",))


def test_after_a_week_a_deputy_is_asked_whose_days_are_to_come_and_none_whose_days_are_over() -> None:
    coming = replace(AWAY, since="2026-06-01", until="2026-06-15")
    assert after(6, HER, coming) == ("coordinator", "per_her", ())
    assert after(7, HER, coming) == ("deputy", "per_away", ("per_her",))
    over = replace(AWAY, since="2025-06-01", until="2026-03-08")
    assert after(6, HER, over) == ("deputy", "per_away", ())
    assert after(7, HER, over) == ("coordinator", "per_her", ())
    assert after(8, HER, coming, DEPUTY) == ("deputy", "per_deputy", ("per_away", "per_her"))


def test_who_is_not_named_is_passed_over() -> None:
    assert after(13, HER) == after(400, HER) == ("coordinator", "per_her", ())
    assert after(14, HER, LEAD) == ("lead", "per_lead", ("per_her",))
    assert after(400, HER, DEPUTY) == ("deputy", "per_deputy", ("per_her",))
    assert after(400) == ("coordinator", None, ())
    assert after(13, LEAD) == ("coordinator", None, ())
    assert after(14, LEAD) == ("lead", "per_lead", ())
    # Roles of other names are nobody's business here.
    assert after(400, replace(HER, role="volunteer")) == ("coordinator", None, ())


def test_deputy_without_a_last_day_is_asked_at_once_where_there_is_no_coordinator() -> None:
    gone = replace(HER, until=DUE)
    assert after(-1, gone, DEPUTY) == ("coordinator", "per_her", ())
    assert after(0, gone, DEPUTY) == ("deputy", "per_deputy", ())
    assert after(0, gone) == ("coordinator", None, ())
    assert after(0, replace(HER, since=days_after(DUE, 1))) == ("coordinator", None, ())


def test_lead_has_deputies_too_and_a_person_with_two_roles_is_named_once() -> None:
    standing_in = replace(AWAY, role="lead", until="2026-03-16")
    assert after(14, HER, LEAD, standing_in) == ("lead", "per_away", ("per_her",))
    assert after(15, HER, LEAD, standing_in) == ("lead", "per_lead", ("per_her",))
    assert after(14, HER, replace(LEAD, person="per_her")) == ("lead", "per_her", ())


def test_of_several_coordinators_it_is_first_who_has_been_it_longest() -> None:
    newer = replace(HER, person="per_newer", since="2025-09-01")
    assert after(0, newer, HER) == ("coordinator", "per_her", ("per_newer",))


def test_what_concerns_several_programmes_waits_in_all_of_them() -> None:
    other = replace(HER, person="per_other")
    day = days_after(DUE, 14)
    both = waiting_in_all([(HER, LEAD), (other, DEPUTY)], DUE, day)
    assert both == Waiting("lead", "per_lead", ("per_her", "per_deputy", "per_other"))
    assert waiting_in_all([(other, DEPUTY), (HER, LEAD)], DUE, day).waits_for == "deputy"
    assert waiting_in_all([(), (HER,)], DUE, DUE) == Waiting("coordinator", "per_her")
    assert waiting_in_all([(HER,), (HER,)], DUE, DUE) == Waiting("coordinator", "per_her")
    assert waiting_in_all([], DUE, day) == waiting_in_all([(), ()], DUE, day) == Waiting("coordinator", None)
    assert [both.is_for(person) for person in ("per_lead", "per_other", "per_away")] == [True, True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_is_a_sentence(language: str) -> None:
    rows = [waiting(roles, DUE, days_after(DUE, days)) for days, roles in (
        (0, (HER,)), (7, (HER, DEPUTY)), (14, (HER, LEAD)), (14, ())
    )]  # fmt: skip
    told = [waiting_sentence(row, language) for row in rows]
    assert len(set(told)) == len(told)
    assert told[1] == {
        "de": "Wartet auf die Vertretung der Koordination.", "en": "Waits for the coordinator's deputy."
    }[language]  # fmt: skip

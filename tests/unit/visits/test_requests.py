"""Requests go their way, and activities count heads; both keep what was known before."""

from dataclasses import replace
from typing import Any

import pytest

from services.visits.domain.activities import Activity
from services.visits.domain.known import Lists, Moment, Place, Programme
from services.visits.domain.requests import Request
from services.visits.publishing import activity as told_activity
from services.visits.publishing import request as told_request
from shared.kernel.dates import Period
from shared.kernel.errors import Conflict, Finding, Refused
from shared.kernel.ids import new_id
from shared.kernel.recorded import Recorded

PROGRAMME = Programme("offizielle-nachbarin", Period("2010-03-01", "2011-01-01"), services=("child_care",))
PLACE = Place("muetterzentrum", "kinderdorf", "ostsiedlung")
FIRST = Moment("2010-05-03T08:00:00.000Z", "2010-05-03")
SECOND = Moment("2010-05-10T08:00:00.000Z", "2010-05-10")


def received(**changes: Any) -> Request:
    plain = Request(new_id("req"), "offizielle-nachbarin", "child_care", "2010-05-03", "weekly")
    return replace(plain, **changes).received(PROGRAMME, PLACE, FIRST)


def test_request_that_a_partner_fulfils_says_so_at_each_step() -> None:
    done = received().brokered("partner", None, SECOND).fulfilled("2010-05-10", SECOND)
    told = told_request(done)
    assert (told.state, told.by, told.fulfilled_on, told.carrier) == (
        "fulfilled",
        "partner",
        "2010-05-10",
        "kinderdorf",
    )
    assert [(version.state, version.by, version.reason) for version in told.versions] == [
        ("open", None, "brokered"),
        ("brokered", "partner", "fulfilled"),
    ]
    assert [version.recorded_at for version in told.versions] == [FIRST.now, SECOND.now]


def test_request_that_a_volunteer_could_not_do_is_brokered_again() -> None:
    volunteer = new_id("eng")
    again = received().brokered("volunteer", volunteer, FIRST).brokered("own", None, SECOND)
    assert (again.by, again.engagement) == ("own", None)


def test_steps_out_of_order_are_refused_with_the_state() -> None:
    with pytest.raises(Conflict, match="not-in-this-state") as refusal:
        received().fulfilled("2010-05-03", FIRST)
    assert refusal.value.params == {"state": "open"}
    closed = received().closed("moved_away", SECOND)
    with pytest.raises(Conflict, match="not-in-this-state"):
        closed.brokered("own", None, SECOND)
    assert (closed.actions, told_request(closed).versions[0].reason) == ((), "moved_away")


@pytest.mark.parametrize(("day", "taken"), [("2010-06-30", False), ("2010-07-01", True)])
def test_service_can_be_asked_for_from_the_day_on_that_it_is_in_the_catalogue(day: str, taken: bool) -> None:
    history = (
        Recorded("0001-01-01", Lists(services=("child_care",))),
        Recorded("2010-07-01", Lists(services=("child_care", "meal_delivery"))),
        Recorded("2010-07-01", Lists(topics=("daily_life",))),
    )
    programme = replace(PROGRAMME, services=("child_care", "meal_delivery"), history=history)
    later = Moment("2010-08-01T08:00:00.000Z", "2010-08-01")
    asked = Request(new_id("req"), "offizielle-nachbarin", "meal_delivery", day, "once")
    if taken:
        assert asked.received(programme, PLACE, later).service == "meal_delivery"
        return
    with pytest.raises(Refused) as refusal:
        asked.received(programme, PLACE, later)
    assert refusal.value.findings == (Finding("/service", "not-one-of", "child_care"),)


def test_service_that_is_not_in_the_catalogue_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        received(service="car_repair")
    assert refusal.value.findings == (Finding("/service", "not-one-of", "child_care"),)


@pytest.mark.parametrize(("day", "warnings"), [("2010-02-28", ("outside-period",)), ("2010-03-01", ())])
def test_request_outside_the_period_is_stored_and_remarked_upon(day: str, warnings: tuple[str, ...]) -> None:
    assert received(date=day).warnings == warnings


def test_only_a_volunteer_has_an_engagement() -> None:
    with pytest.raises(Refused) as refusal:
        received().brokered("partner", new_id("eng"), SECOND)
    assert refusal.value.findings[0].pointer == "/engagement"


@pytest.mark.parametrize("day", ["2010-05-02", "2010-05-11"])
def test_fulfilment_is_neither_before_it_was_asked_nor_to_come(day: str) -> None:
    with pytest.raises(Refused):
        received().brokered("own", None, SECOND).fulfilled(day, SECOND)


def test_activity_that_was_miscounted_keeps_the_former_count() -> None:
    activity = Activity(new_id("act"), "offizielle-nachbarin", "group_meeting", "2010-05-03", 12)
    recorded = activity.recorded(PROGRAMME, PLACE, FIRST)
    corrected = recorded.corrected({"participants": 14}, PROGRAMME, PLACE, SECOND, reason="miscounted")
    told = told_activity(corrected)
    assert (told.participants, told.site, told.recorded_at) == (14, "muetterzentrum", SECOND.now)
    assert [(version.participants, version.reason) for version in told.versions] == [(12, "miscounted")]


def test_void_activity_changes_no_more() -> None:
    activity = Activity(new_id("act"), "offizielle-nachbarin", "group_meeting", "2010-05-03", 12)
    void = activity.recorded(PROGRAMME, PLACE, FIRST).voided(SECOND, "entered_twice")
    assert (void.status, void.actions) == ("void", ())
    with pytest.raises(Conflict, match="already-void"):
        void.corrected({"participants": 1}, PROGRAMME, PLACE, SECOND, reason="again")


def test_activity_that_is_to_come_is_refused() -> None:
    activity = Activity(new_id("act"), "offizielle-nachbarin", "group_meeting", "2010-05-05", 12)
    with pytest.raises(Refused):
        activity.recorded(PROGRAMME, PLACE, FIRST)

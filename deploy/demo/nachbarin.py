"""Die offizielle Nachbarin, 2010: eighteen volunteers, weekly meetings, brokered requests, two outcomes.

The people are invented; that there were eighteen is what the report has to find out by counting.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from deploy.demo.client import Client, coordinator, together
from deploy.demo.people import People
from deploy.demo.register import HelperPlan, register_helper
from deploy.demo.screen import Step
from deploy.demo.script import Script
from deploy.demo.world import FORMER, Body, Helper, World

CITY: Final = "salzgitter"
SITE: Final = "muetterzentrum-salzgitter"
_LANGUAGES: Final = ("de", "tr", "de", "ru", "pl", "de", "tr", "ru", "de")
_FIRST_DAY: Final = date(2010, 3, 1)
_LAST_DAY: Final = date(2010, 12, 31)
_FIRST_MEETING: Final = date(2010, 3, 8)
_LAST_MEETING: Final = date(2010, 12, 20)
_REQUESTS: Final = 16
_OWN: Final = 4
"""Of the requests, every fourth is served by the house itself."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A request, to whom it is given, and when it is fulfilled (never, where it stays open)."""

    body: Body
    broker: Body
    fulfilled_on: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """The project of 2010 as it will be entered."""

    volunteers: tuple[HelperPlan, ...]
    meetings: tuple[Body, ...]
    wishes: tuple[Wish, ...]
    outcomes: tuple[Body, ...]


def plan_project(script: Script) -> Project:
    """Eighteen volunteers between March and September, a meeting each Monday."""
    people, reference = script.people, script.reference
    stated = reference.stated[FORMER]
    count = stated["volunteers_won"]
    joined = [_FIRST_DAY + timedelta(days=11 * number) for number in range(count)]
    volunteers = tuple(_volunteer(people, number, day) for number, day in enumerate(joined))
    services = tuple(reference.programme(FORMER)["services"])
    wishes = tuple(_wish(people, number, services, volunteers) for number in range(_REQUESTS))
    outcomes = tuple(
        {
            "id": people.id("out"),
            "engagement": volunteers[number].helper.id,
            "kind": "self_employment",
            "date": f"2010-1{number % 2}-15",
        }
        for number in range(stated["supported_into_self_employment"])
    )
    return Project(volunteers, _meetings(people, joined), wishes, outcomes)


def _volunteer(people: People, number: int, day: date) -> HelperPlan:
    language = _LANGUAGES[number % len(_LANGUAGES)]
    person = people.person(language)
    body = {
        "id": people.id("eng"),
        "person": person["id"],
        "programme": FORMER,
        "role": "volunteer",
        "date": day.isoformat(),
        "site": SITE,
        "languages": {"de": "native"} if language == "de" else {language: "native", "de": "B2"},
        "reach": ["ost-und-westsiedlung"],
    }
    return HelperPlan(Helper(CITY, body, ready=False), person)


def _meetings(people: People, joined: list[date]) -> tuple[Body, ...]:
    rows: list[Body] = []
    day = _FIRST_MEETING
    while day <= _LAST_MEETING:
        there = sum(begin <= day for begin in joined)
        came = max(1, there - people.random.randint(0, max(1, there // 3)))
        common = {"programme": FORMER, "kind": "group_meeting", "minutes": 120, "site": SITE}
        rows.append({"id": people.id("act"), "date": day.isoformat(), "participants": came, **common})
        day += timedelta(days=7)
    return tuple(rows)


def _wish(people: People, number: int, services: tuple[str, ...], volunteers: tuple[HelperPlan, ...]) -> Wish:
    asked = date(2010, 4, 6) + timedelta(days=14 * number)
    body = {
        "id": people.id("req"),
        "programme": FORMER,
        "service": services[number % len(services)],
        "date": asked.isoformat(),
        "how_often": people.random.choice(("once", "weekly")),
        "site": SITE,
    }
    there = [plan.helper.id for plan in volunteers if plan.helper.body["date"] <= body["date"]]
    own = number % _OWN == _OWN - 1
    broker = {"by": "own"} if own else {"by": "volunteer", "engagement": people.random.choice(there)}
    done = asked + timedelta(days=people.random.randint(2, 20))
    return Wish(body, broker, None if number == _REQUESTS - 1 else min(done, _LAST_DAY).isoformat())


async def enter_project(client: Client, world: World, project: Project, step: Step) -> None:
    """Enters all of it with its own dates, and ends the engagements on the project's last day."""
    step.total(len(project.volunteers) + len(project.meetings) + len(project.wishes) + len(project.outcomes))
    caller, base = coordinator(CITY, FORMER), f"cities/{CITY}"

    async def volunteer(plan: HelperPlan) -> None:
        world.former.append(await register_helper(client, plan))
        step.advance()

    async def meeting(body: Body) -> None:
        await client.post(caller, "visits", f"{base}/activities", body)
        step.advance()

    async def outcome(body: Body) -> None:
        await client.post(caller, "registry", f"{base}/outcomes", body)
        step.advance()

    await together([volunteer(plan) for plan in project.volunteers])
    await together(
        [meeting(body) for body in project.meetings]
        + [_serve(client, wish, step) for wish in project.wishes]
        + [outcome(body) for body in project.outcomes]
    )
    await together([_leave(client, helper) for helper in world.former])
    world.count(FORMER, "volunteers_won", len(project.volunteers))
    world.count(FORMER, "activities", len(project.meetings))
    world.count(FORMER, "outcomes", len(project.outcomes))
    world.count(FORMER, "requests_fulfilled", sum(wish.fulfilled_on is not None for wish in project.wishes))
    step.tell(
        f"{len(world.former)} volunteers, {len(project.meetings)} weekly meetings, "
        f"{len(project.wishes)} requests, {len(project.outcomes)} outcomes"
    )


async def _serve(client: Client, wish: Wish, step: Step) -> None:
    caller, base = coordinator(CITY, FORMER), f"cities/{CITY}/requests"
    await client.post(caller, "visits", base, wish.body)
    await client.post(caller, "visits", f"{base}/{wish.body['id']}:broker", wish.broker)
    if wish.fulfilled_on is not None:
        await client.post(caller, "visits", f"{base}/{wish.body['id']}:fulfil", {"on": wish.fulfilled_on})
    step.advance()


async def _leave(client: Client, helper: Helper) -> None:
    body = {"on": _LAST_DAY.isoformat(), "reason": "programme_ended"}
    path = f"cities/{CITY}/engagements/{helper.id}:leave"
    await client.post(coordinator(CITY, FORMER), "registry", path, body)

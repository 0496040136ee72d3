"""The volunteers of today, and the families and pupils who wait for somebody."""

from collections.abc import Sequence
from typing import Any, Final

from deploy.demo.client import Client, together
from deploy.demo.days import CLEARED, ENTERED, OPENED
from deploy.demo.register import GuestPlan, HelperPlan, consent, register_guest, register_helper
from deploy.demo.screen import Step
from deploy.demo.script import Script
from deploy.demo.settings import SETTINGS, Odd, Setting
from deploy.demo.world import Body, Guest, Helper, World

_SLOTS: Final = ("mon-pm", "tue-pm", "wed-am", "wed-pm", "thu-pm", "fri-pm", "sat-am")
_EVERY: Final = {"urgent": 9, "wish": 4, "gender": 5}
"""Every ninth is urgent, every fourth has a wish on top, every fifth wants a woman."""
_URGENT_DAYS: Final = 60


def plan_helpers(script: Script) -> list[HelperPlan]:
    """The helpers of all settings that bring their own."""
    return [
        _helper(script, setting, number, language)
        for setting in SETTINGS
        for number, language in enumerate(setting.helpers)
    ]


def _helper(script: Script, setting: Setting, number: int, language: str) -> HelperPlan:
    people, days = script.people, script.days
    person = people.person(language)
    begun = days.at(OPENED + 0.01 * number)
    special = setting.special is not None and number == 0
    body: Body = {
        "id": people.id("eng"),
        "person": person["id"],
        "programme": setting.programme,
        "role": setting.role,
        "date": begun,
        "languages": {language: "native", "de": people.random.choice(("B2", "C1", "C2"))},
        "reach": list(setting.districts),
        "topics": [*setting.topics, *([setting.special] if special and setting.special else [])],
        "slots": sorted(people.random.sample(_SLOTS, 3)),
        "capacity": setting.capacity,
        "gender": "f",
        **_site(setting),
    }
    purposes = ("matching", "special_category") if special else ()
    agreed = tuple(consent(people, person["id"], begun, purpose) for purpose in purposes)
    clearance = {"issued_on": days.at(CLEARED - 0.03), "seen_on": days.at(CLEARED)}
    return HelperPlan(Helper(setting.city, body, ready=True), person, agreed, clearance)


def plan_guests(script: Script, helpers: Sequence[Helper]) -> list[GuestPlan]:
    """For each setting those who fit one of its helpers in turn, and the odd ones."""
    plans: list[GuestPlan] = []
    for setting in SETTINGS:
        ready = [helper for helper in helpers if helper.programme == setting.programme and helper.ready]
        oddities = [*[Odd()] * setting.guests, *setting.odd]
        for number, odd in enumerate(oddities):
            plans.append(_guest(script, setting, ready[number % len(ready)], number, odd))
    return plans


def _guest(script: Script, setting: Setting, helper: Helper, number: int, odd: Odd) -> GuestPlan:
    people = script.people
    language = odd.language or next(iter(helper.body["languages"]))
    district = odd.district or people.random.choice(helper.body["reach"])
    levels = {language: "native", "de": people.random.choice(("A1", "A2"))}
    came = script.days.at(people.random.uniform(*ENTERED))
    person = people.person(language)
    body = _participation(script, setting, helper, number, odd) | {"date": came, "waiting_since": came}
    household: Body | None = None
    contact: Body | None = None
    if setting.pupils:
        body |= {"person": person["id"], "district": district, "languages": levels}
    else:
        household = _household(script, person["id"], district, levels)
        contact = _contact(script, household["id"], language)
        body |= {"family": household["id"]}
    guest = Guest(setting.city, body, language, odd.consent)
    special = setting.special is not None and number == 0
    purposes = ("matching", "special_category") if special else ("matching",)
    given: dict[str, Any] = {"given_by": person["id"], "capacity": "self" if setting.pupils else "parent"}
    agreed = tuple(consent(people, guest.subject, came, purpose, **given) for purpose in purposes)
    return GuestPlan(guest, person, household, agreed if odd.consent else (), contact)


def _participation(script: Script, setting: Setting, helper: Helper, number: int, odd: Odd) -> Body:
    people = script.people
    topics = [odd.topic] if odd.topic else people.some(setting.topics, 2)
    if setting.special is not None and number == 0:
        topics.append(setting.special)
    wishes = people.some(setting.topics, 1) if number % _EVERY["wish"] == 1 else []
    slots = odd.slots or (people.random.choice(helper.body["slots"]), people.random.choice(_SLOTS))
    body: Body = {
        "id": people.id("ptc"),
        "programme": setting.programme,
        "topics": topics,
        "wishes": wishes,
        "slots": sorted(set(slots)),
        **_site(setting),
    }
    if number % _EVERY["urgent"] == 2:
        body["urgency"] = {"reason": "birth_soon", "until": script.days.to_come(_URGENT_DAYS)}
    if number % _EVERY["gender"] == 3:
        body["gender_wish"] = "f"
    return body


def _household(script: Script, parent: str, district: str, levels: dict[str, str]) -> Body:
    people, days = script.people, script.days
    key, adults, children = people.id("fam"), people.random.randint(1, 2), people.random.randint(1, 4)
    return {
        "id": key,
        "persons": [parent],
        "adults": adults,
        "household": {"children": [{"birth": str(2014 + 3 * number)} for number in range(children)]},
        "district": district,
        "since": days.at(0.0),
        "languages": levels,
        "mother_tongues": [next(iter(levels))],
    }


def _contact(script: Script, subject: str, language: str) -> Body:
    number = script.people.random.randint(1, 90)
    door = {"street": "Musterweg", "number": str(number), "door": "zweiter Eingang, dritte Klingel von unten"}
    called = {"kind": "telephone", "number": f"030 23125{number:03d}", "language": language}
    return {"subject": subject, "flats": [door], "channels": [called]}


def _site(setting: Setting) -> dict[str, str]:
    return {} if setting.site is None else {"site": setting.site}


async def enter_helpers(client: Client, world: World, plans: Sequence[HelperPlan], step: Step) -> None:
    """Registers the volunteers of today."""
    step.total(len(plans))

    async def one(plan: HelperPlan) -> Helper:
        helper = await register_helper(client, plan)
        world.count(helper.programme, "volunteers_won")
        step.advance()
        return helper

    world.helpers += await together([one(plan) for plan in plans])
    cities = sorted({helper.city for helper in world.helpers})
    step.tell(f"{len(world.helpers)} volunteers of today in {', '.join(city.title() for city in cities)}")


async def enter_guests(client: Client, world: World, plans: Sequence[GuestPlan], step: Step) -> None:
    """Registers families and pupils."""
    step.total(len(plans))

    async def one(plan: GuestPlan) -> Guest:
        guest = await register_guest(client, plan)
        step.advance()
        return guest

    world.guests += await together([one(plan) for plan in plans])
    languages = len({guest.language for guest in world.guests})
    step.tell(
        f"{world.families} families, {len(world.guests) - world.families} pupils, {languages} languages, "
        f"{sum(guest.consent for guest in world.guests)} with consent"
    )

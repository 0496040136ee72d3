"""Rostock's cohort: eleven mothers, six modules; who has them all is certified, and nobody else can be."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from deploy.demo.client import Client, UnexpectedAnswerError, coordinator, together
from deploy.demo.days import CERTIFIED, CLEARED, MODULES, OPENED, Days
from deploy.demo.register import HelperPlan, consent, register_helper
from deploy.demo.screen import Step
from deploy.demo.script import Script
from deploy.demo.world import Body, Helper, World

CITY: Final = "rostock"
PROGRAMME: Final = "stadtteilmuetter-rostock"
SITE: Final = "kifaz-gross-klein"

_LANGUAGES: Final = ("ar", "uk", "ru", "fa", "ar", "uk", "ru", "ar", "fa", "uk", "ar")
_ALSO_ENGLISH: Final = frozenset({0, 3, 5})
_EXPIRED: Final = 8
"""Whose certificate of good conduct was seen six years before those of the others."""
_SIX_YEARS: Final = timedelta(days=6 * 365)
_MISSED: Final = {9: ("resilience",), 10: ("violence_prevention", "family_pedagogy")}
_MADE_UP: Final = {(2, "early_childhood_health"), (6, "resilience")}
_LATER: Final = 0.03
"""How much later a module is made up, as a share of the story's time."""
_MINUTES: Final = 180
_SLOTS: Final = ("mon-am", "tue-am", "wed-pm", "thu-am", "thu-pm", "fri-am", "sat-am")


@dataclass(frozen=True, slots=True)
class Cohort:
    """The cohort and its trainees, in the order in which they came."""

    body: Body
    mothers: tuple[HelperPlan, ...]
    modules: tuple[str, ...]


def plan_cohort(script: Script) -> Cohort:
    """Who will be in it."""
    people, days, told = script.people, script.days, script.reference.cohort
    body = {"id": people.id("coh"), "programme": PROGRAMME, "name": told["name"], "opened_on": days.at(OPENED)}
    body["places"] = told["participants"]
    programme = script.reference.programme(PROGRAMME)
    mothers = tuple(_mother(script, number, body["id"]) for number in range(told["participants"]))
    return Cohort(body, mothers, tuple(module["code"] for module in programme["modules"]))


def _mother(script: Script, number: int, cohort: str) -> HelperPlan:
    people, days, districts = script.people, script.days, tuple(script.reference.cohort["districts"])
    person = people.person(_LANGUAGES[number])
    levels = {_LANGUAGES[number]: "native", "de": people.random.choice(("B1", "B2", "C1"))}
    if number in _ALSO_ENGLISH:
        levels["en"] = "C1"
    home = districts[number % len(districts)]
    engagement = {
        "id": people.id("eng"),
        "person": person["id"],
        "programme": PROGRAMME,
        "role": "stadtteilmutter",
        "date": days.at(OPENED),
        "site": SITE,
        "languages": levels,
        "reach": sorted({home, *people.some(districts, 2)}),
        "topics": script.reference.programme(PROGRAMME)["topics"],
        "slots": sorted(people.random.sample(_SLOTS, 3)),
        "capacity": 2,
        "gender": "f",
        "cohort": cohort,
    }
    expired = number == _EXPIRED
    helper = Helper(CITY, engagement, ready=not expired and number not in _MISSED)
    clearance = {"issued_on": days.at(CLEARED - 0.03), "seen_on": days.at(CLEARED)}
    if expired:
        clearance = {name: (date.fromisoformat(day) - _SIX_YEARS).isoformat() for name, day in clearance.items()}
    agreed = (consent(people, person["id"], days.at(OPENED), "matching"),)
    return HelperPlan(helper, person, agreed, clearance)


async def hold_cohort(client: Client, world: World, cohort: Cohort, days: Days, step: Step) -> None:
    """Opens the cohort, enrols the mothers and records who was there, module by module."""
    caller, base = coordinator(CITY, PROGRAMME), f"cities/{CITY}"
    step.total(len(cohort.mothers) * (1 + len(cohort.modules)))
    await client.post(caller, "registry", f"{base}/cohorts", cohort.body)
    for plan in cohort.mothers:
        world.cohort.append(await register_helper(client, plan))
        world.count(PROGRAMME, "volunteers_won")
        step.advance()
    for number, module in enumerate(cohort.modules):
        entries = _attendances(cohort, module, days.at(MODULES[number]), days.at(MODULES[number] + _LATER))
        await together([client.post(caller, "registry", f"{base}/attendances", entry) for entry in entries])
        world.count(PROGRAMME, "attendance", sum(entry["state"] != "absent" for entry in entries))
        for _ in entries:
            step.advance()
    attended = world.expected[PROGRAMME]["attendance"]
    step.tell(f"{len(world.cohort)} mothers, {len(cohort.modules)} modules, {attended} attendances")


def _attendances(cohort: Cohort, module: str, day: str, later: str) -> list[Body]:
    rows: list[Body] = []
    for number, plan in enumerate(cohort.mothers):
        state = "absent" if module in _MISSED.get(number, ()) else "present"
        state = "made_up" if (number, module) in _MADE_UP else state
        minutes = 0 if state == "absent" else _MINUTES
        row = {"cohort": cohort.body["id"], "engagement": plan.helper.id, "module": module, "date": day}
        made_up = {"made_up_on": later} if state == "made_up" else {}
        rows.append({**row, "state": state, "minutes": minutes, **made_up})
    return rows


async def certify(client: Client, world: World, days: Days, step: Step) -> None:
    """Whoever registry names as due is certified; for the others it is tried too, and must be refused."""
    caller, base = coordinator(CITY, PROGRAMME), f"cities/{CITY}"
    waiting = (await client.get(caller, "registry", f"{base}/due"))["items"]
    due = {row["subject"] for row in waiting if row["kind"] == "certification"}
    on = {"on": days.at(CERTIFIED)}
    for helper in world.cohort:
        path = f"{base}/engagements/{helper.id}:certify"
        if helper.id in due:
            await client.post(caller, "registry", path, on)
            world.certified += 1
            world.count(PROGRAMME, "mentors_certified")
            continue
        answer = await client.call(caller, "registry", "POST", path, on, refused=(422,))
        if answer.code == "qualification":
            missing = ", ".join(answer.json["params"]["missing"])
            world.refusals.append(f"certify: 422 {answer.code}, missing {missing}")
    step.tell(f"{world.certified} of {len(world.cohort)} certified, {len(world.refusals)} refused by registry")


async def show_expired(client: Client, world: World, step: Step) -> None:
    """The mother whose certificate has expired is certified and still not active; her coordinator is told why."""
    caller, base, mother = coordinator(CITY, PROGRAMME), f"cities/{CITY}", world.cohort[_EXPIRED]
    found = await client.get(caller, "registry", f"{base}/engagements/{mother.id}")
    waiting = (await client.get(caller, "registry", f"{base}/due"))["items"]
    world.expired = [row["title"] for row in waiting if row["subject"] == mother.id and row["kind"] == "proof-ended"]
    if found["stage"] != "certified" or len(world.expired) != 1:
        raise UnexpectedAnswerError("an expired certificate must be due, and keep its bearer from being active")
    step.tell(f"certified and not active: {world.expired[0]}")

"""Activities with head counts, nobody named: what minutes tell of, and the open hours of the Willkommensräume."""

from datetime import date, timedelta

from deploy.demo.client import Caller, Client, coordinator, together
from deploy.demo.people import People
from deploy.demo.screen import Step
from deploy.demo.script import Script
from deploy.demo.world import Body, World
from shared.security.principals import COORDINATOR

_ROOMS = "willkommensraeume"
_OPEN_WEEKS = 4


def plan_activities(script: Script) -> list[tuple[Caller, Body]]:
    """Each with who records it: the coordinator of the programme, or of the one room."""
    people, today, reference = script.people, script.days.today, script.reference
    planned: list[tuple[Caller, Body]] = []
    for told in reference.past_activities:
        body = {name: value for name, value in told.items() if name != "city"} | {"id": people.id("act")}
        planned.append((coordinator(told["city"], told["programme"]), body))
    for city in reference.cities:
        for site in city["sites"]:
            if any(site["slug"] in row["sites"] for row in city["programmes"] if row["slug"] == _ROOMS):
                caller = Caller(COORDINATOR, city["slug"], _ROOMS, site["slug"], site["carrier"])
                planned += [(caller, _open_house(people, today, site["slug"], week)) for week in range(_OPEN_WEEKS)]
    return planned


def _open_house(people: People, today: date, site: str, week: int) -> Body:
    return {
        "id": people.id("act"),
        "programme": _ROOMS,
        "kind": "open_house",
        "date": (today - timedelta(days=7 * week + 1)).isoformat(),
        "participants": people.random.randint(6, 40),
        "minutes": 180,
        "site": site,
    }


async def record_activities(client: Client, world: World, planned: list[tuple[Caller, Body]], step: Step) -> None:
    """All of them."""
    step.total(len(planned))

    async def one(caller: Caller, body: Body) -> None:
        await client.post(caller, "visits", f"cities/{caller.city}/activities", body)
        world.count(body["programme"], "activities")
        step.advance()

    await together([one(caller, body) for caller, body in planned])
    people = sum(body["participants"] for _, body in planned)
    step.tell(f"{len(planned)} activities with {people} participants, nobody named")

"""A newcomer who was accompanied becomes a WillkommensPate herself: the same person under the same id."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from deploy.demo.client import PATIENCE, Client, UnexpectedAnswerError, coordinator, mentor
from deploy.demo.register import consent
from deploy.demo.screen import Step
from deploy.demo.script import Script
from deploy.demo.world import Body, Helper, Tandem, World

PROGRAMME: Final = "willkommenspaten"
ROLE: Final = "willkommenspate"


async def show_newcomer(client: Client, world: World, script: Script, step: Step) -> None:
    """Her mentor's phone shows her, then forgets her; she begins to help others. Nobody is registered twice."""
    tandem = next(one for one in world.tandems if one.guest.programme == PROGRAMME and "family" in one.guest.body)
    guest, caller, base = tandem.guest, coordinator(tandem.guest.city, PROGRAMME), f"cities/{tandem.guest.city}"
    family = await client.get(caller, "registry", f"{base}/families/{guest.subject}")
    (person,) = family["persons"]
    before = await _phone_with(client, tandem)
    ended = {"on": script.days.at(1.0), "reason": "goals_reached"}
    await client.post(caller, "registry", f"{base}/participations/{guest.id}:end", ended)
    helper = await _begin(client, script, tandem, person)
    world.helpers.append(helper)
    world.count(PROGRAMME, "volunteers_won")
    after = await _phone_forgets(client, tandem, before["sync"])
    taking_part = await client.get(caller, "registry", f"{base}/participations", family=guest.subject)
    engaged = await client.get(caller, "registry", f"{base}/engagements", person=person)
    world.newcomer = {
        "participations": len(taking_part["items"]),
        "engagements": len(engaged["items"]),
        "forgotten": sum(row["tandem"] == tandem.id for row in after["forget"]),
    }
    if [len(found["items"]) for found in (taking_part, engaged)] != [1, 1]:
        raise UnexpectedAnswerError("a newcomer who helps must have one participation and one engagement")
    step.tell("one of those accompanied is a WillkommensPate now, under her id; her mentor's phone has forgotten her")


async def _begin(client: Client, script: Script, tandem: Tandem, person: str) -> Helper:
    guest, today = tandem.guest, script.days.at(1.0)
    caller, base = coordinator(guest.city, PROGRAMME), f"cities/{guest.city}"
    body: Body = {
        "id": script.people.id("eng"),
        "person": person,
        "programme": PROGRAMME,
        "role": ROLE,
        "date": today,
        "languages": {guest.language: "native"},
        "topics": list(tandem.helper.body["topics"]),
        "slots": list(guest.body["slots"]),
    }
    await client.post(caller, "registry", f"{base}/engagements", body)
    await client.post(caller, "registry", f"{base}/consents", consent(script.people, person, today, "matching"))
    return Helper(guest.city, body, ready=False)


async def _phone_with(client: Client, tandem: Tandem) -> Any:
    """The mentor's list once it has the tandem, with a telephone and the way to the door."""

    def has_it(found: Body) -> bool:
        return any(row["tandem"] == tandem.id and row["flats"] and row["channels"] for row in found["items"])

    return await _phone(client, tandem, {}, has_it)


async def _phone_forgets(client: Client, tandem: Tandem, sync: str) -> Any:
    def forgotten(found: Body) -> bool:
        told = {row["tandem"] for row in found["forget"]}
        return tandem.id in told and tandem.id not in {row["tandem"] for row in found["items"]}

    return await _phone(client, tandem, {"since": sync}, forgotten)


async def _phone(client: Client, tandem: Tandem, asked: dict[str, str], until: Callable[[Body], bool]) -> Any:
    path, deadline = f"cities/{tandem.helper.city}/mentors/me/families", time.monotonic() + PATIENCE
    caller = mentor(tandem.helper.city, tandem.helper.person)
    while True:
        found = await client.get(caller, "registry", path, **asked)
        if until(found):
            return found
        if time.monotonic() > deadline:
            raise UnexpectedAnswerError("a mentor's phone does not show what it must in time")
        await asyncio.sleep(0.2)

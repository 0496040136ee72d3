"""A round per programme: refusals shown, proposals decided, and who waits, with the reasons."""

import asyncio
import time
from typing import Any, Final

from deploy.demo import cohort
from deploy.demo.client import PATIENCE, Client, UnexpectedAnswerError, coordinator, together
from deploy.demo.days import ROUND, Days
from deploy.demo.screen import Step
from deploy.demo.settings import SETTINGS, Setting
from deploy.demo.world import Body, Guest, Helper, Tandem, World

_NOT_READY: Final = frozenset({"qualification", "clearance", "paused"})
_REJECTED: Final = cohort.PROGRAMME
_REASON: Final = "declined_by_family"


async def await_arrival(client: Client, world: World, step: Step, day: str) -> None:
    """Until matching knows everybody as registry does: events travel, so a round held at once would miss some."""
    step.total(len(world.guests))
    began = time.monotonic()

    async def one(guest: Guest) -> None:
        while not await _has_arrived(client, world, guest, day):
            if time.monotonic() - began > PATIENCE:
                raise UnexpectedAnswerError(f"matching does not know everybody of {guest.programme} in time")
            await asyncio.sleep(0.2)
        step.advance()

    await together([one(guest) for guest in world.guests])
    step.tell(f"matching knows {len(world.guests)} participations, those who help them, and every consent")


async def _has_arrived(client: Client, world: World, guest: Guest, day: str) -> bool:
    caller, path = coordinator(guest.city, guest.programme), f"cities/{guest.city}/candidates"
    found = await client.get(caller, "matching", path, participation=guest.id, date=day)
    rules = {row["engagement"]: row["reason"]["rule"] for row in found["others"]}
    fitting = {row["engagement"] for row in found["candidates"]}
    helpers = _helpers_of(world, guest.programme)
    ready = {helper.id for helper in helpers if helper.ready}
    known_ready = fitting | {key for key, rule in rules.items() if rule not in _NOT_READY}
    consents = guest.consent != ("consent" in rules.values())
    return consents and known_ready == ready and set(rules) | fitting == {helper.id for helper in helpers}


def _helpers_of(world: World, programme: str) -> list[Helper]:
    return [helper for helper in (*world.cohort, *world.helpers) if helper.programme == programme]


async def show_refusals(client: Client, world: World, days: Days, step: Step) -> None:
    """Whoever is not certified, or not cleared, cannot be paired by hand either."""
    caller, path = coordinator(cohort.CITY, cohort.PROGRAMME), f"cities/{cohort.CITY}/tandems"
    family = next(guest for guest in world.guests if guest.programme == cohort.PROGRAMME and guest.consent)
    for helper in world.cohort:
        if helper.ready:
            continue
        body = {"engagement": helper.id, "participation": family.id, "date": days.at(ROUND)}
        answer = await client.call(caller, "matching", "POST", path, body, refused=(422,))
        if answer.status < 400:
            raise UnexpectedAnswerError("matching took a mother who must not be matched")
        world.refusals.append(f"pair by hand: 422 {answer.code}{_missing(answer.json)}")
    step.tell(f"{len(world.refusals)} refusals, as it must be")


def _missing(problem: Body) -> str:
    modules = problem.get("params", {}).get("modules")
    return f", missing {', '.join(modules)}" if modules else ""


async def hold_rounds(client: Client, world: World, days: Days, step: Step) -> None:
    """A round in each programme; one proposal is rejected, all others accepted; then once more where one was."""
    step.total(len(SETTINGS))
    rejected = 0
    for setting in SETTINGS:
        held = world.rounds[setting.programme] = await _hold(client, setting, days)
        drafts = list(held["proposals"])
        if setting.programme == _REJECTED:
            refused = drafts.pop()
            await _reject(client, setting, refused, days)
            rejected += 1
        await _accept(client, world, setting, drafts, days)
        if setting.programme == _REJECTED:
            held = await _hold(client, setting, days)
            if _pair(refused) in map(_pair, held["proposals"]):
                raise UnexpectedAnswerError("a pair that was rejected came back")
            await _accept(client, world, setting, held["proposals"], days)
        await _remember_waiting(client, world, setting)
        step.advance()
    step.tell(f"{len(world.tandems)} proposals accepted, {rejected} rejected, {len(world.waiting)} wait")


async def _hold(client: Client, setting: Setting, days: Days) -> Body:
    caller, path = coordinator(setting.city, setting.programme), f"cities/{setting.city}/rounds"
    body = {"programme": setting.programme, "date": days.at(ROUND)}
    held: Body = await client.post(caller, "matching", path, body)
    if held["certificate"]["violations"] or held["certificate"]["dual_gap"]:
        raise UnexpectedAnswerError(f"the round of {setting.programme} does not prove its result")
    return held


def _pair(proposal: Body) -> tuple[str, str]:
    return proposal["engagement"], proposal["participation"]


async def _accept(client: Client, world: World, setting: Setting, drafts: list[Body], days: Days) -> None:
    caller, path = coordinator(setting.city, setting.programme), f"cities/{setting.city}/proposals"
    helpers = {helper.id: helper for helper in _helpers_of(world, setting.programme)}
    guests = {guest.id: guest for guest in world.guests}
    day = days.at(ROUND)

    async def one(draft: Body) -> Tandem:
        begun = await client.post(caller, "matching", f"{path}/{draft['id']}:accept", {"date": day})
        return Tandem(begun["id"], helpers[draft["engagement"]], guests[draft["participation"]], day)

    # One after the other: each accept takes a place, and two at once for the same mentor would only meet.
    for draft in drafts:
        world.tandems.append(await one(draft))
        world.count(setting.programme, "tandems")


async def _reject(client: Client, setting: Setting, draft: Body, days: Days) -> None:
    caller, path = coordinator(setting.city, setting.programme), f"cities/{setting.city}/proposals"
    body = {"reason": _REASON, "until": days.at(1.2)}
    await client.post(caller, "matching", f"{path}/{draft['id']}:reject", body)


async def _remember_waiting(client: Client, world: World, setting: Setting) -> None:
    caller, path = coordinator(setting.city, setting.programme), f"cities/{setting.city}/waiting"
    subjects = {guest.id: guest.subject for guest in world.guests}
    rows = await client.get(caller, "matching", path, programme=setting.programme, limit="200")
    for row in rows["items"]:
        family = subjects[row["id"]]
        world.waiting.append({"family": family, "reasons": row["reasons"], **_shown(setting, row)})


def _shown(setting: Setting, row: Body) -> dict[str, Any]:
    names = ("languages", "district", "waiting_since", "would_help")
    return {"programme": setting.programme, **{name: row[name] for name in names}}

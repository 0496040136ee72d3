"""The story from end to end, against running services: each step, in order."""

from pathlib import Path

from deploy.demo.activities import plan_activities, record_activities
from deploy.demo.carriers import change_carrier, show_carriers
from deploy.demo.certificate import issue_certificate
from deploy.demo.client import Client
from deploy.demo.cohort import certify, hold_cohort, plan_cohort, show_expired
from deploy.demo.days import ROUND, Days
from deploy.demo.explained import explain_round
from deploy.demo.nachbarin import enter_project, plan_project
from deploy.demo.neighbours import enter_guests, enter_helpers, plan_guests, plan_helpers
from deploy.demo.newcomer import show_newcomer
from deploy.demo.provision import provision
from deploy.demo.reports import Made, make_reports, reports_of, seal
from deploy.demo.rounds import await_arrival, hold_rounds, show_refusals
from deploy.demo.screen import Screen
from deploy.demo.script import Script
from deploy.demo.visits import log_visits, plan_visits
from deploy.demo.world import FORMER, World


async def tell(client: Client, script: Script, screen: Screen, folder: Path) -> tuple[World, tuple[Made, ...]]:
    """All steps; a certificate and ``reports``, which is there, are written in ``folder``.

    Raises ``UnexpectedAnswerError``.
    """
    world = World()
    with screen.step("cities, programmes") as step:
        await provision(client, script.reference, step)
    with screen.step("change of carrier") as step:
        await change_carrier(client, script.reference, step)
    await _enter(client, script, screen, world, folder)
    await _match(client, script.days, screen, world)
    with screen.step("a round explained") as step:
        await explain_round(client, world, folder, step)
    screen.note(f"why not her: {world.explained['why_not']}")
    screen.note("the pair that was rejected did not come back")
    with screen.step("visits") as step:
        await log_visits(client, world, plan_visits(script, world.tandems), step)
    with screen.step("newcomer who helps") as step:
        await show_newcomer(client, world, script, step)
    wanted = reports_of(script.reference, script.days)
    with screen.step("reports") as step:
        made = await make_reports(client, world, wanted, folder / "reports", step)
    with screen.step("carriers by year") as step:
        await show_carriers(client, world, script.reference, step)
    with screen.step("sealed report") as step:
        await seal(client, next(one for one in wanted if one.programme == FORMER), step)
    return world, tuple(made)


async def _enter(client: Client, script: Script, screen: Screen, world: World, folder: Path) -> None:
    with screen.step("cohort in Rostock") as step:
        await hold_cohort(client, world, plan_cohort(script), script.days, step)
    with screen.step("certification") as step:
        await certify(client, world, script.days, step)
    with screen.step("certificate") as step:
        await issue_certificate(client, world, folder, step)
    with screen.step("expired clearance") as step:
        await show_expired(client, world, step)
    with screen.step("Nachbarin of 2010") as step:
        await enter_project(client, world, plan_project(script), step)
    with screen.step("volunteers of today") as step:
        await enter_helpers(client, world, plan_helpers(script), step)
    with screen.step("families") as step:
        await enter_guests(client, world, plan_guests(script, [*world.cohort, *world.helpers]), step)
    with screen.step("activities") as step:
        await record_activities(client, world, plan_activities(script), step)


async def _match(client: Client, days: Days, screen: Screen, world: World) -> None:
    with screen.step("events arrive") as step:
        await await_arrival(client, world, step, days.at(ROUND))
    with screen.step("refusals") as step:
        await show_refusals(client, world, days, step)
    for refusal in world.refusals:
        screen.note(refusal)
    with screen.step("matching rounds") as step:
        await hold_rounds(client, world, days, step)

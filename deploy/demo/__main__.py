"""`make demo`: starts the stack and the services afresh, tells the story, writes its folder, stops what it started.

Exit codes: 0 done; 1 it failed, or the reports do not count what was accepted; 2 arguments refused; 3 another demo
runs on the folder; 130 stopped.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

import httpx

from deploy.demo.certificate import FILE as CERTIFICATE
from deploy.demo.client import Client, UnexpectedAnswerError
from deploy.demo.data import read_reference
from deploy.demo.days import now_in_germany
from deploy.demo.lock import DemoRunsError, only_one
from deploy.demo.people import People
from deploy.demo.reports import Made
from deploy.demo.screen import Screen
from deploy.demo.script import Script
from deploy.demo.story import tell
from deploy.demo.summary import Outcome, show_end, summary, write_summary
from deploy.demo.world import FORMER, World
from deploy.local import Stack
from deploy.local.folders import ForeignFolderError, claim
from deploy.local.processes import ComponentFailedError
from deploy.services import SERVICES, Deployment

ROOT: Final = Path(__file__).resolve().parents[2]
SETUP: Final = "TUEROEFFNER_DEMO_SETUP_SECONDS"
FAILED, OTHER_RUNS, STOPPED = 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=_inside, default=ROOT / "build" / "demo", help="made anew in each run")
    folder: Path = parser.parse_args(arguments).folder
    signal.signal(signal.SIGTERM, _stopped)
    try:
        with only_one(folder.with_name(folder.name + ".lock")):
            return _run(Screen(), folder)
    except DemoRunsError as fault:
        print(fault, file=sys.stderr)
        return OTHER_RUNS
    except (UnexpectedAnswerError, ComponentFailedError, ForeignFolderError, httpx.HTTPError) as fault:
        logs = (folder / "services").relative_to(ROOT)
        print(f"The demo failed: {str(fault) or type(fault).__name__}\nLogs: {logs}/*.log", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("Stopped; nothing is left running.", file=sys.stderr)
        return STOPPED


def _run(screen: Screen, folder: Path) -> int:
    shutil.rmtree(claim(folder.parent, folder.name))
    (claim(folder.parent, folder.name) / "reports").mkdir()
    script = Script(People.of_seed(), now_in_germany(), read_reference())
    screen.say(f"Türöffner: the main job with {len(SERVICES)} services on a real MongoDB and a real Kafka.\n")
    began = time.monotonic()
    with screen.step("stack") as step:
        stack = Stack.start(folder / "stack")
        step.tell("MongoDB (replica set) and Kafka (KRaft), as processes")
    with stack:
        with screen.step("services") as step:
            services = Deployment.start(folder / "services", stack.mongo_url, stack.kafka)
            step.tell(", ".join(SERVICES))
        with services:
            ready = time.monotonic()
            world, made, calls = asyncio.run(_told(screen, script, services, folder))
            finished = time.monotonic()
    # Its logs matter only where something failed, and it is large.
    shutil.rmtree(folder / "stack")
    seconds = {"set_up": float(os.environ.get(SETUP, "0")), "stack": ready - began, "job": finished - ready}
    outcome = Outcome(world, made, seconds)
    write_summary(summary(outcome, script.reference, ROOT), folder / "summary.json")
    show_end(screen, outcome, script.reference, calls)
    return verdict(screen, outcome, folder.relative_to(ROOT))


async def _told(
    screen: Screen, script: Script, services: Deployment, folder: Path
) -> tuple[World, tuple[Made, ...], str]:
    async with Client({name: services.url(name) for name in SERVICES}, services.issuer) as client:
        world, made = await tell(client, script, screen, folder)
        roles = ", ".join(f"{role} {number}" for role, number in client.calls.most_common())
        return world, made, f"{client.calls.total()} calls ({roles}), {client.waited} of them again after a wait"


def verdict(screen: Screen, outcome: Outcome, folder: Path) -> int:
    """The exit code: the reports must count every visit that was accepted, and none twice."""
    accepted, reported = outcome.world.visits.unique, outcome.in_report
    if accepted != reported:
        print(f"The reports count {reported} visits, but {accepted} were accepted.", file=sys.stderr)
        return FAILED
    screen.say("Six things to look at:")
    places = (
        (f"{folder}/reports/{FORMER}.pdf", "the funder's report of 2010: 18 won where 8 were wanted"),
        (f"{folder}/{CERTIFICATE}", "a certificate, in German and in Arabic"),
        (f"{folder}/reports/", "every programme as HTML, CSV, XLSX and PDF"),
        (f"{folder}/summary.json", "this run, for programs"),
        (f"{folder}/services/matching.log", "what a service logs: one JSON object a line, nobody's name"),
        ("make up", "the four services kept running, each with its API documentation under /docs"),
    )
    for number, (place, what) in enumerate(places, 1):
        screen.say(f"  {number}. {place:<46} {what}")
    return 0


def _inside(text: str) -> Path:
    folder = Path(text).resolve()
    if ROOT not in folder.parents:
        raise argparse.ArgumentTypeError("a folder inside the checkout")
    return folder


def _stopped(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

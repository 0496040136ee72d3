"""`make demo`: starts the stack and the services afresh, tells the story, writes `build/demo/`, stops everything.

Exit codes: 0 done; 1 it failed, or the reports do not count what was accepted; 3 another demo runs here; 130 stopped.
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

from deploy.demo.client import Client, UnexpectedAnswerError
from deploy.demo.data import Reference, read_reference
from deploy.demo.days import now_in_germany
from deploy.demo.lock import DemoRunsError, only_one
from deploy.demo.people import People
from deploy.demo.reports import Made
from deploy.demo.screen import Screen
from deploy.demo.script import Script
from deploy.demo.story import tell
from deploy.demo.summary import Outcome, show_steps, show_targets, show_waiting, summary, write_summary
from deploy.demo.world import FORMER, World
from deploy.local import Stack
from deploy.local.processes import ComponentFailedError
from deploy.services import SERVICES, Deployment

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "build" / "demo"
REPORTS: Final = FOLDER / "reports"
SETUP: Final = "TUEROEFFNER_DEMO_SETUP_SECONDS"
RUNNING: Final = tuple(name for name in SERVICES if (ROOT / "services" / name / "app.py").is_file())


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stopped)
    screen = Screen()
    try:
        with only_one(FOLDER.with_suffix(".lock")):
            return _run(screen)
    except DemoRunsError as fault:
        print(fault, file=sys.stderr)
        return 3
    except (UnexpectedAnswerError, ComponentFailedError, httpx.HTTPError) as fault:
        print(f"The demo failed: {fault}\nLogs: {_shown(FOLDER)}/services/*.log", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing is left running.", file=sys.stderr)
        return 130


def _run(screen: Screen) -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    script = Script(People.of_seed(), now_in_germany(), read_reference())
    screen.say(f"Türöffner: the main job with {len(RUNNING)} services on a real MongoDB and a real Kafka.\n")
    began = time.monotonic()
    with screen.step("stack") as step:
        stack = Stack.start(FOLDER / "stack")
        step.tell("MongoDB (replica set) and Kafka (KRaft), as processes")
    with stack:
        with screen.step("services") as step:
            services = Deployment.start(FOLDER / "services", stack.mongo_url, stack.kafka, services=RUNNING)
            step.tell(", ".join(RUNNING))
        with services:
            ready = time.monotonic()
            world, made, calls = asyncio.run(_told(screen, script, services))
            finished = time.monotonic()
    seconds = {"set_up": float(os.environ.get(SETUP, "0")), "stack": ready - began, "job": finished - ready}
    return _close(screen, Outcome(world, made, seconds), script.reference, calls)


async def _told(screen: Screen, script: Script, services: Deployment) -> tuple[World, tuple[Made, ...], str]:
    urls = {name: services.url(name) for name in RUNNING}
    async with Client(urls, services.issuer) as client:
        world, made = await tell(client, script, screen, services=RUNNING, folder=REPORTS)
        roles = ", ".join(f"{role} {number}" for role, number in client.calls.most_common())
        return world, made, f"{client.calls.total()} calls ({roles}); {client.waited} waited for an event"


def _close(screen: Screen, outcome: Outcome, reference: Reference, calls: str) -> int:
    write_summary(summary(outcome, reference, ROOT), FOLDER / "summary.json")
    screen.say("")
    show_steps(screen.console, screen.steps)
    show_waiting(screen.console, outcome.world)
    if outcome.reports:
        show_targets(screen.console, outcome, reference)
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in outcome.seconds.items())
    screen.say(f"{calls}.\nSeconds: {seconds}.")
    accepted, reported = outcome.world.visits.unique, outcome.in_report
    if outcome.reports and accepted != reported:
        print(f"The reports count {reported} visits, but {accepted} were accepted.", file=sys.stderr)
        return 1
    _look_next(screen)
    return 0


def _look_next(screen: Screen) -> None:
    folder, report = _shown(FOLDER), f"reports/{FORMER}"
    lines = (
        f"{folder}/{report}.pdf        the funder's report of 2010: 18 won where 8 were wanted",
        f"{folder}/reports/                           every programme as HTML, CSV, XLSX and PDF",
        f"{folder}/summary.json                       the same run for programs",
        f"{folder}/services/matching.log              what a service logs, one JSON object a line, nobody's name",
        "make up                                     the four services kept running, each with /docs",
    )
    screen.say("Five things to look at:")
    for number, line in enumerate(lines, 1):
        screen.say(f"  {number}. {line}")


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _stopped(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

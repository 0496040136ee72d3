"""`make up` and `make down`: the local stack and the four services, kept running on one folder."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.local import Stack
from deploy.local.processes import told_to_stop
from deploy.services import SERVICES, Deployment

FOLDER: Final = Path("build/up")
START_LIMIT: Final = 90.0
STOP_LIMIT: Final = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """The folder where it runs: data, keys, logs, and the note that it runs."""

    root: Path

    @property
    def state(self) -> Path:
        """Written when all services are ready, taken away when they end."""
        return self.root / "running.json"

    @property
    def log(self) -> Path:
        """What the process in the background has to say."""
        return self.root / "up.log"

    def running(self) -> dict[str, Any] | None:
        """What runs there; ``None`` when nothing does."""
        if not self.state.is_file():
            return None
        state: dict[str, Any] = json.loads(self.state.read_text())
        return state if Path("/proc", str(state["pid"])).exists() else None


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when it runs or is stopped, 1 when it could not be started or stopped."""
    parser = argparse.ArgumentParser(prog="python -m deploy.up", description=__doc__)
    parser.add_argument("command", choices=["start", "stop", "serve"], help="serve: stay in the foreground")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where data, keys and logs are kept (%(default)s)")
    asked = parser.parse_args(arguments)
    return {"start": _start, "stop": _stop, "serve": _serve}[asked.command](Place(asked.folder))


def _start(place: Place) -> int:
    if place.running() is None:
        place.root.mkdir(parents=True, exist_ok=True)
        place.state.unlink(missing_ok=True)
        command = [sys.executable, "-m", "deploy.up", "serve", "--folder", str(place.root)]
        with place.log.open("ab") as log:
            child = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_LIMIT
        while place.running() is None:
            if child.poll() is not None or time.monotonic() > deadline:
                print(f"It did not start; see {place.log}", file=sys.stderr)
                return 1
            time.sleep(0.1)
    print(_told(place, place.running() or {}))
    return 0


def _stop(place: Place) -> int:
    state = place.running()
    if state is None:
        print("Nothing is running.")
        return 0
    process = int(state["pid"])
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT
    while Path("/proc", str(process)).exists():
        if time.monotonic() > deadline:
            print(f"Process {process} has not ended within {STOP_LIMIT:.0f} s; see {place.log}", file=sys.stderr)
            return 1
        time.sleep(0.1)
    print(f"Stopped. The data stay under {place.root}; remove that folder to begin anew.")
    return 0


def _serve(place: Place) -> int:
    told = told_to_stop()
    with (
        Stack.launch(place.root / "stack") as stack,
        Deployment.start(
            place.root / "services", stack.mongo_url, stack.kafka, servers_ready=stack.wait_until_ready
        ) as services,
    ):
        state = {
            "pid": os.getpid(),
            "mongo": stack.mongo_url,
            "kafka": stack.kafka,
            "issuer": str(services.root / "issuer"),
            "urls": {name: services.url(name) for name in SERVICES},
        }
        partial = place.state.with_suffix(".part")
        partial.write_text(json.dumps(state, indent=2) + "\n")
        partial.replace(place.state)
        try:
            told.wait()
        finally:
            place.state.unlink(missing_ok=True)
    return 0


def _told(place: Place, state: dict[str, Any]) -> str:
    urls = state["urls"]
    lines = ["Türöffner runs. Stop it with `make down`.", ""]
    lines += [f"  {name:<10} {url}   API documentation: {url}/docs" for name, url in urls.items()]
    lines += [
        "",
        "A token for 15 minutes, here for a coordinator in Rostock:",
        f"  .venv/bin/tueroeffner token --role coordinator --city rostock --folder {state['issuer']}",
        "",
        f"MongoDB  {state['mongo']}",
        f"Kafka    {state['kafka']}",
        f"Logs     {place.root}/services/*.log",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

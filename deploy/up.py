"""`make up` and `make down`: the local stack and the four services, kept running on one folder."""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from deploy.local import Stack
from deploy.services import SERVICES, Deployment

ROOT: Final = Path(__file__).resolve().parents[1] / "build" / "up"
STATE: Final = ROOT / "running.json"
LOG: Final = ROOT / "up.log"
START_LIMIT: Final = 90.0
STOP_LIMIT: Final = 30.0


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when it runs or is stopped, 1 when it could not be started."""
    parser = argparse.ArgumentParser(prog="python -m deploy.up", description=__doc__)
    parser.add_argument("command", choices=["start", "stop", "serve"], help="serve: stay in the foreground")
    command = parser.parse_args(arguments).command
    return {"start": _start, "stop": _stop, "serve": _serve}[command]()


def _start() -> int:
    if _running() is None:
        ROOT.mkdir(parents=True, exist_ok=True)
        STATE.unlink(missing_ok=True)
        with LOG.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "deploy.up", "serve"], stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_LIMIT
        while _running() is None:
            if child.poll() is not None or time.monotonic() > deadline:
                print(f"It did not start; see {LOG}", file=sys.stderr)
                return 1
            time.sleep(0.1)
    print(_told(_running() or {}))
    return 0


def _stop() -> int:
    state = _running()
    if state is None:
        print("Nothing is running.")
        return 0
    os.kill(int(state["pid"]), signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT
    while _running() is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    print("Stopped. The data stay under build/up; remove that folder to begin anew.")
    return 0


def _serve() -> int:
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    with (
        Stack.start(ROOT / "stack") as stack,
        Deployment.start(ROOT / "services", stack.mongo_url, stack.kafka) as services,
    ):
        state = {
            "pid": os.getpid(),
            "mongo": stack.mongo_url,
            "kafka": stack.kafka,
            "issuer": str(services.root / "issuer"),
            "urls": {name: services.url(name) for name in SERVICES},
        }
        partial = STATE.with_suffix(".part")
        partial.write_text(json.dumps(state, indent=2) + "\n")
        partial.replace(STATE)
        try:
            told_to_stop.wait()
        finally:
            STATE.unlink(missing_ok=True)
    return 0


def _running() -> dict[str, Any] | None:
    if not STATE.is_file():
        return None
    state: dict[str, Any] = json.loads(STATE.read_text())
    return state if Path("/proc", str(state["pid"])).exists() else None


def _told(state: dict[str, Any]) -> str:
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
        "Logs     build/up/services/*.log",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

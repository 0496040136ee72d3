"""`make up` and `make down`, as somebody who tries the API uses them."""

import json
import subprocess
import sys
from pathlib import Path

import httpx


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """``python -m deploy.up`` on a folder of the test's own."""
    arguments = [sys.executable, "-m", "deploy.up", command, "--folder", str(folder)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)


def test_up_tells_where_to_go_and_down_leaves_nothing_running(tmp_path: Path) -> None:
    folder = tmp_path / "up"
    started = run("start", folder)
    try:
        assert started.returncode == 0, started.stderr
        state = json.loads((folder / "running.json").read_text())
        assert all(url in started.stdout for url in state["urls"].values())
        (asked,) = [line for line in started.stdout.splitlines() if "tueroeffner token" in line]
        command = [str(Path(sys.executable).with_name("tueroeffner")), *asked.split()[1:]]
        token = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
        answer = httpx.get(f"{state['urls']['registry']}/v1/cities", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["items"]) == (200, [])
        again = run("start", folder)
        assert (again.returncode, again.stdout) == (0, started.stdout)
    finally:
        stopped = run("stop", folder)
    assert stopped.returncode == 0, stopped.stderr
    assert not Path("/proc", str(state["pid"])).exists()
    for url in state["urls"].values():
        try:
            httpx.get(f"{url}/health/live", timeout=2)
        except httpx.ConnectError:
            continue
        raise AssertionError(f"{url} still answers")
    assert run("stop", folder).stdout == "Nothing is running.\n"

"""Solving in a process of its own: what happens when it, or the process that made it, dies."""

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from services.matching.commands.solve_apart import SolverPool
from shared.kernel.errors import Refused, Unavailable
from shared.testing.waiting import eventually

INSTANCE: dict[str, Any] = json.loads((Path(__file__).parent / "example_instance.json").read_text())
POLICY = {"version": "default-1"}
_PARENT = """
import asyncio, json, multiprocessing, sys, time
from services.matching.commands.solve_apart import SolverPool

async def main():
    solver = SolverPool(time.perf_counter)
    with open(sys.argv[1]) as file:
        await solver.solve(json.load(file), {"version": "v"})
    with open(sys.argv[2], "w") as file:
        print(multiprocessing.active_children()[0].pid, file=file)
    await asyncio.sleep(60)
    solver.close()

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_solver_that_dies_is_told_and_replaced() -> None:
    solver = SolverPool(time.perf_counter)
    try:
        first = await solver.solve(INSTANCE, POLICY)
        before = {child.pid for child in multiprocessing.active_children()}
        (worker,) = before
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        await eventually(lambda: worker not in {child.pid for child in multiprocessing.active_children()})
        with pytest.raises(Unavailable, match="solver-died"):
            await solver.solve(INSTANCE, POLICY)
        again = await solver.solve(INSTANCE, POLICY)
        assert {**again, "seconds": 0} == {**first, "seconds": 0}
    finally:
        solver.close()


async def test_wrong_instance_comes_back_as_a_refusal_and_the_loop_goes_on_meanwhile() -> None:
    solver = SolverPool(time.perf_counter)
    try:
        turns = 0
        task = asyncio.create_task(solver.solve({"city": "rostock"}, POLICY))
        while not task.done():
            turns += 1
            await asyncio.sleep(0.005)
        with pytest.raises(Refused, match="instance-refused") as refusal:
            await task
        assert [finding.pointer for finding in refusal.value.findings] == ["/date", "/mentors", "/families"]
        assert turns > 10
    finally:
        solver.close()


async def test_solver_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script, instance, told = tmp_path / "parent.py", tmp_path / "instance.json", tmp_path / "worker"
    script.write_text(_PARENT)
    instance.write_text(json.dumps(INSTANCE))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    # No pipes: a worker that lives on would hold them open, and waiting for the parent would never end.
    parent = subprocess.Popen([sys.executable, str(script), str(instance), str(told)], env=environment)  # noqa: ASYNC220  # returns at once
    try:
        worker = int(await eventually(lambda: told.exists() and told.read_text().strip(), within=30))
    finally:
        parent.kill()
        parent.wait()
    await eventually(lambda: not _alive(worker))


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False

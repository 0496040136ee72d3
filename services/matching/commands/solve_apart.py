"""Solving in a process of its own: the event loop goes on, and a solver that dies takes nobody with it."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any

from services.matching.commands.solve_instance import solve_instance
from shared.kernel.errors import Unavailable


class SolverPool:
    """One process that solves one round after the other; made on first need, and again after its death."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._workers: ProcessPoolExecutor | None = None

    async def solve(self, instance: object, policy: object) -> dict[str, Any]:
        """The result document. Raises ``Refused`` for a wrong instance, ``Unavailable("solver-died")``."""
        workers = self._workers = self._workers or _workers()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(workers, solve_instance, instance, policy, self._clock)
        except BrokenProcessPool as fault:
            if self._workers is workers:
                self._workers = None
            raise Unavailable("solver-died") from fault

    def close(self) -> None:
        """Ends the process; a later ``solve`` makes another."""
        workers, self._workers = self._workers, None
        if workers is not None:
            workers.shutdown(wait=True, cancel_futures=True)


def _workers() -> ProcessPoolExecutor:
    # Not forked: a copy of a process with open connections and threads is not one to compute in.
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    """A killed parent cannot end its worker, and the worker's queue would never tell."""
    wait([sentinel])
    os._exit(1)

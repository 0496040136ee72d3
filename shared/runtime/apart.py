"""Work that takes CPU, in a process of its own: the event loop goes on, and a worker that dies takes nobody with it."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from shared.kernel.errors import Unavailable

R = TypeVar("R")


class Apart:
    """One process that does one thing after the other; made on first need, and again after its death."""

    def __init__(self, died: str) -> None:
        self._died = died
        self._workers: ProcessPoolExecutor | None = None

    async def run(self, function: Callable[..., R], *arguments: object) -> R:
        """What the function gives or raises; it and all its parts can be pickled. Raises ``Unavailable(died)``."""
        workers = self._workers = self._workers or _workers()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(workers, function, *arguments)
        except BrokenProcessPool as fault:
            if self._workers is workers:
                self._workers = None
            raise Unavailable(self._died) from fault

    def close(self) -> None:
        """Ends the process; a later ``run`` makes another."""
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

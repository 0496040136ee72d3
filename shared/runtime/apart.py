"""Work that takes CPU, in a process of its own: the event loop goes on, and a worker that dies takes nobody with it."""

import asyncio
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, TypeVar

from shared.kernel.errors import Unavailable
from shared.runtime.turns import Turns

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that one piece of work may take, and what is answered where it wants more."""

    code: str
    most: int


@dataclass(frozen=True, slots=True)
class _Workers:
    pool: ProcessPoolExecutor
    process: int


class Apart:
    """One process that does one thing after the other; made on first need, and again after its death."""

    def __init__(
        self,
        died: str,
        *,
        seconds: Limit | None = None,
        mib: Limit | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """``prepare`` is what a new process does first, such as loading libraries; it is not counted as work."""
        self._died, self._prepare = died, prepare
        self._seconds, self._mib = seconds, mib
        self._turns = Turns()
        self._workers: _Workers | None = None
        self._under_way: set[asyncio.Task[Any]] = set()

    async def run(self, function: Callable[..., R], *arguments: object, queue: str = "") -> R:
        """What the function gives or raises; it and all its parts can be pickled.

        Work of one ``queue`` is done in order; queues take turns. Raises ``Unavailable`` with ``died`` where the
        process ended, or with a limit's code; the process that reached it is ended. The clock runs while the work does.
        """
        # A caller who is gone leaves the work behind; its limit must still hold, and its turn must still end.
        task = asyncio.create_task(self._in_turn(queue, function, arguments))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def close(self) -> None:
        """Ends the process; a later ``run`` makes another."""
        workers, self._workers = self._workers, None
        if workers is not None:
            workers.pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            # Whoever asked has it, or is gone.
            task.exception()

    async def _in_turn(self, queue: str, function: Callable[..., R], arguments: tuple[object, ...]) -> R:
        async with self._turns.turn(queue):
            workers: _Workers | None = None
            try:
                workers = await self._ready()
                async with asyncio.timeout(self._seconds.most if self._seconds else None):
                    return await asyncio.wrap_future(workers.pool.submit(function, *arguments))
            except BrokenProcessPool as fault:
                self._forget(workers)
                raise Unavailable(self._died) from fault
            except TimeoutError as fault:
                self._end(workers)
                raise Unavailable(self._seconds.code if self._seconds else self._died) from fault
            except MemoryError as fault:
                self._end(workers)
                raise Unavailable(self._mib.code if self._mib else self._died) from fault

    async def _ready(self) -> _Workers:
        if self._workers is None:
            pool = _pool(self._mib.most if self._mib else None)
            self._workers = _Workers(pool, await asyncio.wrap_future(pool.submit(_prepared, self._prepare)))
        return self._workers

    def _end(self, workers: _Workers | None) -> None:
        self._forget(workers)
        if workers is not None:
            with suppress(ProcessLookupError):  # it has just died of itself
                os.kill(workers.process, signal.SIGKILL)
            workers.pool.shutdown(wait=False, cancel_futures=True)

    def _forget(self, workers: _Workers | None) -> None:
        if self._workers is workers:
            self._workers = None


def _pool(mib: int | None) -> ProcessPoolExecutor:
    # Not forked: a copy of a process with open connections and threads is not one to compute in.
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(mib,))


def _prepared(prepare: Callable[[], None] | None) -> int:
    if prepare is not None:
        prepare()
    return os.getpid()


def _begin(mib: int | None) -> None:
    # There is one thing to do at a time; further threads of a library for numbers would only take memory.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    if mib is not None:
        # What is written to, and not what is mapped: libraries map far more than they ever use.
        resource.setrlimit(resource.RLIMIT_DATA, (mib << 20, mib << 20))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    """A killed parent cannot end its worker, and the worker's queue would never tell."""
    wait([sentinel])
    os._exit(1)

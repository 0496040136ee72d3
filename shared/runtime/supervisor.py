"""The tasks of a process: they live together, and when one of them dies the process ends, non-zero."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Supervisor:
    """Keeps tasks by name. None of them ends by itself; one that does is a fault of the whole process."""

    failed: asyncio.Event = field(default_factory=asyncio.Event)
    fault: str = ""
    _tasks: dict[str, asyncio.Task[Any]] = field(default_factory=dict)

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Runs ``work`` beside the others."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)

    def alive(self) -> bool:
        """Whether all tasks still run."""
        return not self.failed.is_set()

    async def stop(self, within: float = 10.0) -> None:
        """Cancels all tasks and waits for them."""
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.remove_done_callback(self._ended)
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=within)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            self.fault = f"{task.get_name()} was cancelled"
        else:
            fault = task.exception()
            self.fault = f"{task.get_name()}: {type(fault).__name__ if fault else 'ended'}"
        log.error("task-died", task=task.get_name(), error=self.fault)
        self.failed.set()

"""Child processes that end when we end, however we end, and keep their output in a file."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from deploy.local.settings import PATIENCE

_TETHER = Path(__file__).with_name("tether.py")
_LOG_TAIL_LINES = 15

_Process: TypeAlias = subprocess.Popen[bytes]


class Stopped:
    """What runs inside a ``with`` block and is stopped at its end, however it ends."""

    def stop(self) -> None:
        """End it; may be called twice."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def told_to_stop() -> threading.Event:
    """Set by SIGTERM and SIGINT; also where a shell started this process in the background, with Ctrl-C ignored."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    return told


class ComponentFailedError(RuntimeError):
    """A component ended or did not become ready; the message ends with its last log lines."""


class Component:
    """One child process that can be started, broken and started again on the same data.

    `ready` is asked until it is true; it must not block for long and must not raise.
    Not safe for use from several threads at once.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self._ready = ready
        self._environment = dict(environment) if environment is not None else None
        self._process: _Process | None = None

    @property
    def pid(self) -> int:
        """The process id; raises ComponentFailedError if it was never started."""
        if self._process is None:
            raise ComponentFailedError(f"{self.name} has not been started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process exists; a paused one does."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What the process ended with, the negative signal if one ended it; None while it runs or before it ran."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the process without waiting until it is ready; nothing happens if it runs."""
        if not self.running:
            self._process = _SPAWNER.spawn(self.command, self.log, self._environment)

    def wait_until_ready(self, within: float = PATIENCE.ready) -> None:
        """Block until the component answers; raises ComponentFailedError if it ends or takes longer."""
        deadline = time.monotonic() + within
        while not self._ready():
            if not self.running:
                raise ComponentFailedError(f"{self.name} ended before it was ready\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ComponentFailedError(f"{self.name} was not ready within {within} s\n{self.log_tail()}")
            time.sleep(PATIENCE.poll)

    def terminate(self) -> None:
        """Ask the process to end, without waiting; a paused one is woken so that it can."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the process: politely first, by force after a few seconds; returns when it is gone."""
        self.terminate()
        self.wait_until_gone(PATIENCE.graceful_stop)

    def wait_until_gone(self, within: float) -> None:
        """Block until the process has ended by itself; it is killed after `within` seconds."""
        if self._process is not None:
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End the process at once, as a power cut would; returns when it is gone."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(PATIENCE.killed)

    def pause(self) -> None:
        """Freeze the process: it keeps its sockets and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen process go on."""
        self._signal(signal.SIGCONT)

    def log_tail(self) -> str:
        """The last lines of the log, for an error message."""
        if not self.log.exists():
            return f"(no log at {self.log})"
        lines = self.log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
        return "\n".join([f"last lines of {self.log}:", *lines])

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.running:
            self._process.send_signal(number)


class _Spawner:
    """Starts every child from one thread that lives as long as the process.

    The kernel ties a child to the *thread* that made it: one started from a short-lived
    thread would be killed with that thread.
    """

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Callable[[], _Process], Future[_Process]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pid = 0

    def spawn(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None) -> _Process:
        def start() -> _Process:
            tethered = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *command]
            with log.open("ab") as output:
                return subprocess.Popen(
                    tethered,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,
                )

        answer: Future[_Process] = Future()
        self._ensure_thread()
        self._orders.put((start, answer))
        return answer.result()

    def _ensure_thread(self) -> None:
        with self._lock:
            # A forked copy of this process has no thread yet.
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._serve, name="spawner", daemon=True).start()

    def _serve(self) -> None:
        while True:
            start, answer = self._orders.get()
            try:
                answer.set_result(start())
            except (OSError, ValueError) as error:
                answer.set_exception(error)


_SPAWNER = _Spawner()


def spawn(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> _Process:
    """Start a command tied to this process, its output appended to `log`, in a session of its own."""
    return _SPAWNER.spawn(command, log, environment)

"""Clients of one HTTP route in a process of their own, cheap ones: ``python -m deploy.bench.load``.

Reads a ``Job`` as JSON from standard input, writes an ``Outcome`` as JSON to standard output. Each client has one
connection and sends its next request when it was answered. Request bodies are made anew: what stands in ``{id}`` of
the template is a new random id, in ``{word}`` a new random word of letters.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import uvloop

from shared.kernel.ids import new_id

_WORD: Final = slice(4, 13)
_LETTERS: Final = str.maketrans("0123456789", "aeiouaeiou")


@dataclass(frozen=True, slots=True)
class Job:
    """What to send. Each of ``senders`` is a header block's lines and a body template."""

    port: int
    path: str
    clients: int
    seconds: float
    senders: list[tuple[str, str]]


@dataclass(slots=True)
class Outcome:
    """What came back: answers by status, requests a second, milliseconds, and the share of a core this process used."""

    rate: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    p50: float = 0.0
    p99: float = 0.0
    busy: float = 0.0


class _Client(asyncio.Protocol):
    """One connection that sends again and again."""

    def __init__(self, number: int, job: Job, statuses: "Counter[str]", times: list[float]) -> None:
        self._job, self._number = job, number
        self._statuses, self._times = statuses, times
        self._transport: asyncio.Transport | None = None
        self._buffer, self._sent = b"", 0.0
        self.stopped = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        start = self._buffer.lower().index(b"content-length:", 0, head) + 15
        length = int(self._buffer[start : self._buffer.index(b"\r\n", start)])
        if len(self._buffer) < head + 4 + length:
            return
        self._times.append(time.perf_counter() - self._sent)
        self._statuses[self._buffer[9:12].decode()] += 1
        self._buffer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.stopped:
            self._statuses["lost"] += 1

    def _send(self) -> None:
        if self.stopped or self._transport is None:
            return
        self._number += self._job.clients
        headers, template = self._job.senders[self._number % len(self._job.senders)]
        body = template.replace("{id}", new_id("vis")).replace("{word}", random_word()).encode()
        head = f"POST {self._job.path} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self._sent = time.perf_counter()
        self._transport.write(head.encode() + body)


def random_word() -> str:
    """A word of nine letters that nobody has heard before."""
    return new_id("wrd")[_WORD].translate(_LETTERS)


async def work_apart(job: Job) -> Outcome:
    """As ``work``, in a process of its own, which nothing of what is measured slows down."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.bench.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate(json.dumps(asdict(job)).encode())
    return Outcome(**json.loads(answer))


async def work(job: Job) -> Outcome:
    """Sends for the job's seconds."""
    loop = asyncio.get_running_loop()
    statuses: Counter[str] = Counter()
    times: list[float] = []
    clients = [_Client(number, job, statuses, times) for number in range(job.clients)]
    began, spent = time.perf_counter(), time.process_time()
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", job.port)  # type: ignore[misc]
    await asyncio.sleep(job.seconds - (time.perf_counter() - began))
    took, spent = time.perf_counter() - began, time.process_time() - spent
    for client in clients:
        client.stopped = True
    ordered = sorted(times) or [0.0]
    return Outcome(
        rate=len(times) / took,
        statuses=dict(statuses),
        p50=1000 * ordered[len(ordered) // 2],
        p99=1000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        busy=spent / took,
    )


if __name__ == "__main__":
    asked = Job(**json.loads(sys.stdin.read()))
    print(json.dumps(asdict(uvloop.run(work(asked)))))

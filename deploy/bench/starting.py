"""Starting processes and seeing to the millisecond when they are ready."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from deploy.local.processes import Component

_REQUEST: Final = b"GET /health/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
_LIMIT: Final = 60.0
_PAUSE: Final = 0.005


def empty_app(port: int, log: Path) -> Component:
    """The bare peer as a process; not started."""
    return Component("empty", [sys.executable, "-m", "deploy.bench.empty", str(port)], log, lambda: True)


async def seconds_until_ready(start: Callable[[], object], port: int) -> float:
    """From the call of ``start`` to the first 200 of ``/health/ready``. Raises ``TimeoutError`` after a minute."""
    began = time.perf_counter()
    await asyncio.to_thread(start)
    async with asyncio.timeout(_LIMIT):
        while not await _ready(port):  # noqa: ASYNC110  # only asking tells
            await asyncio.sleep(_PAUSE)
    return time.perf_counter() - began


async def _ready(port: int) -> bool:
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(_REQUEST)
            return b" 200 " in await reader.readline()
        finally:
            writer.close()
    return False


def resident_mib(pid: int) -> float:
    """The memory that a process holds, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(f"process {pid} holds no memory")

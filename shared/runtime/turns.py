"""Taking turns at something that only one can use at a time, fairly between queues."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """One at a time. Whoever has waited longest in its queue comes next, and queues come one after the other.

    So a queue with a hundred waiting costs every other queue one turn, not a hundred.
    """

    def __init__(self) -> None:
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        self._taken = False

    @asynccontextmanager
    async def turn(self, queue: str) -> AsyncIterator[None]:
        """Waits for its turn, which ends with the block. Whoever gives up waiting is passed over."""
        if self._taken:
            await self._called(queue)
        self._taken = True
        try:
            yield
        finally:
            self._next()

    async def _called(self, queue: str) -> None:
        call: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(queue, deque()).append(call)
        try:
            await call
        except asyncio.CancelledError:
            if call.done() and not call.cancelled():
                self._next()
            raise

    def _next(self) -> None:
        self._taken = False
        while self._queues and not self._taken:
            queue = next(iter(self._queues))
            waiting = self._queues.pop(queue)
            call = waiting.popleft()
            if waiting:
                # Behind the others: dictionaries keep the order in which keys came in.
                self._queues[queue] = waiting
            if not call.done():
                call.set_result(None)
                self._taken = True

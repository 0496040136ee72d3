"""The one place where tests wait: ask again until it is so, or say what it was instead."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any


async def eventually(
    ask: Callable[[], Any], *, within: float = 10.0, every: float = 0.05, until: Callable[[Any], bool] = bool
) -> Any:
    """The first answer of ``ask`` for which ``until`` holds. Raises ``AssertionError`` with the last answer."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        answer = ask()
        value = await answer if inspect.isawaitable(answer) else answer
        if until(value):
            return value
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {within} s; the last answer was {value!r}")
        await asyncio.sleep(every)

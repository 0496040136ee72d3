"""Work in a process of its own: its limits, its turns, and what is left when it does not hold them."""

import asyncio
import os
import time

import pytest

from shared.kernel.errors import Unavailable
from shared.runtime.apart import Apart, Limit
from shared.runtime.turns import Turns
from shared.testing.waiting import eventually


def sleep_long() -> None:
    time.sleep(60)


def take(mib: int) -> int:
    return len(bytearray(mib << 20))


async def test_work_that_takes_too_long_is_ended_and_the_next_is_done() -> None:
    apart = Apart("died", seconds=Limit("too-long", 1))
    try:
        first = await apart.run(os.getpid)
        began = time.monotonic()
        with pytest.raises(Unavailable, match="too-long"):
            await apart.run(sleep_long)
        assert time.monotonic() - began < 2
        assert await apart.run(os.getpid) != first
        await eventually(lambda: not _alive(first))
    finally:
        apart.close()


async def test_work_that_wants_too_much_memory_is_told_so_and_the_next_is_done() -> None:
    apart = Apart("died", mib=Limit("too-large", 300))
    try:
        assert await apart.run(take, 100) == 100 << 20
        first = await apart.run(os.getpid)
        with pytest.raises(Unavailable, match="too-large"):
            await apart.run(take, 400)
        assert await apart.run(os.getpid) != first
    finally:
        apart.close()


async def test_waiting_for_a_turn_is_not_counted_as_work() -> None:
    apart = Apart("died", seconds=Limit("too-long", 1))
    try:
        await apart.run(os.getpid)
        asked = [apart.run(time.sleep, 0.6) for _ in range(4)]
        assert await asyncio.gather(*asked) == [None] * 4
    finally:
        apart.close()


async def test_whoever_stops_asking_leaves_neither_the_turn_nor_the_limit_behind() -> None:
    apart = Apart("died", seconds=Limit("too-long", 1))
    try:
        first = await apart.run(os.getpid)
        asked = asyncio.create_task(apart.run(sleep_long))
        await asyncio.sleep(0.1)
        asked.cancel()
        assert await apart.run(os.getpid) != first
    finally:
        apart.close()


async def test_queues_take_turns_and_each_keeps_its_order() -> None:
    turns, done = Turns(), list[str]()

    async def one(name: str) -> None:
        async with turns.turn(name[0]):
            done.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(*(one(name) for name in ("a1", "a2", "a3", "a4", "b1", "b2", "c1")))
    assert done == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_whoever_gives_up_waiting_is_passed_over_even_when_just_called() -> None:
    turns, done = Turns(), list[str]()

    async def one(name: str) -> None:
        async with turns.turn("queue"):
            done.append(name)
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(one(str(number))) for number in range(5)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == ["0", "3", "4"]
    async with turns.turn("queue"):
        called = asyncio.create_task(one("called"))
        await asyncio.sleep(0)
    called.cancel()
    await asyncio.gather(called, return_exceptions=True)
    await asyncio.wait_for(one("last"), 1)
    assert done[-1] == "last"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True

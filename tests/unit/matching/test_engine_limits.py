"""The solver's process at its limits: whoever asked is told, and the next round is solved."""

import asyncio
import time
from typing import Any

import pytest

from deploy.bench.match_towns import crowd
from services.matching.commands.solve_apart import SolverPool
from services.matching.domain.known import Consents, Programme
from services.matching.domain.pool import Pool
from shared.kernel.errors import Conflict, Unavailable
from tests.unit.matching.build import family, instance, mentor

POLICY: dict[str, Any] = {"version": "default-1"}
SMALL = instance([mentor()], [family()])


async def test_round_beyond_the_time_limit_is_ended_and_the_next_is_solved() -> None:
    pool = SolverPool(time.perf_counter, seconds=1)
    try:
        assert len((await pool.solve(SMALL, POLICY))["pairs"]) == 1
        began = time.monotonic()
        with pytest.raises(Unavailable, match=r"solver-too-long"):
            await pool.solve(crowd(2_500, 2_500), POLICY)
        assert time.monotonic() - began < 4
        assert len((await pool.solve(SMALL, POLICY))["pairs"]) == 1
    finally:
        pool.close()


async def test_round_beyond_the_memory_limit_is_ended_and_the_next_is_solved() -> None:
    pool = SolverPool(time.perf_counter, mib=130)
    try:
        assert len((await pool.solve(SMALL, POLICY))["pairs"]) == 1
        with pytest.raises(Unavailable, match=r"solver-too-large|solver-died"):
            await pool.solve(crowd(1_000, 1_000), POLICY)
        assert len((await pool.solve(SMALL, POLICY))["pairs"]) == 1
    finally:
        pool.close()


async def test_second_round_of_a_programme_is_refused_while_the_first_is_solved() -> None:
    pool = SolverPool(time.perf_counter)
    first, other = empty_pool("paten"), empty_pool("lotsen")
    try:
        held, refused, besides = await asyncio.gather(
            pool.hold(first, POLICY, {}), pool.hold(first, POLICY, {}), pool.hold(other, POLICY, {}),
            return_exceptions=True,
        )  # fmt: skip
        assert isinstance(refused, Conflict)
        assert refused.code == "round-in-progress"
        assert not isinstance(held, BaseException)
        assert not isinstance(besides, BaseException)
        again = await pool.hold(first, POLICY, {})
        assert (again.file, again.helps, again.files) == (held.file, held.helps, held.files)
        assert again.fairness["families"] == 0
    finally:
        pool.close()


def empty_pool(slug: str) -> Pool:
    return Pool("rostock", "2026-01-15", Programme(slug), (), (), Consents())

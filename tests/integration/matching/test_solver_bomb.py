"""A round that is far too much: it is ended in time, other routes answer meanwhile, and the next round is held."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_asyncio

from services.matching.commands.solve_apart import SolverPool
from services.matching.store import known
from shared.contracts.base import Contract
from shared.kernel.ids import new_id
from tests.integration.api_parts import Api
from tests.integration.matching.town import DAY, Town

MANY = 950
SECONDS = 1


@pytest_asyncio.fixture(scope="module")
async def town(matching_api: Api) -> Town:
    await matching_api.store.serve_city("gedrangstadt")
    return Town(matching_api, "gedrangstadt")


@asynccontextmanager
async def hurried(api: Api) -> AsyncIterator[None]:
    """A solver that gives up after a second."""
    extra = api.app.state.extra
    before, extra["solver_pool"] = extra["solver_pool"], SolverPool(time.perf_counter, seconds=SECONDS)
    try:
        yield
    finally:
        extra["solver_pool"].close()
        extra["solver_pool"] = before


async def crowd(town: Town, slug: str) -> None:
    """Everybody fits everybody: so many pairs as there can be."""
    mentor, family = await town.mentor(slug, capacity=2), await town.family(slug)
    for collection, one, keys in (
        (known.ENGAGEMENTS, mentor, {"id": "eng", "person": "per"}),
        (known.PARTICIPATIONS, family, {"id": "ptc"}),
    ):
        rows = [_another(one, keys) for _ in range(MANY)]
        await town.api.store.mongo.city(town.city)[collection].insert_many(rows)


def _another(one: Contract, keys: dict[str, str]) -> dict[str, Any]:
    state = one.model_dump(mode="json") | {key: new_id(kind) for key, kind in keys.items()}
    return {**state, "_id": state["id"], "sequence": 1, "erased": False}


async def test_round_that_is_too_much_is_ended_in_time_and_stops_nobody(town: Town) -> None:
    slug, small = await town.programme("gedraenge"), await town.programme("ruhe")
    await crowd(town, slug)
    await town.mentor(small)
    await town.family(small)
    taken: list[float] = []
    async with hurried(town.api), town.as_role() as client:
        await town.fresh_consents()
        first = await client.post("rounds", json={"programme": small, "date": DAY})
        assert first.status_code == 201, first.text
        asked = asyncio.create_task(client.post("rounds", json={"programme": slug, "date": DAY}))
        began = time.monotonic()
        while not asked.done():
            before = time.monotonic()
            assert (await client.get("rounds", params={"programme": small})).status_code == 200
            taken.append(time.monotonic() - before)
        ended = time.monotonic() - began
        answer = asked.result()
        assert (answer.status_code, answer.json()["code"]) == (503, "solver-too-long")
        await town.fresh_consents()
        again = await client.post("rounds", json={"programme": small, "date": DAY})
        assert again.status_code == 201, again.text
    assert len(taken) > 10
    assert sorted(taken)[len(taken) * 9 // 10] < SECONDS / 2
    # Reading 1,900 people comes before solving, and its limit is not for that.
    assert ended < 5 * SECONDS

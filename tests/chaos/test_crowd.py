"""Five hundred requests at once: everyone is answered, nothing locks up, and the service is the same afterwards."""

import asyncio
from collections import Counter
from time import monotonic

import httpx
import pytest

from shared.kernel.ids import new_id
from tests.chaos.conftest import SEED, WRITES
from tests.chaos.load import streaming
from tests.chaos.scene import Scene

AT_ONCE = 500
ANSWERED_WITHIN = 30.0
GOOD = frozenset({201, 429, 503})


@pytest.mark.long
async def test_crowd_is_answered_and_what_was_acknowledged_is_there(scene: Scene) -> None:
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(timeout=scene.run.bound(ANSWERED_WITHIN), limits=limits) as crowd:
        for _ in range(max(1, WRITES // AT_ONCE)):
            with scene.run.fault(f"{AT_ONCE} at once"):
                answers = await asyncio.gather(*(_log(scene, crowd) for _ in range(AT_ONCE)))
            statuses, took = Counter(status for status, _ in answers), sorted(seconds for _, seconds in answers)
            scene.run.note(f"{AT_ONCE} at once: {dict(statuses)}, p50 {took[249]:.1f} s, p99 {took[494]:.1f} s")
            assert set(statuses) <= GOOD
            assert statuses[201] > 0
    async with streaming(scene.town, SEED + 6):
        await scene.more("visits", 40)
    await scene.settle()


async def _log(scene: Scene, crowd: httpx.AsyncClient) -> tuple[int, float]:
    """The status of one visit's answer, and the seconds until it came; repeated where it asks for patience."""
    town, history, key = scene.town, scene.history, new_id("vis")
    body = {"id": key, "tandem": town.tandems[0], "kind": "home_visit", "date": town.day, "minutes": 60}
    history.sending("visits.visits.v1", key)
    began = monotonic()
    answer = await _asked(scene, crowd, body)
    if answer.status_code == 201:
        history.answered("visits.visits.v1", key, 1)
    return answer.status_code, monotonic() - began


async def _asked(scene: Scene, crowd: httpx.AsyncClient, body: dict[str, object]) -> httpx.Response:
    """The answer; asked once more, under the same id, where a connection was closed for having been idle."""
    town = scene.town
    url, headers = town.url("visits", "visits"), town.headers() | {"Idempotency-Key": str(body["id"])}
    try:
        return await crowd.post(url, json=body, headers=headers)
    except httpx.ReadError:
        return await crowd.post(url, json=body, headers=headers)

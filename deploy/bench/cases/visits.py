"""Posting visits, one by one, beside FastAPI and motor with none of our duties."""

from functools import partial
from typing import Any, Final

from deploy.bench.harness import Bench, Pair, benchmark
from deploy.bench.visits_scene import MENTORS, TANDEMS, VisitsScene, visits_scene

_OURS: Final = "POST …/visits: token, validation, transaction, outbox, audit, sealed note; relay and chain at work"
_BARE: Final = "FastAPI, a model, motor's insert_one (w=majority, journaled), and none of these"
_CLIENTS: Final = (1, 8, 32, 128)


@benchmark(name="visits-post", what=_OURS, baseline=_BARE, unit="requests/s", goal=1.0, direction="at_least")
async def visits_post(bench: Bench) -> None:
    """32 clients are judged; 1, 8 and 128 show how it grows."""
    scene = await bench.shared(visits_scene)
    await bench.grows("clients", {clients: _pair(scene, clients) for clients in _CLIENTS}, at=32)
    bench.condition(**_conditions(scene))


@benchmark(
    name="visits-post-128",
    what=f"{_OURS}; 128 clients",
    baseline=_BARE,
    unit="requests/s",
    goal=1.8,
    direction="at_least",
)
async def visits_post_128(bench: Bench) -> None:
    """As visits-post, with 128 clients."""
    scene = await bench.shared(visits_scene)
    pair = _pair(scene, 128)
    await bench.in_turns(pair.value, pair.baseline)
    bench.condition(**_conditions(scene))


def _pair(scene: VisitsScene, clients: int) -> Pair:
    return Pair(partial(scene.ours, clients), partial(scene.bare, clients))


def _conditions(scene: VisitsScene) -> dict[str, Any]:
    latest = {f"{side}_ms": f"p50 {one.p50:.0f}, p99 {one.p99:.0f}" for side, one in scene.latest.items()}
    return {"tandems": TANDEMS, "mentors": MENTORS, "clients_busy_cores": round(scene.worst_busy, 2), **latest}

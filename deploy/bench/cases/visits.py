"""Posting visits, one by one, beside FastAPI and motor with none of our duties."""

from functools import partial
from typing import Any, Final

from deploy.bench.batches import insert_batches, log_batches
from deploy.bench.harness import Bench, Pair, benchmark
from deploy.bench.visits_scene import MENTORS, TANDEMS, VisitsScene, visits_scene

POST_NOTES: Final = """
**Both goals for posts are missed.** Before visits were committed together, a transaction for each visit reached about a
tenth of the bare peer (0.09 with 32 clients, 0.13 with 128, in a short run on a busy machine).

Where the time goes, sampled with 128 clients and everything else of the service at rest (920 visits a second, shares of
the samples that held the interpreter's lock):

| what | share |
| --- | ---: |
| the loop: uvicorn, front, endpoint, the answer | 54 % |
| the loop: permissions and marks of a group | 9 % |
| the worker: event, document and contract of each visit | 15 % |
| the worker: MongoDB's statements, reading and writing | 11 % |
| the worker: sealing the notes | 5 % |
| the rest | 6 % |

- The limit is the processor, not waiting: at 920 visits a second the service used 0.69 and mongod 0.67 of the two
  cores, about 0.75 ms of each for a visit (three documents and their indexes).
- Relay and audit chain are part of what is measured: without them 32 clients had 725 instead of 490 visits a second,
  128 clients 890 to 980 instead of 770.
- One client alone waits for every statement in turn, and meets the relay's work for the visit before.
- Python's switch interval (0.5, 0.1 ms) changes nothing. The clients' process needs less than a tenth of a core.
"""
BATCH_NOTES: Final = """
The bare side is one statement without HTTP. Ours validates, compares with the grants, seals, writes three documents for
each visit and says what became of it, at about 0.6 ms of Python a visit; half of the bare rate would leave 0.03 ms. A
third of the interpreter's time is the visit itself (event, contract, document), a fifth the body's form, a tenth
sealing, a sixth the relay and the chain, which work beside it.
"""
_OURS: Final = "POST …/visits: token, validation, transaction, outbox, audit, sealed note; relay and chain at work"
_BARE: Final = "FastAPI, a model, motor's insert_one (w=majority, journaled), and none of these"
_CLIENTS: Final = (1, 8, 32, 128)
_BATCHES: Final = (20, 100, 500)


@benchmark(
    name="visits-post", what=_OURS, baseline=_BARE, unit="requests/s", goal=1.0, direction="at_least", notes=POST_NOTES
)
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
    notes="See [visits-post](#visits-post).",
)
async def visits_post_128(bench: Bench) -> None:
    """As visits-post, with 128 clients."""
    scene = await bench.shared(visits_scene)
    pair = _pair(scene, 128)
    await bench.in_turns(pair.value, pair.baseline)
    bench.condition(**_conditions(scene))


@benchmark(
    name="visits-batch",
    what=f"POST …/visits:batch, {_BATCHES[-1]} visits a request, each with its own answer, and all duties as above",
    baseline="motor's insert_many of the same documents (w=majority, journaled), without HTTP, and no other row",
    unit="visits/s",
    goal=0.5,
    direction="at_least",
    notes=BATCH_NOTES,
)
async def visits_batch(bench: Bench) -> None:
    """One request after the other, as one phone sends them."""
    scene = await bench.shared(visits_scene)
    pairs = {size: Pair(partial(log_batches, scene, size), partial(insert_batches, scene, size)) for size in _BATCHES}
    await bench.grows("visits a request", pairs, at=_BATCHES[-1], warm=2.0)
    bench.condition(tandems=TANDEMS)


def _pair(scene: VisitsScene, clients: int) -> Pair:
    return Pair(partial(scene.ours, clients), partial(scene.bare, clients))


def _conditions(scene: VisitsScene) -> dict[str, Any]:
    latest = {f"{side}_ms": f"p50 {one.p50:.0f}, p99 {one.p99:.0f}" for side, one in scene.latest.items()}
    return {"tandems": TANDEMS, "mentors": MENTORS, "clients_busy_cores": round(scene.worst_busy, 2), **latest}

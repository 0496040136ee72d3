"""Posting visits, one by one, beside FastAPI and motor with none of our duties."""

from functools import partial
from typing import Any, Final

from deploy.bench.batches import insert_batches, log_batches
from deploy.bench.harness import Bench, Pair, benchmark
from deploy.bench.visits_scene import MENTORS, TANDEMS, VisitsScene, visits_scene

POST_NOTES: Final = """
**Both goals for posts are missed**; what has been won so far, at 32 and 128 clients: 0.09 and 0.13 with a transaction
for each visit, 0.39 and 0.60 with groups, and what stands above with groups that gather, the relay's rounds and the
front before FastAPI ([0022](decisions/0022-group-commit-and-short-way.md), [0025](decisions/0025-crowds-gather.md)).

The limit is the processor, not waiting: service, mongod, Kafka and clients share two cores, and these are full.
Microseconds of CPU a visit, on a quiet machine:

| | the service | mongod | Kafka | together |
| --- | ---: | ---: | ---: | ---: |
| bare, 32 clients | 520 | 470 | 60 | 1,050 |
| ours, 32 clients | 690 | 470 | 130 | 1,290 |
| bare, 128 clients | 577 | 519 | 59 | 1,155 |
| ours, 128 clients | 600 | 400 | 110 | 1,110 |

- Ours does three documents with their indexes, an event that is sent and deleted, and a link of the audit chain, for
  what a bare insert of one document costs, since commits are shared. A ratio of 1.8 at 128 clients would leave 640
  microseconds for all of it.
- The service: the loop 290 (uvicorn and HTTP somewhat more than half of it), the group's thread 300 (sealing 75;
  event, audit row, contract and document 100; statements 75; reading what is known 50), the relay 50, the chain 12.
- mongod: the visit's transaction 220 to 260, the chain 65 to 100, the relay 47 to 60, its change stream 45, reading
  what is known 36.
- Next, by what they would give: sealing without MongoDB's library in the loop of each value (60; costs own
  cryptography), chaining whole batches by one statement (50 to 80), one read for grants and what is known (30).
- One client alone waits for every statement in turn, and meets the relay's work for the visit before.
- Python's switch interval (0.5, 0.1 ms) changes nothing.
"""
BATCH_NOTES: Final = """
The bare side is one statement without HTTP. Ours validates, compares with the grants, seals, writes three documents for
each visit and says what became of it. Half of the bare rate would leave 0.1 ms of everything a visit, Python, mongod
and Kafka together: less than mongod alone needs for three documents with their indexes. A third of the interpreter's
time is the visit itself (event, contract, document), a fifth the body's form, a tenth sealing, a sixth the relay and
the chain, which work beside it.
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

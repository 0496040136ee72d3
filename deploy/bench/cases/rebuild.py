"""A projection read anew from Kafka, beside a bare loop that consumes and upserts."""

from functools import partial
from typing import Final

from deploy.bench.events import CORRECTED
from deploy.bench.facts import facts_scene
from deploy.bench.harness import Bench, Pair, benchmark

NOTES: Final = """
"""
_SIZES: Final = (10_000, 50_000, 200_000)
_QUICK: Final = (2_000, 20_000)


@benchmark(
    name="rebuild",
    what="reporting's visits rebuilt beside the live projection: decoded, checked, newest wins, indexed, swapped in",
    baseline="aiokafka and json.loads, motor's unordered ReplaceOne upserts in batches as large; the last one stays",
    unit="events/s",
    goal=1.5,
    direction="at_least",
    notes=NOTES,
)
async def rebuild(bench: Bench) -> None:
    """The largest topic is judged, the others show how it grows."""
    scene = await bench.shared(facts_scene)
    sizes = _QUICK if bench.quick else _SIZES
    pairs = {size: Pair(partial(scene.ours, size), partial(scene.bare, size)) for size in sizes}
    await bench.grows("events", pairs, at=sizes[-1], warm=0)
    bench.condition(corrected=f"every {CORRECTED}th event corrects an earlier one")

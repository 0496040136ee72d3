"""A projection read anew from Kafka, beside a bare loop that consumes and upserts."""

from functools import partial
from typing import Final

from deploy.bench.events import CORRECTED
from deploy.bench.facts import facts_scene
from deploy.bench.harness import Bench, Pair, benchmark

NOTES: Final = """
Both sides run in one process, each beside the same mongod. The topic is not compacted, and every tenth event corrects a
visit that was logged some 3,000 events before: more than a compacted topic holds of earlier versions. Reading on as far
as the live consumer has come, indexes, the fence and the renaming are part of ours; the bare loop has none of them.

Where the time goes, in microseconds of CPU an event (measured on a busy machine; wall time means nothing there):

| | the loop's process | mongod | one after the other |
| --- | ---: | ---: | --- |
| the bare loop | 30 | 42 | yes: it waits for each batch |
| ours, as it was: envelope and state checked apart, inserts first, each batch waited for | 61 | 37 | yes |
| ours, checked in one walk over the bytes | 47 | 37 | yes |
| ours, asked what is there before inserting | 46 | 24 | yes |
| ours, as it is: a batch is written while the next is read and decoded | 46 | 24 | no |

- On a quieter machine the first row was 22 and 40, the last 36 and 20: two free cores cannot give more than 1.7, and
  where something else wants the second core, nothing is left of writing beside reading.
- A duplicate that is refused makes mongod repeat its whole group of inserts one by one: with a tenth of corrections to
  ask first costs less: 24 instead of 37 microseconds.
- An upsert costs mongod three times an insert; this is where the bare loop loses.
- The limit is Python now: 20 of the 46 are decoding and checking, 8 the document, 8 aiokafka, the rest what the
  driver does for a batch. mongod is idle half of the time.
- The collector looks through everything that was ever imported unless it is told not to (57 instead of 46): services
  tell it at their start, and so does the benchmark, for both sides. While a rebuild decodes, the collector rests: that
  took another 2 to 3 away.
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

"""From the outbox into another service's projection, beside a bare record through the same Kafka."""

from collections.abc import Awaitable, Callable
from functools import partial
from statistics import median
from typing import Final

from deploy.bench.harness import Bench, Measure, Pair, benchmark
from deploy.bench.visible import VisibleScene, p50, p99, visible_scene

NOTES: Final = """
The benchmark writes the rows itself, in the form and into the outbox where visits would, so that what a post costs
before its row is there is not measured along ([visits-post](#visits-post) does that). The clock starts when the insert
is acknowledged (journaled, by a majority) and ends when a change stream of the benchmark shows the document in
reporting's facts, which are what reports count. The bare side has no database and waits for no journal.

What lies in between, for one event:

1. visits: the change stream tells the relay; it reads the pending rows of that city and sends: two round trips and
   Kafka's acknowledgement (above 400 rows a second rounds are paced, so that rows gather);
2. reporting: the poll is decoded, and beside that dead letters are counted; then one transaction: the offsets, what is
   known of the keys, the insert, the commit with its journal: five round trips;
3. the change stream of the benchmark.

So nine round trips of about a millisecond through a driver that hands each to a thread, and two journals (the row's own
is before the clock). At 200 events a second several events share each of them, and the two services, mongod, Kafka and
the benchmark share the two cores: what is seen then is mostly waiting for a core. A poll of six partitions needed
twelve statements more, and each poll one round trip more, before offsets were moved together and dead letters were
asked for once.
"""
_OURS: Final = "from the acknowledged insert of a row into the outbox of visits to its document in reporting's facts"
_BARE: Final = "from aiokafka's send to the same record in a consumer's hands, on the same stack; no database"
_Figure = Callable[[list[float]], float]


@benchmark(
    name="visible-10",
    what=f"{_OURS}; median at 10 events a second",
    baseline=_BARE,
    unit="ms",
    goal=3.0,
    direction="at_most",
    notes=NOTES,
)
async def visible_10(bench: Bench) -> None:
    """Ten a second are judged."""
    await _measure(bench, p50, (10, 50), at=10)


@benchmark(
    name="visible-200",
    what=f"{_OURS}; 99 of 100 at 200 events a second",
    baseline=_BARE,
    unit="ms",
    goal=15.0,
    direction="at_most",
    notes="See [visible-10](#visible-10).",
)
async def visible_200(bench: Bench) -> None:
    """Two hundred a second are judged."""
    await _measure(bench, p99, (50, 200, 400), at=200)


async def _measure(bench: Bench, figure: _Figure, rates: tuple[int, ...], *, at: int) -> None:
    scene = await bench.shared(visible_scene)
    pairs = {rate: _pair(scene, figure, rate) for rate in rates}
    await bench.grows("events a second", pairs, at=at)
    bench.condition(insert_ms=f"p50 {median(scene.inserted):.1f}")


def _pair(scene: VisibleScene, figure: _Figure, rate: int) -> Pair:
    return Pair(_figured(figure, partial(scene.ours, rate)), _figured(figure, partial(scene.bare, rate)))


def _figured(figure: _Figure, taken: Callable[[float], Awaitable[list[float]]]) -> Measure:
    async def measure(seconds: float) -> float:
        return figure(await taken(seconds))

    return measure

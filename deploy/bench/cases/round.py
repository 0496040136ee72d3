"""A matching round over HTTP, beside the engine alone."""

from functools import partial
from typing import Final

from deploy.bench.harness import Bench, Pair, benchmark
from deploy.bench.round_scene import FAMILIES_A_MENTOR, round_scene

NOTES: Final = """
Only reported: there is no bare peer that does the same. The engine gets edges and weights and gives a choice. Around it
a round reads everybody who is known from MongoDB, makes the matching file, checks it, finds the edges by rules on bit
sets, solves a second time for a choice that the order of rows cannot change, proves it by prices, says of each pair why
and of each who waits what would help, stores all of it in one transaction with its events, and answers with it.

Of 2,000 families and 500 mentors with some 60,000 possible pairs, in seconds of CPU (without HTTP and MongoDB): 0.15 to
make the file of what is known, 0.69 to solve it; of these, half a second for finding and weighing the pairs, and 0.07
for the engine's call. So Python's 8 microseconds for each possible pair are the limit, and not the engine.
"""
_FAMILIES: Final = (500, 1_000, 2_000)
_QUICK: Final = (200, 500)


@benchmark(
    name="round",
    what="POST …/rounds until its answer: the pool read, its file made, solved twice, proven, explained, stored, told",
    baseline="one call of OR-Tools' min-cost flow with the same edges and weights",
    unit="s",
    goal=None,
    direction="at_most",
    notes=NOTES,
)
async def round_over_http(bench: Bench) -> None:
    """2,000 families and 500 mentors are what is reported; smaller towns show how it grows."""
    scene = await bench.shared(round_scene)
    sizes = _QUICK if bench.quick else _FAMILIES
    pairs = {families: Pair(partial(scene.ours, families), partial(scene.bare, families)) for families in sizes}
    await bench.grows("families", pairs, at=sizes[-1])
    edges = {str(families): scene.edges(families) for families in sizes}
    bench.condition(families_a_mentor=FAMILIES_A_MENTOR, edges=edges)

"""A matching round over HTTP, beside the engine alone."""

from functools import partial
from typing import Final

from deploy.bench.harness import Bench, Pair, benchmark
from deploy.bench.round_scene import FAMILIES_A_MENTOR, round_scene

NOTES: Final = """
Only reported: there is no bare peer that does the same. The engine gets edges and weights and gives a choice. Around it
a round reads everybody who is known from MongoDB, makes the matching file, checks it, finds the edges by rules on words
of bits, solves a second time for a choice that the order of rows cannot change, proves it by prices, says of each pair
why and of each who waits what would help, stores all of it in one transaction with its events, and answers with it.

Of 2,000 families and 500 mentors with some 50,000 possible pairs, in seconds of CPU (without HTTP and MongoDB): 0.14 to
solve the file, twice and with the proof, and 0.18 for the report that compares it with greedy and first come first
served. The rest of the time reads and checks everybody who is known, and writes a transaction of some 1,500 proposals
and 500 who wait with as many events: a round costs what its answer is long.
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

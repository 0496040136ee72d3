"""Matching's engine in process, beside loops over dictionaries, networkx, and OR-Tools alone."""

import asyncio
import gc
import multiprocessing
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from deploy.bench.harness import Bench, Measure, Run, benchmark
from deploy.bench.match_bare import PlainRows, jointly, loop_edges, networkx_weight
from deploy.bench.match_towns import instances, town
from deploy.bench.round_scene import Edges, solve_raw
from services.matching import solver
from services.matching.commands.solve_apart import SolverPool
from services.matching.commands.solve_instance import problem_of, solve_round
from services.matching.domain.instance import Instance
from services.matching.domain.policy import Policy, policy_document
from services.matching.solver import Columns, Problem, check, columns_of, find_edges, solve
from services.matching.solver.flow import weights_of

_POLICY: Final = Policy()

EDGES_NOTES: Final = """
Both sides begin with what suits them best: dictionaries with sets, and columns; making the columns of 2,500 people
costs `ms_columns` besides. Both give all pairs sorted by mentor and family with their points, and what they give is
compared before anything is measured. The loops ask the cheapest question first and go on at the first no.
"""
SOLVE_NOTES: Final = """
Ours is the whole proof: flow, prices, the second flow that makes the answer unique, the check of the prices. `ms_raw`
is one bare call of OR-Tools on the same edges with the same weights.

**Missed.** That bare call, without any proof, would not reach the goal either; ours needs less time than it, since it
tries smaller weights first and lets prices say whether they were enough. Three quarters of ours are the engine's: more
would need another algorithm than its cost scaling. Beside other work networkx loses more than ours: ratios of up to 400
were seen on a busy machine, and mean nothing.
"""
ROUND_NOTES: Final = """
Ours goes from checked instances to results: columns, pairs, flow, prices, tie-break, proof, every reason, the hash of
the input; city by city, since cities share nobody. Bare is one call of OR-Tools for all cities at once, with its edges
in arrays before the clock starts. Reading JSON is neither's.
"""


@dataclass(frozen=True, slots=True)
class _Town:
    """One city of 2,000 families, in every form that somebody begins with."""

    instance: Instance
    columns: Columns
    rows: PlainRows
    problem: Problem
    edges: Edges

    @property
    def pairs(self) -> int:
        return self.columns.mentors * self.columns.families

    def found(self, compiled: bool) -> list[tuple[int, int, int]]:
        edges = self.find(compiled)
        return list(zip(edges.mentors.tolist(), edges.families.tolist(), edges.fits.tolist(), strict=True))

    def find(self, compiled: bool) -> solver.Edges:
        return find_edges(self.columns, self.instance.free_places(), [], _POLICY.weights, compiled)

    def solve(self) -> None:
        solution = solve(self.problem)
        if check(self.problem, solution) != (0, 0):
            raise RuntimeError("the choice has no proof")


@asynccontextmanager
async def _medium(_: Run) -> AsyncIterator[_Town]:
    (document,), (instance,) = town("M"), instances("M")
    columns = columns_of(instance)
    problem = problem_of(instance, _POLICY, columns)
    scene = _Town(instance, columns, PlainRows.of(document), problem, _weighed(problem))
    expected = loop_edges(scene.rows)
    if not expected == scene.found(False) == scene.found(True):
        raise RuntimeError("loops and words find different pairs")
    heaviest = sum(scene.edges.weights[number] for number in solve(problem).chosen)
    if not heaviest == networkx_weight(scene.edges) == solve_raw(scene.edges):
        raise RuntimeError("the engines choose differently well")
    gc.freeze()
    yield scene


def _weighed(problem: Problem) -> Edges:
    weights = weights_of(problem).tolist()
    mentors, families = list(problem.edge_mentors), list(problem.edge_families)
    return Edges(list(problem.places), families, mentors, weights, len(problem.ranks))


def _repeated(work: Callable[[], object], amount: float) -> Measure:
    """``amount`` a second, by as many runs as there is time for, at least one."""

    async def measure(seconds: float) -> float:
        began, runs = time.perf_counter(), 0
        while runs == 0 or time.perf_counter() - began < seconds:
            work()
            runs += 1
        return amount * runs / (time.perf_counter() - began)

    return measure


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return round(1_000 * (time.perf_counter() - began), 1)


async def _measure_edges(bench: Bench, compiled: bool) -> None:
    scene = await bench.shared(_medium)
    millions = scene.pairs / 1e6
    ours = _repeated(partial(scene.find, compiled), millions)
    await bench.in_turns(ours, _repeated(partial(loop_edges, scene.rows), millions))
    bench.condition(
        families=scene.columns.families,
        mentors=scene.columns.mentors,
        edges=len(scene.edges.weights),
        ms_columns=_milliseconds(partial(columns_of, scene.instance)),
    )


@benchmark(
    name="match-edges",
    what="every possible pair of 2,000 families and 500 mentors with its points, by numpy on words of 64 mentors",
    baseline="loops over dictionaries and sets with early exits: the same pairs, the same points",
    unit="M pairs/s",
    goal=30.0,
    direction="at_least",
    notes=EDGES_NOTES,
)
async def edges_by_numpy(bench: Bench) -> None:
    """As rounds up to sixteen million pairs do it."""
    await _measure_edges(bench, compiled=False)


@benchmark(
    name="match-edges-compiled",
    what="the same with the inner loops compiled by numba; compiling is not measured",
    baseline="loops over dictionaries and sets with early exits: the same pairs, the same points",
    unit="M pairs/s",
    goal=150.0,
    direction="at_least",
    notes="See [match-edges](#match-edges).",
)
async def edges_by_numba(bench: Bench) -> None:
    """As rounds with more pairs do it."""
    await _measure_edges(bench, compiled=True)


@benchmark(
    name="match-solve",
    what="2,000 families and 500 mentors: the heaviest choice, unique and proven by prices",
    baseline="networkx' min_cost_flow with the same edges and weights: graph, solution, cost",
    unit="solutions/s",
    goal=200.0,
    direction="at_least",
    notes=SOLVE_NOTES,
)
async def solved(bench: Bench) -> None:
    """One city, its edges known."""
    scene = await bench.shared(_medium)
    await bench.in_turns(_repeated(scene.solve, 1.0), _repeated(partial(networkx_weight, scene.edges), 1.0))
    bench.condition(
        edges=len(scene.edges.weights), ms_raw=min(_milliseconds(partial(solve_raw, scene.edges)) for _ in range(5))
    )


async def _measure_rounds(bench: Bench, size: str) -> None:
    cities = instances("M" if bench.quick else size)
    joint = jointly([_weighed(problem_of(city, _POLICY, columns_of(city))) for city in cities])
    gc.freeze()

    async def ours(_: float) -> float:
        began = time.perf_counter()
        for city in cities:
            solve_round(city, _POLICY)
        return time.perf_counter() - began

    async def bare(_: float) -> float:
        began = time.perf_counter()
        solve_raw(joint)
        return time.perf_counter() - began

    await bench.in_turns(ours, bare, warm=0 if size == "XL" else 1)
    bench.condition(cities=len(cities), edges=len(joint.weights), families=joint.family_count)


@benchmark(
    name="match-round-l",
    what="20,000 families and 4,000 mentors in four cities: pairs, choice, proof, and why of everybody",
    baseline="one raw call of OR-Tools' min-cost flow for all of them, its edges ready",
    unit="s",
    goal=1.5,
    direction="at_most",
    notes=ROUND_NOTES,
)
async def rounds_of_l(bench: Bench) -> None:
    """With the memory of the process that solves."""
    await _measure_rounds(bench, "L")
    bench.condition(worker_peak_mib=await _worker_peak("M" if bench.quick else "L"))


@benchmark(
    name="match-round-xl",
    what="100,000 families and 20,000 mentors in twenty cities: pairs, choice, proof, and why of everybody",
    baseline="one raw call of OR-Tools' min-cost flow for all of them, its edges ready",
    unit="s",
    goal=1.0,
    direction="at_most",
    notes="See [match-round-l](#match-round-l).",
)
async def rounds_of_xl(bench: Bench) -> None:
    """Five times as much."""
    await _measure_rounds(bench, "XL")


async def _worker_peak(size: str) -> float:
    """MiB that the solver's process held at most while it solved the files of a size."""
    pool = SolverPool(time.perf_counter)
    try:
        for document in town(size):
            await pool.solve(document, policy_document(_POLICY))
        (worker,) = multiprocessing.active_children()
        return await asyncio.to_thread(_peak_mib, worker.pid or 0)
    finally:
        pool.close()


def _peak_mib(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    peak = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return round(int(peak) / 1024, 1)

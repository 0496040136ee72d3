"""What a benchmark is made of: ``@benchmark`` names it, ``Bench`` measures value and baseline in turns.

A benchmark is an async function in a module of ``deploy.bench.cases``::

    @benchmark(name="empty", what="…", baseline="…", unit="requests/s", goal=0.5, direction="at_least")
    async def empty(bench: Bench) -> None:
        scene = await bench.shared(my_scene)
        await bench.in_turns(scene.ours, scene.theirs)

where ``ours`` and ``theirs`` take the seconds that they may measure and give a figure in ``unit``. Where the work can
grow, ``bench.grows("clients", {1: Pair(…), 32: Pair(…)}, at=32)`` measures all points and judges the one ``at``.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal, NamedTuple, TypeVar

from deploy.bench.conditions import describe_machine, load

Direction = Literal["at_least", "at_most"]
Measure = Callable[[float], Awaitable[float]]
"""Measures for at most so many seconds (one that has an end of its own may ignore them) and gives the figure."""
T = TypeVar("T")

ROUNDS: Final = 5
SECONDS: Final = 3.0
WARM: Final = 1.0
BENCHMARKS: Final[dict[str, "Benchmark"]] = {}


class Pair(NamedTuple):
    """Ours and the bare peer's, at one size of the work."""

    value: Measure
    baseline: Measure


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is compared with what; ``goal`` is for the ratio, ``None`` where it is only reported."""

    name: str
    what: str
    baseline: str
    unit: str
    goal: float | None
    direction: Direction
    notes: str
    run: Callable[["Bench"], Awaitable[None]]


def benchmark(
    *, name: str, what: str, baseline: str, unit: str, goal: float | None, direction: Direction, notes: str = ""
) -> Callable[[Callable[["Bench"], Awaitable[None]]], Callable[["Bench"], Awaitable[None]]]:
    """Registers a benchmark. ``notes`` (Markdown) stands on the page: where the time goes, what the limit is."""

    def register(run: Callable[["Bench"], Awaitable[None]]) -> Callable[["Bench"], Awaitable[None]]:
        if name in BENCHMARKS:
            raise ValueError(f"two benchmarks are called {name}")
        BENCHMARKS[name] = Benchmark(name, what, baseline, unit, goal, direction, notes.strip(), run)
        return run

    return register


def all_benchmarks() -> Mapping[str, Benchmark]:
    """Every benchmark by its name."""
    cases = importlib.import_module("deploy.bench.cases")
    for module in pkgutil.iter_modules(cases.__path__, "deploy.bench.cases."):
        importlib.import_module(module.name)
    return dict(sorted(BENCHMARKS.items()))


@dataclass(slots=True)
class Run:
    """One call of the command: how long to measure, and what its benchmarks share."""

    folder: Path
    """Empty at the beginning; for stacks, logs and the like."""
    rounds: int = ROUNDS
    seconds: float = SECONDS
    say: Callable[[str], None] = print
    _shared: dict[Any, Any] = field(default_factory=dict)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def counts(self) -> bool:
        """Whether this measures long enough for its figures to be kept."""
        return self.rounds >= ROUNDS and self.seconds >= SECONDS

    async def shared(self, make: Callable[["Run"], AbstractAsyncContextManager[T]]) -> T:
        """What ``make`` gives, made once and kept until the end of the run."""
        if make not in self._shared:
            self._shared[make] = await self._open.enter_async_context(make(self))
        made: T = self._shared[make]
        return made

    async def close(self) -> None:
        """Ends what was shared."""
        self._shared.clear()
        await self._open.aclose()

    async def measure(self, subject: Benchmark) -> dict[str, Any]:
        """Runs one benchmark; its result as it is written into ``build/bench/<name>.json``."""
        bench = Bench(self)
        before = load()
        await subject.run(bench)
        if bench.at is None:
            raise RuntimeError(f"{subject.name} has measured nothing")
        bench.condition(**describe_machine(), rounds=self.rounds, seconds=self.seconds, load_before=before)
        return result_of(subject, bench)


@dataclass(slots=True)
class Bench:
    """One benchmark under way."""

    _run: Run
    at: int | None = None
    taken: dict[int, tuple[list[float], list[float]]] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The run's own folder."""
        return self._run.folder

    @property
    def quick(self) -> bool:
        """Whether this is a try, whose figures are not kept: then less work is enough."""
        return not self._run.counts

    def say(self, text: str) -> None:
        """One line of progress."""
        self._run.say(f"    {text}")

    def condition(self, **facts: Any) -> None:
        """What a reader must know of this measurement, such as how many documents; plain JSON."""
        self.conditions |= facts

    async def shared(self, make: Callable[[Run], AbstractAsyncContextManager[T]]) -> T:
        """See ``Run.shared``."""
        return await self._run.shared(make)

    async def in_turns(self, value: Measure, baseline: Measure, *, warm: float = WARM) -> None:
        """Measures both in every round, once one and once the other first. ``warm`` 0 leaves the rehearsal out."""
        await self.grows("", {0: Pair(value, baseline)}, at=0, warm=warm)

    async def grows(self, by: str, points: Mapping[int, Pair], *, at: int, warm: float = WARM) -> None:
        """As ``in_turns`` at every size of the work; the goal is for the size ``at``."""
        self.at, self.taken = at, {point: ([], []) for point in points}
        if warm:
            for pair in points.values():
                await pair.value(warm)
                await pair.baseline(warm)
        for number in range(self._run.rounds):
            for point, pair in points.items():
                for which in (0, 1) if number % 2 == 0 else (1, 0):
                    self.taken[point][which].append(await pair[which](self._run.seconds))
            shown = ", ".join(f"{_at(by, point)}{ours[-1]:.4g} : {bare[-1]:.4g}" for point, (ours, bare) in self._turns)
            self.say(f"round {number + 1} of {self._run.rounds}   {shown}")
        if by:
            points_taken = [
                {"at": point, "value": median(ours), "baseline": median(bare)} for point, (ours, bare) in self._turns
            ]
            self.condition(growth={"by": by, "points": points_taken})

    @property
    def _turns(self) -> list[tuple[int, tuple[list[float], list[float]]]]:
        return list(self.taken.items())


def result_of(subject: Benchmark, bench: Bench) -> dict[str, Any]:
    """The medians, their ratio, and whether the goal is met; what is only reported has met it."""
    ours, bare = bench.taken[bench.at or 0]
    value, baseline = median(ours), median(bare)
    ratio = value / baseline
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    conditions = {**bench.conditions, "ratios_of_rounds": [round(one, 3) for one in ratios]}
    return {
        "name": subject.name,
        "what": subject.what,
        "unit": subject.unit,
        "value": round(value, 4),
        "baseline": {"what": subject.baseline, "value": round(baseline, 4)},
        "ratio": round(ratio, 3),
        "goal": subject.goal,
        "direction": subject.direction,
        "met": is_met(subject, ratio),
        "conditions": conditions,
    }


def is_met(subject: Benchmark, ratio: float) -> bool:
    """Whether a ratio is as good as the goal."""
    if subject.goal is None:
        return True
    return ratio >= subject.goal if subject.direction == "at_least" else ratio <= subject.goal


def _at(by: str, point: int) -> str:
    return f"{point} {by}: " if by else ""

"""What matching computes, in a process of its own: with a limit of time and memory, and in turns between cities."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from services.matching.commands.rehearse import Side, dry_run, preview
from services.matching.commands.solve_pool import SolvedPool
from services.matching.domain.pool import Pool
from shared.kernel.errors import Conflict
from shared.runtime.apart import Apart, Limit

SECONDS = 60
MIB = 768
"""A pod has 1 GiB, and the service itself needs a fifth of it."""


class SolverPool:
    """One process that solves one round after the other; cities take turns. All raise ``Unavailable``.

    Its codes are ``solver-died``, ``solver-too-long`` and ``solver-too-large``; the next round finds a new process.
    """

    def __init__(self, clock: Callable[[], float], *, seconds: int = SECONDS, mib: int = MIB) -> None:
        self._clock = clock
        self._apart = Apart(
            "solver-died",
            seconds=Limit("solver-too-long", seconds),
            mib=Limit("solver-too-large", mib),
            prepare=_load,
        )
        self._held: set[tuple[str, str]] = set()

    async def hold(self, pool: Pool, policy: Mapping[str, Any], sizes: Mapping[str, int]) -> SolvedPool:
        """A round of a pool (``solve_pool``). Raises ``Conflict("round-in-progress")`` while one is being solved."""
        with self._alone(pool.city, pool.programme.slug):
            return await self._apart.run(_hold, pool, policy, sizes, self._clock, queue=pool.city)

    async def solve(self, instance: object, policy: object, *, city: str = "") -> dict[str, Any]:
        """The result document. Raises ``Refused`` for a wrong instance."""
        return await self._apart.run(_solve, instance, policy, self._clock, queue=city)

    async def dry_run(self, side: Side, soft: Sequence[str], sizes: Mapping[str, int], *, city: str) -> dict[str, Any]:
        """What a round would come to, and what softer rules would add (``commands/rehearse.py``)."""
        return await self._apart.run(_dry_run, side, soft, sizes, self._clock, queue=city)

    async def preview(self, old: Side, new: Side, *, city: str) -> dict[str, Any]:
        """What two policies come to beside each other (``commands/rehearse.py``)."""
        return await self._apart.run(_preview, old, new, self._clock, queue=city)

    def close(self) -> None:
        """Ends the process; a later call makes another."""
        self._apart.close()

    @contextmanager
    def _alone(self, city: str, programme: str) -> Iterator[None]:
        """Of two rounds of one programme only one could be stored: the second is not even solved."""
        if (city, programme) in self._held:
            raise Conflict("round-in-progress")
        self._held.add((city, programme))
        try:
            yield
        finally:
            self._held.discard((city, programme))


def _load() -> None:
    # Loaded there, not here: OR-Tools and numpy would be a third of the service's memory, and it never calls them.
    import_module("services.matching.commands.solve_instance")


def _hold(pool: Pool, policy: Mapping[str, Any], sizes: Mapping[str, int], clock: Callable[[], float]) -> SolvedPool:
    from services.matching.commands.solve_instance import solve_instance
    from services.matching.commands.solve_pool import solve_pool

    return solve_pool(pool, policy, sizes, lambda document, rules: solve_instance(document, rules, clock))


def _solve(instance: object, policy: object, clock: Callable[[], float]) -> dict[str, Any]:
    from services.matching.commands.solve_instance import solve_instance

    return solve_instance(instance, policy, clock)


def _dry_run(side: Side, soft: Sequence[str], sizes: Mapping[str, int], clock: Callable[[], float]) -> dict[str, Any]:
    from services.matching.commands.solve_instance import solve_instance

    return dry_run(side, soft, sizes, lambda document, rules: solve_instance(document, rules, clock))


def _preview(old: Side, new: Side, clock: Callable[[], float]) -> dict[str, Any]:
    from services.matching.commands.solve_instance import solve_instance

    return preview(old, new, lambda document, rules: solve_instance(document, rules, clock))

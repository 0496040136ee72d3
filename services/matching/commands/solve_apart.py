"""Solving in a process of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from services.matching.commands.fairness import report_round
from shared.runtime.apart import Apart


class SolverPool:
    """One process that solves one round after the other."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._apart = Apart("solver-died")

    async def solve(self, instance: object, policy: object) -> dict[str, Any]:
        """The result document. Raises ``Refused`` for a wrong instance, ``Unavailable("solver-died")``."""
        return await self._apart.run(_solve, instance, policy, self._clock)

    async def report(
        self, instance: object, policy: object, pairs: Mapping[str, str], sizes: Mapping[str, int]
    ) -> dict[str, Any]:
        """How fair the solved round is (``domain/fairness.py``)."""
        return await self._apart.run(report_round, instance, policy, pairs, sizes)

    def close(self) -> None:
        """Ends the process; a later ``solve`` makes another."""
        self._apart.close()


def _solve(instance: object, policy: object, clock: Callable[[], float]) -> dict[str, Any]:
    # Loaded there, not here: OR-Tools and numpy would be a third of the service's memory, and it never calls them.
    from services.matching.commands.solve_instance import solve_instance

    return solve_instance(instance, policy, clock)

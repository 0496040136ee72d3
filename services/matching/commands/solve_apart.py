"""Solving in a process of its own."""

from collections.abc import Callable
from typing import Any

from shared.runtime.apart import Apart


class SolverPool:
    """One process that solves one round after the other."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._apart = Apart("solver-died")

    async def solve(self, instance: object, policy: object) -> dict[str, Any]:
        """The result document. Raises ``Refused`` for a wrong instance, ``Unavailable("solver-died")``."""
        return await self._apart.run(_solve, instance, policy, self._clock)

    def close(self) -> None:
        """Ends the process; a later ``solve`` makes another."""
        self._apart.close()


def _solve(instance: object, policy: object, clock: Callable[[], float]) -> dict[str, Any]:
    # Loaded there, not here: OR-Tools and numpy would be a third of the service's memory, and it never calls them.
    from services.matching.commands.solve_instance import solve_instance

    return solve_instance(instance, policy, clock)

"""Everything that a round computes, from what is known to what is stored; no I/O, no clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.matching.commands.fairness import report_round
from services.matching.domain.explanation import Reason
from services.matching.domain.pool import Pool, PoolFile, pool_file
from services.matching.domain.waiting import with_unavailable
from services.matching.store import round_files
from shared.kernel.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class SolvedPool:
    """The file of the pool, its result, how fair that is, and what would help each of those who wait.

    ``files`` are file and result by their kind as they are stored, packed; the time it took is not part of them.
    """

    file: PoolFile
    result: dict[str, Any]
    fairness: dict[str, Any]
    helps: Mapping[str, tuple[Reason, ...]]
    files: Mapping[str, bytes]


def solve_pool(
    pool: Pool,
    policy: Mapping[str, Any],
    sizes: Mapping[str, int],
    solve: Callable[[object, object], dict[str, Any]],
) -> SolvedPool:
    """The solved round of a pool. ``sizes`` are the persons of a family, ``solve`` gives the result of a file."""
    file = pool_file(pool)
    result = solve(file.document, policy)
    timeless = {name: value for name, value in result.items() if name != "seconds"}
    pairs = {pair["family"]: pair["mentor"] for pair in result["pairs"]}
    return SolvedPool(
        file=file,
        result=result,
        fairness=report_round(file.document, policy, pairs, sizes),
        helps=with_unavailable(pool, file, result["waiting"], result["pairs"]),
        files={
            round_files.INSTANCE: round_files.pack(canonical_json(file.document)),
            round_files.RESULT: round_files.pack(canonical_json(timeless)),
        },
    )

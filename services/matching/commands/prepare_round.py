"""A round before it is stored: read the pool, write its file, have it solved."""

from services.matching.commands.round_record import HoldRound
from services.matching.commands.solve_apart import SolverPool
from services.matching.domain.policy import Policy, policy_document
from services.matching.domain.pool import pool_file
from services.matching.store import known, pool
from shared.storage.work import Reader


async def prepare_round(reader: Reader, solver: SolverPool, round_id: str, programme: str, day: str) -> HoldRound:
    """The solved round of a programme on a day. Raises ``NotFound`` for an unknown programme, ``Unavailable``."""
    # Counted before the pool is read: of two rounds that read the same pool only one can be stored.
    expected = await pool.version_of(reader, programme)
    source = await pool.load_pool(reader, programme, day)
    file = pool_file(source)
    policy = policy_document(Policy())
    result = await solver.solve(file.document, policy)
    pairs = {pair["family"]: pair["mentor"] for pair in result["pairs"]}
    fairness = await solver.report(file.document, policy, pairs, await known.persons_of(reader, source.participations))
    return HoldRound(
        id=round_id, expected=expected, pool=source, file=file, result=result, policy=policy, fairness=fairness
    )

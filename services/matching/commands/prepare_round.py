"""A round before it is stored: read the pool, have its file written and solved."""

from services.matching.commands.round_record import HoldRound
from services.matching.commands.solve_apart import SolverPool
from services.matching.domain.policy import Policy, policy_document
from services.matching.store import known, pool
from shared.storage.work import Reader


async def prepare_round(reader: Reader, solver: SolverPool, round_id: str, programme: str, day: str) -> HoldRound:
    """The solved round of a programme on a day. Raises ``NotFound``, ``Conflict``, ``Unavailable``."""
    # Counted before the pool is read: of two rounds that read the same pool only one can be stored.
    expected = await pool.version_of(reader, programme)
    source = await pool.load_pool(reader, programme, day)
    policy, sizes = policy_document(Policy()), await known.persons_of(reader, source.participations)
    solved = await solver.hold(source, policy, sizes)
    return HoldRound(
        id=round_id,
        expected=expected,
        pool=source,
        file=solved.file,
        result=solved.result,
        policy=policy,
        helps=solved.helps,
        files=solved.files,
        fairness=solved.fairness,
    )

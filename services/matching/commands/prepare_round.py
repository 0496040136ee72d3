"""A round before it is stored: read the pool, have its file written and solved."""

from dataclasses import dataclass

from services.matching.commands.round_record import HoldRound
from services.matching.commands.solve_apart import SolverPool
from services.matching.domain.policy import policy_document
from services.matching.domain.pool import Pool
from services.matching.domain.programme_policy import ProgrammePolicy
from services.matching.store import known, pool
from shared.kernel.dates import today
from shared.storage.store import Store
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class AskedRound:
    """A round that is to be held: its id, a programme of the pool, its day."""

    id: str
    programme: str
    date: str


async def prepare_round(store: Store, city: str, solver: SolverPool, asked: AskedRound) -> HoldRound:
    """The solved round of a programme, and of all that share its pool, on a day.

    Raises ``NotFound`` for an unknown programme, ``Conflict``, ``Unavailable``.
    """
    expected, source = await read_pool(store, city, asked.programme, asked.date)
    sizes = await known.persons_of(store.reader(city), source.participations)
    policy = policy_document(source.leads.engine)
    solved = await solver.hold(source, policy, sizes)
    return HoldRound(
        id=asked.id,
        expected=expected,
        pool=source,
        file=solved.file,
        result=solved.result,
        policy=policy,
        helps=solved.helps,
        files=solved.files,
        fairness=solved.fairness,
    )


async def read_pool(
    store: Store, city: str, programme: str, day: str, instead: ProgrammePolicy | None = None
) -> tuple[int, Pool]:
    """How many rounds the pool has had, and the pool, both as of one moment; as if it had the policy ``instead``."""
    now = today(store.clock())

    async def body(reader: Reader) -> tuple[int, Pool]:
        source = await pool.load_pool(reader, programme, (day, now), instead)
        return await pool.version_of(reader, source.programme.slug), source

    return await store.read_at_once(city, body)

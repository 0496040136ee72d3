"""What a round, or another policy, would come to: read the pool, have it tried apart; nothing is stored."""

import json
from dataclasses import dataclass, replace
from typing import Any

from services.matching.commands.prepare_round import read_pool
from services.matching.commands.set_policy import require_possible
from services.matching.commands.solve_apart import SolverPool
from services.matching.domain.policy import policy_document
from services.matching.domain.pool import Pool
from services.matching.domain.programme_policy import ProgrammePolicy
from services.matching.domain.rounds import Round
from services.matching.store import ROUNDS, known, policies, round_files
from shared.kernel.dates import today
from shared.storage.store import Store
from shared.storage.work import Reader


@dataclass(frozen=True, slots=True)
class TryRound:
    """A round of a programme's pool on a day; with another policy than the stored one, with rules made soft."""

    programme: str
    date: str
    policy: ProgrammePolicy | None = None
    soft: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TriedRound:
    """The pool, the engine's policy, and what came out (``commands/rehearse.py``)."""

    pool: Pool
    policy: dict[str, Any]
    found: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """The round whose file it was (``None``: today's pool), its day, and what came out."""

    round: str | None
    date: str
    found: dict[str, Any]


async def try_round(store: Store, city: str, solver: SolverPool, command: TryRound) -> TriedRound:
    """What a round would come to. Raises as ``prepare_round`` does, and ``Refused`` for an impossible policy."""
    if command.policy is not None:
        await require_possible(store.reader(city), command.policy, "/policy")
    _, source = await read_pool(store, city, command.programme, command.date, command.policy)
    sizes = await known.persons_of(store.reader(city), source.participations)
    policy = policy_document(source.leads.engine)
    return TriedRound(source, policy, await solver.dry_run((source, policy), command.soft, sizes, city=city))


async def compare_policy(store: Store, city: str, solver: SolverPool, policy: ProgrammePolicy) -> Compared:
    """The policy that holds and this one, side by side: on the last round's file, or on today's pool.

    The file is what the engine was given; musts, languages and the pool itself were decided before it was written.
    """
    reader, day = store.reader(city), today(store.clock())
    await require_possible(reader, policy)
    current = await policies.policy_of(reader, policy.programme, day)
    group = await policies.group_of(reader, policy.programme, day)
    last = await _last_round(reader, group) if _same_pool(current, policy) and group[0] == policy.programme else None
    if last is None:
        sources = [(await read_pool(store, city, policy.programme, day, one))[1] for one in (current, policy)]
        old, new = ((one, policy_document(one.leads.engine)) for one in sources)
        return Compared(None, day, await solver.preview(old, new, city=city))
    file = json.loads(await round_files.load(reader, last.id, round_files.INSTANCE))
    old, new = ((file, policy_document(one.engine)) for one in (current, policy))
    return Compared(last.id, last.date, await solver.preview(old, new, city=city))


def _same_pool(one: ProgrammePolicy, other: ProgrammePolicy) -> bool:
    """Whether both make the same file of one pool."""
    return (
        replace(
            one,
            musts=other.musts,
            understands=other.understands,
            shares=other.shares,
            waits_on_after=other.waits_on_after,
        )
        == one
    )


async def _last_round(reader: Reader, group: tuple[str, ...]) -> Round | None:
    """The last round of the leading programme, if it was about the same pool; who reaches this one may see it then."""
    found = await ROUNDS.find(reader, {"programme": group[0]}, sort=[("recorded_at", -1)], limit=1)
    return found[0] if found and set(found[0].slugs) == set(group) else None

"""Rounds that nobody asks for: every night, or when changes have come to rest. They propose, as any round does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import structlog

from services.matching.commands.hold_round import hold_round
from services.matching.commands.prepare_round import AskedRound, prepare_round
from services.matching.commands.solve_apart import SolverPool
from services.matching.domain.programme_policy import AFTER_CHANGES, NIGHTLY, group_around
from services.matching.store import ROUNDS, known, policies, pool
from shared.kernel.clock import read_instant, write_instant
from shared.kernel.dates import today
from shared.kernel.errors import Conflict
from shared.kernel.ids import crockford
from shared.messaging.freshness import require_fresh
from shared.observability import metrics as names
from shared.security.principals import Actor
from shared.storage.jobs import night_of
from shared.storage.mongo import MongoFault
from shared.storage.store import Store
from shared.storage.work import Reader, Work

AT_REST: Final = timedelta(minutes=10)
_HELD_MEANWHILE: Final = ("round-in-progress", "already-exists")
Clock = Callable[[], float]
Hold = Callable[[Store, str, SolverPool, tuple[str, ...]], Awaitable[bool]]

log = structlog.get_logger(__name__)


async def hold_nightly(store: Store, clock: Clock) -> int:
    """A round for every pool in which a programme wants one each night; says how many were held.

    May be begun again: a night's round has one id. Where one fails the others are held, and the fault is raised last.
    """
    return await _everywhere(store, clock, NIGHTLY, _of_the_night)


async def hold_after_changes(store: Store, clock: Clock) -> int:
    """A round for every pool in which a programme wants one after changes and nothing has moved for ten minutes."""
    return await _everywhere(store, clock, AFTER_CHANGES, _after_changes)


async def _everywhere(store: Store, clock: Clock, rhythm: str, hold: Hold) -> int:
    solver, held, faults = SolverPool(clock), 0, list[Exception]()
    try:
        for city in await store.cities():
            for group in await _groups(store.reader(city), today(store.clock()), rhythm):
                try:
                    held += await hold(store, city, solver, group)
                except MongoFault:
                    raise
                except Exception as fault:  # noqa: BLE001  # one programme's fault is not the others'; raised below
                    log.error("round-failed", city=city, programme=group[0], error=type(fault).__name__)
                    faults.append(fault)
    finally:
        solver.close()
    if faults:
        raise faults[0]
    return held


async def _groups(reader: Reader, day: str, rhythm: str) -> list[tuple[str, ...]]:
    """The pools, as programmes by name, in which one has this rhythm and may begin something on the day."""
    rules = await policies.all_on(reader, day)
    open_ones = {one.slug for one in await known.programmes(reader) if one.begins_on(day)}
    groups = {
        group_around(one.programme, rules) for one in rules if one.rhythm == rhythm and one.programme in open_ones
    }
    return sorted(groups)


async def _of_the_night(store: Store, city: str, solver: SolverPool, group: tuple[str, ...]) -> bool:
    night = night_of(store.clock())
    return await _hold(store, city, solver, (group, f"night {night}"), "nightly")


async def _after_changes(store: Store, city: str, solver: SolverPool, group: tuple[str, ...]) -> bool:
    """Looks whether the pool has changed since this was last asked, and holds a round when it has come to rest."""
    reader, now = store.reader(city), store.clock()
    state = await pool.state_of(reader, group)
    watched = await pool.watched(reader, group[0])
    actor = Actor("service/matching", "service", "changes")
    if watched.get("state") != state:
        seen = {"state": state, "since": write_instant(now), "held": watched.get("held", "")}
        await store.transact(city, actor, lambda work: pool.watch(work, group[0], seen))
        return False
    if watched["held"] == state or now - read_instant(watched["since"]) < AT_REST:
        return False
    held = await _hold(store, city, solver, (group, f"changes {watched['since']} {state}"), "changes")
    # What the round itself has changed is nothing new.
    after: dict[str, Any] = {**watched, "held": state}
    await store.transact(city, actor, lambda work: pool.watch(work, group[0], after))
    return held


async def _hold(
    store: Store, city: str, solver: SolverPool, why: tuple[tuple[str, ...], str], correlation: str
) -> bool:
    """Whether the round was held; not where it was before, or somebody else holds one at this moment."""
    group, occasion = why
    round_id = f"rnd_{crockford(int.from_bytes(sha256(f'{city} {group[0]} {occasion}'.encode()).digest()[:16]), 26)}"
    if await ROUNDS.find_one(store.reader(city), {"_id": round_id}) is not None:
        return False
    await require_fresh(store, known.CONSENTS_TOPIC, "consents-stale")
    day = today(store.clock())
    asked = AskedRound(round_id, await _open_one(store.reader(city), group, day), day)
    command = await prepare_round(store, city, solver, asked)
    store.metrics.observe(names.ROUND_SECONDS, command.result["seconds"], city=city)

    async def body(work: Work) -> None:
        await hold_round(work, command)

    try:
        await store.transact(city, Actor("service/matching", "service", correlation), body)
    except Conflict as conflict:
        if conflict.code not in _HELD_MEANWHILE:
            raise
        return False
    return True


async def _open_one(reader: Reader, group: tuple[str, ...], day: str) -> str:
    """The one to ask for: the leader may have ended, and whoever is asked for is in the file by name."""
    open_ones = {one.slug for one in await known.programmes(reader) if one.begins_on(day)}
    return next(slug for slug in group if slug in open_ones)

"""Proofs: recorded with the person, asked for by the programme, forgotten when nobody needs them.

What an engagement tells of them follows: at once where somebody is there to do it, and every night.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from services.registry.commands.versions import require_version
from services.registry.domain.days import require_past
from services.registry.domain.engagements import Engagement
from services.registry.domain.places import Programme
from services.registry.domain.proofs import Proof, ProofRules, RoleRule, months_after
from services.registry.store.proofs import as_held, forget_proofs, held_by, hold_proofs
from services.registry.store.repositories import (
    ENGAGEMENTS,
    PROGRAMMES,
    PROOFS,
    SITES,
    forget_in_engagement,
    require_known,
    save_engagement,
    save_programme,
)
from shared.kernel.dates import today
from shared.kernel.errors import Finding, NotFound, Refused
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Reader, Work

_NIGHT: Final = Actor("service/registry", "service", "proofs-nightly")
_RUNNING: Final[dict[str, Any]] = {"left_on": None, "person": {"$ne": None}}


@dataclass(frozen=True, slots=True)
class _Seen:
    """One moment of a city: all programmes, all proofs by person, the engagements that were asked for."""

    programmes: dict[str, Programme]
    proofs: dict[str, list[Proof]]
    engagements: list[Engagement]


async def record_proof(work: Work, proof: Proof) -> Proof:
    """A proof was seen; the person's running engagements count on it from now on. Raises ``Refused``."""
    require_past(proof.seen_on, work.today, "/seen_on")
    if proof.dated_on > proof.seen_on:
        raise Refused("invalid", (Finding("/dated_on", "too-late", f"<= {proof.seen_on}"),))
    await require_known(work, "people", proof.person, "/person")
    await hold_proofs(work, proof.person)
    saved = await PROOFS.save(work, replace(proof, recorded_at=work.now), "proof-recorded")
    await _count_anew(work, proof.person, "proof-recorded")
    return saved


async def withdraw_proof(work: Work, person: str, key: str) -> Proof:
    """A proof that was entered by mistake is deleted. Raises ``NotFound``."""
    proof = await PROOFS.get(work, key)
    if proof.person != person:
        raise NotFound("proof-not-found")
    await hold_proofs(work, person)
    await forget_proofs(work, {"_id": key}, "proof-withdrawn")
    await _count_anew(work, person, "proof-withdrawn")
    return replace(proof, version=proof.version + 1)


async def require_proofs(work: Work, key: str, rule: RoleRule) -> Programme:
    """What a role needs from a day on. Its engagements follow afterwards (``follow_proofs``)."""
    programme = await PROGRAMMES.get(work, key)
    if rule.site is not None and await SITES.find_one(work, {"_id": rule.site}) is None:
        raise Refused("invalid", (Finding("/site", "not-one-of", "a site of this city"),))
    rules = programme.proofs.with_rule(replace(rule, recorded_at=work.now))
    return await save_programme(work, replace(programme, proofs=rules), "proofs-required")


async def keep_proofs_for(work: Work, key: str, expected: int, values: dict[str, Any]) -> Programme:
    """For how many months a programme's notes of proofs are kept. Raises ``VersionLost``."""
    programme = await PROGRAMMES.get(work, key)
    require_version(programme.version, expected)
    return await save_programme(work, replace(programme, proofs=replace(programme.proofs, **values)), "keeping-changed")


async def tell_proofs(store: Store) -> int:
    """Tells what the days alone have changed, such as a proof that has ended; for every night. Says of how many."""
    return sum([await follow_proofs(store, city, _NIGHT, {}) for city in await store.cities()])


async def follow_proofs(store: Store, city: str, actor: Actor, query: dict[str, Any]) -> int:
    """Tells those running engagements anew of which something else holds than was told; says how many."""
    day, told = today(store.clock()), 0
    seen = await _seen(store, city, {**query, **_RUNNING})
    for engagement in seen.engagements:
        programme = seen.programmes[engagement.programme]
        now = replace(engagement, proofs=as_held(seen.proofs.get(engagement.person or "", ())))
        if programme.state(day) != "ended" and now.following(programme, day) != engagement:
            await store.transact(city, actor, _follow(engagement.id))
            told += 1
    return told


async def forget_clearances(store: Store) -> int:
    """Deletes the notes of proofs that nobody needs any more; for every night. Says how many it deleted.

    What was told of them is to be forgotten by Kafka as well.
    """
    return sum([await _forget(store, city) for city in await store.cities()])


async def _forget(store: Store, city: str) -> int:
    day, deleted = today(store.clock()), 0
    noted = {"$or": [{"clearance": {"$ne": None}}, {"proofs.0": {"$exists": True}}]}
    seen = await _seen(store, city, noted)
    for engagement in seen.engagements:
        if engagement.forgetting(seen.programmes[engagement.programme], day) != engagement:
            await store.transact(city, _NIGHT, _forget_notes(engagement.id))
            deleted += 1
    again = await _seen(store, city, {"person": {"$ne": None}})
    engaged: dict[str, list[Engagement]] = {}
    for engagement in again.engagements:
        engaged.setdefault(engagement.person or "", []).append(engagement)
    for person, shown in again.proofs.items():
        if _are_over(shown, engaged.get(person, []), again.programmes, day):
            deleted += await store.transact(city, _NIGHT, _forget_shown(person))
    return deleted


def _are_over(shown: list[Proof], engaged: list[Engagement], programmes: dict[str, Programme], day: str) -> bool:
    """Whether a person's proofs are to be deleted: when the last of her engagements would forget them."""
    if not shown:
        return False
    if not engaged:
        return months_after(max(proof.seen_on for proof in shown), ProofRules().unused_months) <= day
    days = [
        replace(one, proofs=as_held(shown), clearance=None).forget_from(programmes[one.programme], day)
        for one in engaged
    ]
    return all(found is not None and found <= day for found in days)


async def _seen(store: Store, city: str, query: dict[str, Any]) -> _Seen:
    async def read(reader: Reader) -> _Seen:
        proofs: dict[str, list[Proof]] = {}
        for proof in await PROOFS.find(reader, {}):
            proofs.setdefault(proof.person, []).append(proof)
        programmes = {programme.id: programme for programme in await PROGRAMMES.find(reader, {})}
        return _Seen(programmes, proofs, await ENGAGEMENTS.find(reader, query))

    return await store.read_at_once(city, read)


async def _count_anew(work: Work, person: str, fact: str) -> None:
    proofs = await held_by(work, person)
    for engagement in await ENGAGEMENTS.find(work, {"person": person, "left_on": None}):
        await save_engagement(work, replace(engagement, proofs=proofs), fact)


def _follow(key: str) -> Callable[[Work], Awaitable[None]]:
    async def body(work: Work) -> None:
        engagement = await ENGAGEMENTS.get(work, key)
        now = replace(engagement, proofs=await held_by(work, engagement.person))
        programme = await PROGRAMMES.get(work, engagement.programme)
        if engagement.left_on is None and now.following(programme, work.today) != engagement:
            await save_engagement(work, now, "proofs-followed")

    return body


def _forget_notes(key: str) -> Callable[[Work], Awaitable[None]]:
    async def body(work: Work) -> None:
        engagement = await ENGAGEMENTS.get(work, key)
        programme = await PROGRAMMES.get(work, engagement.programme)
        without = engagement.forgetting(programme, work.today)
        if without != engagement:
            await forget_in_engagement(work, without.following(programme, work.today), "clearance-deleted")

    return body


def _forget_shown(person: str) -> Callable[[Work], Awaitable[int]]:
    async def body(work: Work) -> int:
        await hold_proofs(work, person)
        shown = await PROOFS.find(work, {"person": person})
        engaged = await ENGAGEMENTS.find(work, {"person": person})
        named = {"_id": {"$in": sorted({one.programme for one in engaged})}}
        programmes = {programme.id: programme for programme in await PROGRAMMES.find(work, named)}
        over = _are_over(shown, engaged, programmes, work.today)
        return await forget_proofs(work, {"person": person}, "proof-deleted") if over else 0

    return body

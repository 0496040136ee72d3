"""Providing, changing and ending programmes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.registry.commands.modules import follow_modules
from services.registry.commands.places import require_district
from services.registry.commands.versions import require_version
from services.registry.domain.modules import require_modules
from services.registry.domain.places import CaseDecision, Programme, require_period
from services.registry.domain.roles import RoleHeld, require_roles
from services.registry.domain.terms import FIELDS, Terms, require_targets
from services.registry.store.known import open_tandems
from services.registry.store.repositories import PEOPLE, PROGRAMMES, SITES, require_known, save_programme
from shared.kernel.errors import Finding, Refused
from shared.messaging.reactions import Ask
from shared.security.principals import Actor
from shared.storage.store import Store
from shared.storage.work import Work


async def provide_programme(work: Work, programme: Programme) -> Programme:
    """A programme at known sites."""
    await _require_fit(work, programme)
    require_targets(programme.targets, special=programme.special)
    require_modules(programme.modules)
    return await save_programme(work, programme.provided(work.now), "programme-provided")


async def change_programme(
    work: Work, key: str, expected: int, values: Mapping[str, Any], since: str | None = None
) -> Programme:
    """New values of some fields. Raises ``VersionLost``, ``Refused``, ``Conflict``.

    Terms hold from ``since`` on; where that is not said, from today on, or from the last day of one that is over.
    """
    programme = await PROGRAMMES.get(work, key)
    require_version(programme.version, expected)
    terms = {name: value for name, value in values.items() if name in FIELDS}
    changed = replace(programme, **{name: value for name, value in values.items() if name not in terms})
    await _require_fit(work, changed)
    require_targets(terms.get("targets", ()), special=changed.special)
    require_modules(terms.get("modules", ()))
    day = since or changed.latest_day(work.today)
    if terms:
        changed = changed.agreed(Terms(**terms), day, work.now)
    saved = await save_programme(work, changed, "programme-changed")
    if "modules" in terms:
        await follow_modules(work, saved, day)
    return saved


async def assign_roles(work: Work, key: str, expected: int, roles: tuple[RoleHeld, ...]) -> Programme:
    """All roles of the programme, instead of those it had. Raises ``VersionLost``, ``Refused``."""
    programme = await PROGRAMMES.get(work, key)
    require_version(programme.version, expected)
    require_roles(roles)
    for number, held in enumerate(roles):
        await require_known(work, PEOPLE.collection, held.person, f"/roles/{number}/person")
    return await save_programme(work, replace(programme, roles=roles), "roles-assigned")


async def tell_terms_begun(store: Store) -> int:
    """Tells programmes anew whose terms are others today than when they were told; for every night. Says how many."""
    actor = Actor("service/registry", "service", "terms-begun")
    return sum([await store.transact(city, actor, _tell_begun) for city in await store.cities()])


async def _tell_begun(work: Work) -> int:
    begun = [one for one in await PROGRAMMES.find(work, {}) if one.on(work.today) != one]
    for programme in begun:
        await save_programme(work, programme, "terms-begun")
    return len(begun)


async def end_programme(work: Work, key: str, until: str | None, decided: tuple[CaseDecision, ...]) -> Programme:
    """Nothing new from ``until`` (today where not said): *ending* while tandems are open, then *ended*."""
    programme = await PROGRAMMES.get(work, key)
    left = await _open_cases(work, key, decided)
    return await save_programme(
        work, programme.ending(until or work.today, work.today, decided, left), "programme-ended"
    )


async def settle_programme(ask: Ask) -> None:
    """The reaction to the end of a tandem: an ending programme without an open case has ended."""

    async def body(work: Work) -> None:
        programme = await PROGRAMMES.get(work, str(ask.payload["programme"]))
        settled = programme.settled(work.today, await _open_cases(work, programme.id, programme.decided))
        if settled != programme:
            settled = await save_programme(work, settled, "programme-closed")
        work.remember(200, settled.id, settled.version)

    await ask.store.transact(ask.city, ask.actor, body, ask.once)


async def _open_cases(work: Work, key: str, decided: tuple[CaseDecision, ...]) -> int:
    return len(await open_tandems(work, key) - {decision.case for decision in decided})


async def _require_fit(work: Work, programme: Programme) -> None:
    require_period(programme.begin, programme.until)
    programme.require_neutral()
    for number, district in enumerate(programme.districts):
        await require_district(work, district, f"/districts/{number}")
    for number, site in enumerate(programme.sites):
        if await SITES.find_one(work, {"_id": site}) is None:
            raise Refused("invalid", (Finding(f"/sites/{number}", "not-one-of", "a site of this city"),))

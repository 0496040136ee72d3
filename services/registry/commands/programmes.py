"""Providing, changing and ending programmes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.registry.commands.versions import require_version
from services.registry.domain.places import CaseDecision, Programme, require_period
from services.registry.store.known import open_tandems
from services.registry.store.repositories import PROGRAMMES, SITES, save_programme
from shared.kernel.errors import Finding, Refused
from shared.messaging.reactions import Ask
from shared.storage.work import Work


async def provide_programme(work: Work, programme: Programme) -> Programme:
    """A programme at known sites."""
    await _require_fit(work, programme)
    return await save_programme(work, programme, "programme-provided")


async def change_programme(work: Work, key: str, expected: int, values: Mapping[str, Any]) -> Programme:
    """New values of some fields. Raises ``VersionLost``, ``Refused``."""
    programme = await PROGRAMMES.get(work, key)
    require_version(programme.version, expected)
    changed = replace(programme, **values)
    await _require_fit(work, changed)
    return await save_programme(work, changed, "programme-changed")


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
    for number, site in enumerate(programme.sites):
        if await SITES.find_one(work, {"_id": site}) is None:
            raise Refused("invalid", (Finding(f"/sites/{number}", "not-one-of", "a site of this city"),))
    codes = [module.code for module in programme.modules]
    for number, code in enumerate(codes):
        if code in codes[:number]:
            raise Refused("invalid", (Finding(f"/modules/{number}/code", "used-twice"),))

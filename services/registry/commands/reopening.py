"""Taking up again a participation that was ended."""

from dataclasses import replace

from services.registry.domain.participations import Participation
from services.registry.store.contacts import hold_address
from services.registry.store.repositories import (
    FAMILIES,
    PARTICIPATIONS,
    PROGRAMMES,
    place_on,
    save_participation,
)
from shared.kernel.errors import Conflict
from shared.storage.work import Work


async def reopen_participation(work: Work, key: str, waiting_since: str | None, reason: str) -> Participation:
    """Runs again; what is known of the family and of the place by now is copied, as where one begins.

    Raises ``Refused`` where nothing begins in the programme today, and ``Conflict``: ``not-ended``, ``erased``, and
    ``already-participating`` where another participation of the same one runs.
    """
    ended = await PARTICIPATIONS.get(work, key)
    opened = ended.reopened(waiting_since or work.today, work.today)
    (await PROGRAMMES.get(work, ended.programme)).require_open(work.today, "")
    await hold_address(work, ended.family or ended.person or "")
    await _require_no_other(work, ended)
    if ended.family is not None:
        family = await FAMILIES.get(work, ended.family)
        opened = replace(
            opened, districts=family.districts, languages=family.languages, not_wished_at_home=family.not_wished
        )
    place = await place_on(work, ended.sites, work.today)
    if place != ended.place:
        opened = replace(opened, place=place, counted=ended.counted_at)
    return await save_participation(work, opened, "participation-reopened", reason)


async def _require_no_other(work: Work, ended: Participation) -> None:
    name = "family" if ended.family is not None else "person"
    query = {name: getattr(ended, name), "programme": ended.programme, "ended_on": None}
    if await PARTICIPATIONS.find(work, query):
        raise Conflict("already-participating")
